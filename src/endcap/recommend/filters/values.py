"""The values of a column of the catalogue as arrays, by what they are."""

from __future__ import annotations

import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar, Final, Literal, TypeAlias

import numpy as np
import polars as pl

from endcap.data.arrays import BoolArray, Float64Array
from endcap.errors import DataError

Kind: TypeAlias = Literal["number", "text", "flag", "list"]

_EXACT: Final = 2**53  # beyond it, floating-point numbers leave out whole ones
_KEPT: Final = 128  # answers of one text column that are remembered

TESTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "STARTS WITH": str.startswith,
    "ENDS WITH": str.endswith,
    "CONTAINS": operator.contains,
}
"""What a text is asked beside whether it equals another."""


class ColumnValues(ABC):
    """The values of one column, in the order of the catalogue; they may be changed one by one."""

    kind: ClassVar[Kind]
    version: int = 0
    """Goes up with every change, so that what was computed from the column can be known to be old."""

    @abstractmethod
    def get(self, at: int) -> Any:
        """Return a product's value, None where it has none."""

    @abstractmethod
    def _put(self, at: int, value: Any) -> None: ...

    @abstractmethod
    def known(self) -> BoolArray:
        """Return which products have a value."""

    def put(self, at: int, value: Any) -> None:
        """Change a product's value; None takes it away."""
        self._put(at, value)
        self.version += 1


class Numbers(ColumnValues):
    """Numbers; NaN where there is none."""

    kind = "number"

    def __init__(self, column: pl.Series) -> None:
        self.values: Float64Array = column.cast(pl.Float64).fill_null(math.nan).to_numpy(writable=True)

    def get(self, at: int) -> float | None:
        """Return a product's value, None where it has none."""
        value = float(self.values[at])
        return None if math.isnan(value) else value

    def known(self) -> BoolArray:
        """Return which products have a value."""
        return ~np.isnan(self.values)

    def _put(self, at: int, value: Any) -> None:
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise DataError(f"{value!r} is not a number")
        self.values[at] = math.nan if value is None else value


class Flags(ColumnValues):
    """True and false."""

    kind = "flag"

    def __init__(self, column: pl.Series) -> None:
        self.values = column.cast(pl.Int8).fill_null(-1).to_numpy(writable=True)

    def get(self, at: int) -> bool | None:
        """Return a product's value, None where it has none."""
        return None if self.values[at] < 0 else bool(self.values[at])

    def known(self) -> BoolArray:
        """Return which products have a value."""
        known: BoolArray = self.values >= 0
        return known

    def _put(self, at: int, value: Any) -> None:
        if not isinstance(value, bool | None):
            raise DataError(f"{value!r} is neither true nor false")
        self.values[at] = -1 if value is None else value


class _Coded(ColumnValues):
    """Texts, each different one kept once and known by its number."""

    def __init__(self, texts: pl.Series) -> None:
        self.texts: list[str] = texts.unique().drop_nulls().sort().to_list()
        self.code = {text: code for code, text in enumerate(self.texts)}
        self._which = lru_cache(_KEPT)(self._which_of)

    def which(self, sign: str, value: str) -> BoolArray:
        """Return for which of the different texts `text SIGN value` is true, and false once more for no text at all."""
        return self._which(sign, value, len(self.texts))

    def _which_of(self, sign: str, value: str, _size: int) -> BoolArray:
        return np.array([*(TESTS[sign](text, value) for text in self.texts), False], np.bool_)

    def _code_of(self, text: Any) -> int:
        if not isinstance(text, str):
            raise DataError(f"{text!r} is not a text")
        if text not in self.code:
            self.code[text] = len(self.texts)
            self.texts.append(text)
        return self.code[text]


class Texts(_Coded):
    """Texts; days and moments are such too, written as ISO 8601 has it."""

    kind = "text"

    def __init__(self, column: pl.Series) -> None:
        texts = column.cast(pl.String) if column.dtype != pl.Datetime else column.dt.to_string("iso:strict")
        super().__init__(texts)
        codes = texts.replace_strict(self.texts, range(len(self.texts)), default=-1, return_dtype=pl.Int32)
        self.codes = codes.fill_null(-1).to_numpy(writable=True)

    def get(self, at: int) -> str | None:
        """Return a product's value, None where it has none."""
        return None if self.codes[at] < 0 else self.texts[self.codes[at]]

    def known(self) -> BoolArray:
        """Return which products have a value."""
        known: BoolArray = self.codes >= 0
        return known

    def _put(self, at: int, value: Any) -> None:
        self.codes[at] = -1 if value is None else self._code_of(value)


class Lists(_Coded):
    """Several texts a product, such as tags."""

    kind = "list"

    def __init__(self, column: pl.Series) -> None:
        lists = column.cast(pl.List(pl.String))
        pairs = pl.DataFrame({"row": np.arange(len(lists)), "text": lists}).explode("text").drop_nulls()
        super().__init__(pairs["text"])
        self._known = lists.is_not_null().to_numpy(writable=True)
        self.rows = pairs["row"].to_numpy()
        self.codes = (
            pairs["text"]
            .replace_strict(self.texts, range(len(self.texts)), default=-1, return_dtype=pl.Int32)
            .to_numpy()
        )

    def get(self, at: int) -> list[str] | None:
        """Return a product's value, None where it has none."""
        return [self.texts[code] for code in self.codes[self.rows == at]] if self._known[at] else None

    def known(self) -> BoolArray:
        """Return which products have a value."""
        return self._known.copy()

    def holding(self, text: str) -> BoolArray:
        """Return which products' lists hold a text."""
        found = np.zeros(len(self._known), np.bool_)
        found[self.rows[self.codes == self.code.get(text, -1)]] = True
        return found

    def _put(self, at: int, value: Any) -> None:
        if value is not None and not isinstance(value, list):
            raise DataError(f"{value!r} is not a list of texts")
        codes = [self._code_of(text) for text in value or []]
        others = self.rows != at
        rows = np.full(len(codes), at, self.rows.dtype)
        self.rows = np.concatenate([self.rows[others], rows])
        self.codes = np.concatenate([self.codes[others], np.array(codes, self.codes.dtype)])
        self._known[at] = value is not None


def column_values(column: pl.Series) -> ColumnValues | str:
    """Return a column's values, or why it can't be used."""
    dtype = column.dtype
    if dtype == pl.Boolean:
        return Flags(column)
    if dtype.is_numeric():
        if dtype.is_integer() and max(abs(int(column.max() or 0)), abs(int(column.min() or 0))) > _EXACT:  # type: ignore[arg-type]
            return "holds whole numbers beyond 2^53, which can't be told apart; import it as text"
        return Numbers(column)
    if dtype in (pl.String, pl.Categorical, pl.Enum, pl.Date, pl.Datetime, pl.Null):
        return Texts(column)
    if isinstance(dtype, pl.List) and (dtype.inner in (pl.String, pl.Null) or dtype.inner.is_numeric()):
        return Lists(column)
    return f"holds {dtype}; conditions are put on numbers, texts, flags, days and lists of texts"
