"""The shelf: every product that could be shown, in memory, as recommendations need it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import polars as pl

from endcap.data.arrays import BoolArray, CsrMatrix, Int32Array
from endcap.data.schema import ITEM
from endcap.data.vocabulary import Id
from endcap.recommend.filters.columns import Columns
from endcap.recommend.kin import described

NOT_TO_BE_HAD: Final = frozenset({"out_of_stock", "discontinued"})
"""Values of `availability` with which a product isn't shown; in stock, on pre-order or back-order it is."""
HIDDEN: Final = "hidden"
"""The attribute that takes a product off the shelf while it is true."""
_ALWAYS: Final = {"availability": pl.String, "price": pl.Float64, "sale_price": pl.Float64, HIDDEN: pl.Boolean}
"""Columns that are there even where the catalogue lacks them, so that they can change while a server runs."""
_TRUE: Final = frozenset({"true", "1", "yes"})


class Shelf:
    """The products of the catalogue and of the events; a row of the shelf is a product.

    Where there is a catalogue, only its products are shown: others have no title and no page. Where there is none,
    all that the events know.

    Parameters
    ----------
    items
        The catalogue, or None.
    known
        Ids of the products in the training data, whose positions there `row_of_position` translates.

    Examples
    --------
    >>> import polars as pl
    >>> from endcap.recommend.shelf import Shelf
    >>> items = pl.DataFrame({"item_id": ["a", "b"], "availability": ["in_stock", "out_of_stock"]})
    >>> shelf = Shelf(items, pl.Series(["a", "c"]))
    >>> shelf.ids, shelf.eligible.tolist(), shelf.why_not(1)
    (['a', 'b', 'c'], [True, False, False], 'availability is out_of_stock')
    """

    def __init__(self, items: pl.DataFrame | None, known: pl.Series) -> None:
        if items is None or items.is_empty():
            frame, self.listed = pl.DataFrame({ITEM: known}), len(known)
        else:
            others = known.filter(~known.is_in(items[ITEM].implode())).cast(items.schema[ITEM])
            frame = pl.concat([items, pl.DataFrame({ITEM: others})], how="diagonal")
            self.listed = len(items)
        absent = {name: dtype for name, dtype in _ALWAYS.items() if name not in frame.columns}
        frame = frame.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in absent.items())
        self.ids: list[Id] = frame[ITEM].to_list()
        self.row_of: dict[Id, int] = {id_: row for row, id_ in enumerate(self.ids)}
        self.columns = Columns(frame)
        positions = [self.row_of[id_] for id_ in known.to_list()]
        self.row_of_position: Int32Array = np.array(positions, np.int32)
        """Shape (items of the training data,)."""
        self.position_of_row: Int32Array = np.full(len(frame), -1, np.int32)
        """Shape (rows,); -1: not in the training data."""
        self.position_of_row[self.row_of_position] = np.arange(len(positions), dtype=np.int32)
        self.is_new: BoolArray = (self.position_of_row < 0) & (np.arange(len(frame)) < self.listed)
        """Shape (rows,): products of the catalogue that aren't in the training data."""
        self._frame = frame
        self.groups = _codes(frame, "item_group_id")
        """Shape (rows,): variants of a product have the same number; -1: it has none."""
        self.types = _codes(frame, "product_type")
        """Shape (rows,): products of a type have the same number; -1: it isn't known."""
        self.eligible: BoolArray = np.ones(len(frame), np.bool_)
        """Shape (rows,): what is listed, to be had, and not hidden."""
        self.eligible[self.listed :] = False
        for row in _doubtful(frame):
            self.eligible[row] = self.why_not(row) is None
        self._products: dict[int, dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def vectors(self) -> CsrMatrix:
        """Return what each product is by its attributes, shape (rows, values); it takes seconds where they are many."""
        return described(self._frame)

    def rows(self, items: Iterable[Id]) -> list[int]:
        """Return the rows of products, without those that the shelf doesn't know."""
        return [self.row_of[item] for item in items if item in self.row_of]

    def product(self, row: int) -> dict[str, Any]:
        """Return what the catalogue says of a product; values that are missing are left out."""
        found = self._products.get(row)
        if found is None:
            found = {name: value for name, value in self.columns.row(row).items() if value is not None}
            found[ITEM] = self.ids[row]  # as it is, not as the number that conditions compare
            self._products[row] = found
        return found

    def put(self, item: Id, values: Mapping[str, Any]) -> None:
        """Change some of a product's values; in force for the next answer.

        Raises
        ------
        DataError
            Where a column isn't there yet, or holds values of another kind.
        UnknownIdError
            Where the shelf doesn't have the product.
        """
        row = self.row_of[item]
        for name, value in values.items():
            self.columns.put(name, row, value)
        self._products.pop(row, None)
        self.eligible[row] = self.why_not(row) is None

    def why_not(self, row: int) -> str | None:
        """Return why a product isn't shown anywhere; None where it is."""
        if row >= self.listed:
            return "it isn't in the catalogue"
        availability = self._value("availability", row)
        if availability in NOT_TO_BE_HAD:
            return f"availability is {availability}"
        if str(self._value(HIDDEN, row)).lower() in _TRUE:
            return "it is hidden"
        return None

    def _value(self, name: str, row: int) -> Any:
        return self.columns[name].get(row) if name in self.columns else None


def _doubtful(frame: pl.DataFrame) -> list[int]:
    """Return the rows that may not be eligible."""
    doubts = []
    if "availability" in frame.columns:
        doubts.append(pl.col("availability").is_in(list(NOT_TO_BE_HAD)))
    if HIDDEN in frame.columns:
        doubts.append(pl.col(HIDDEN).cast(pl.String).str.to_lowercase().is_in(list(_TRUE)))
    if not doubts:
        return []
    return frame.select(pl.any_horizontal(doubts).fill_null(False)).to_series().arg_true().to_list()


def _codes(frame: pl.DataFrame, column: str) -> Int32Array:
    """Return equal numbers for equal texts, shape (rows,); -1 where there is none."""
    if column not in frame.columns:
        return np.full(len(frame), -1, np.int32)
    texts = frame[column].cast(pl.String).replace("", None)
    numbers = texts.rank("dense").fill_null(0).cast(pl.Int32)
    return numbers.to_numpy() - 1
