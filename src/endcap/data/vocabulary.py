"""The two-way map between a user's ids and positions in a matrix."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from endcap import native
from endcap.data.arrays import Int32Array, Int64Array
from endcap.errors import IdTypeError

Id: TypeAlias = str | int
_FEW = 16
_LOWEST = -(2**63)  # the lowest whole number that a column holds


class Vocabulary:
    """Distinct ids in ascending order; an id's position is its index in a matrix.

    Ids are text or whole numbers and come back as they went in. Being sorted, the vocabulary doesn't depend on
    the order of the rows it was made from, and can be searched without an index in memory.

    Parameters
    ----------
    ids
        Ids in any order, repeats allowed; nulls are not.

    Raises
    ------
    IdTypeError
        Where the ids are neither text nor whole numbers.

    Examples
    --------
    >>> from endcap.data.vocabulary import Vocabulary
    >>> items = Vocabulary(["sku-9", "sku-1", "sku-9"])
    >>> items.encode(["sku-1", "sku-2", "sku-9"]).tolist()
    [0, -1, 1]
    >>> items.decode([1, 0]).to_list()
    ['sku-9', 'sku-1']
    """

    def __init__(self, ids: Iterable[Id] | pl.Series) -> None:
        self.ids: pl.Series = _distinct(_as_ids(ids)).alias("id")

    @classmethod
    def from_sorted(cls, ids: pl.Series) -> Vocabulary:
        """Return a vocabulary of ids known to be sorted and distinct, without checking."""
        vocabulary = cls.__new__(cls)
        vocabulary.ids = ids.alias("id")
        return vocabulary

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, id_: object) -> bool:
        return isinstance(id_, (str, int)) and not isinstance(id_, bool) and bool(self.encode([id_])[0] >= 0)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} ids, {self.ids.dtype})"

    @property
    def is_text(self) -> bool:
        """Whether the ids are text."""
        return self.ids.dtype == pl.String

    def encode(self, ids: Iterable[Id] | pl.Series) -> Int32Array:
        """Return the positions of ids, shape (len(ids),), -1 for those not in the vocabulary.

        Raises
        ------
        IdTypeError
            Where the ids are text and the vocabulary's are numbers, or the reverse.
        """
        if isinstance(ids, (list, tuple)) and len(ids) <= _FEW:
            kind = str if self.is_text else int
            if all(type(id_) is kind for id_ in ids):
                return self._encode_few(ids)
        series = _as_ids(ids)
        if len(series) == 0 or len(self) == 0:
            return np.full(len(series), -1, np.int32)
        if (series.dtype == pl.String) != self.is_text:
            mine, theirs = ("text", "numbers") if self.is_text else ("numbers", "text")
            raise IdTypeError(
                f"ids here are {mine}, for example {self.ids[0]!r}, but {theirs} were given, for example "
                f"{series[0]!r}; give ids in the type that the data has"
            )
        few = len(series) < len(self) // 8 + 100
        own = self.ids
        if not self.is_text:
            own = own.cast(pl.Int64)
            first, last = int(own[0]), int(own[-1])
            if not few and first > _LOWEST and last - first < 4 * (len(series) + len(self)) + 1_000_000:
                return _look_up(own.to_numpy() - first, series, first, last)
            series = series.cast(pl.Int64, strict=False)
        return _search(own, series) if few else _join(own, series)

    @cached_property
    def _numbers(self) -> Int64Array:
        """The ids as an array over the same memory."""
        return self.ids.to_numpy()

    def _encode_few(self, ids: Sequence[Id]) -> Int32Array:
        """Bisect without making a column: for a request's handful of ids this is most of the time."""
        if len(ids) and len(self) and self.ids.dtype == pl.Int64:
            own, asked = self._numbers, np.asarray(ids)
            if asked.dtype == np.int64:  # a number beyond that is in no column of Int64, but is found to be so below
                at = np.minimum(np.searchsorted(own, asked), len(own) - 1)
                return np.where(own[at] == asked, at, -1).astype(np.int32)
        places = [bisect_left(self.ids, id_) for id_ in ids]
        known = [at < len(self) and self.ids[at] == id_ for at, id_ in zip(places, ids, strict=True)]
        return np.where(known, places, -1).astype(np.int32)

    def decode(self, positions: Any) -> pl.Series:
        """Return the ids at positions (an array or a list); -1 becomes null."""
        index = np.asarray(positions, dtype=np.int64)
        if index.min(initial=0) >= 0:  # the rule, and an expression would cost a request a quarter of a millisecond
            return self.ids[index]
        return self.ids.gather(pl.Series(index).replace(-1, None))


def _search(own: pl.Series, ids: pl.Series) -> Int32Array:
    """Bisect: needs no index, best for few ids."""
    positions = np.minimum(own.search_sorted(ids).to_numpy(), len(own) - 1)
    found = (own.gather(positions) == ids).fill_null(False).to_numpy()
    return np.where(found, positions, -1).astype(np.int32)


def _look_up(places: Int64Array, ids: pl.Series, first: int, last: int) -> Int32Array:
    """Use a table of positions by number: the fastest where numbers are dense."""
    table = np.full(last - first + 1, -1, np.int32)
    table[places] = np.arange(len(places), dtype=np.int32)
    if ids.dtype != pl.Int32 or ids.null_count():
        ids = ids.cast(pl.Int64, strict=False).fill_null(first - 1)
    positions = np.empty(len(ids), np.int32)
    native.look_up(np.ascontiguousarray(ids.to_numpy()), first, table, positions, 0)
    return positions


def _join(own: pl.Series, ids: pl.Series) -> Int32Array:
    """Use a hash table, made for the occasion: best for many ids that are text or sparse numbers."""
    index = pl.DataFrame({"id": own, "position": np.arange(len(own), dtype=np.int32)})
    joined = ids.alias("id").to_frame().join(index, on="id", how="left", maintain_order="left")
    return joined["position"].fill_null(-1).to_numpy(writable=True)


def _distinct(ids: pl.Series) -> pl.Series:
    """Return the different ids in ascending order: soon done where equal ones stand together, as a user's often do."""
    if len(ids) > 1:
        others = ids.slice(1).filter(ids.slice(1) != ids.slice(0, len(ids) - 1))
        if len(others) < len(ids) // 2:
            ids = ids.slice(0, 1).append(others)
    if (ids.slice(1) > ids.slice(0, max(0, len(ids) - 1))).all():
        return ids.rechunk()
    return ids.unique().sort()


def _as_ids(ids: Iterable[Id] | pl.Series) -> pl.Series:
    if isinstance(ids, pl.Series):
        series = ids
    else:
        values = ids.tolist() if isinstance(ids, np.ndarray) else list(ids)
        if not values:
            return pl.Series("id", [], dtype=pl.Int64)
        kinds = {type(v) for v in values}
        if kinds <= {int} or kinds <= {str}:
            series = pl.Series("id", values)
        elif all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in values):
            series = pl.Series("id", [int(v) for v in values])
        else:
            names = ", ".join(sorted(k.__name__ for k in kinds))
            raise IdTypeError(f"ids must be all text or all whole numbers, not {names}")
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    if series.dtype != pl.String and not series.dtype.is_integer():
        raise IdTypeError(f"ids must be text or whole numbers, not {series.dtype}")
    return series
