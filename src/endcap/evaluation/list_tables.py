"""From tables of ids to the lists of positions that metrics are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np
import polars as pl

from endcap import native
from endcap.data.arrays import IndexLists, Int32Array, Int64Array
from endcap.data.interactions import Interactions
from endcap.data.schema import ITEM, USER
from endcap.data.sources import is_table
from endcap.data.sources.tables import open_table
from endcap.data.vocabulary import Vocabulary
from endcap.errors import DataError

RANK: Final = "rank"
"""The column of an item's place in its user's list, from 1."""


@dataclass(frozen=True)
class History:
    """What users had before."""

    users: Vocabulary
    items: Vocabulary
    """The catalogue."""
    lists: IndexLists
    """For every user the items of the catalogue, each once."""

    @classmethod
    def of(cls, given: Any, catalogue: Vocabulary | None = None) -> History:
        """Return what a table of `user_id, item_id` says, or what interactions hold, among a catalogue or all items."""
        rows: Int32Array | Int64Array
        if isinstance(given, Interactions):
            users, lists = given.users, IndexLists.from_matrix(given.matrix)
            if catalogue is None or catalogue.ids.equals(given.items.ids):
                return cls(users, given.items, lists)
            rows, columns = lists.rows(), catalogue.encode(given.items.ids)[lists.indices]
        else:
            frame = read_columns(given, "history", USER, ITEM)
            users = Vocabulary(frame[USER])
            catalogue = Vocabulary(frame[ITEM]) if catalogue is None else catalogue
            rows, columns = users.encode(frame[USER]), catalogue.encode(frame[ITEM])
        known = columns >= 0
        if not known.all():
            rows, columns = rows[known], columns[known]
        return cls(users, catalogue, IndexLists.from_pairs(rows, columns, len(users)))

    def counts(self) -> Int64Array:
        """Return how many users had each item of the catalogue."""
        counts = np.zeros(len(self.items), np.int64)
        native.count_items(self.lists.indices, counts)
        return counts


def read_columns(table: Any, what: str, *names: str) -> pl.DataFrame:
    """Return the columns of a table of Polars, pandas or Arrow, none of them empty in any row.

    Raises
    ------
    DataError
        Where it is no table, or a column is missing or empty somewhere; `what` names the table.
    """
    if not is_table(table):
        raise DataError(f"{what} is {type(table).__name__}, no table; give one of Polars, pandas or Arrow")
    source = open_table(table)
    for name in names:
        if name not in source.columns:
            raise DataError(f"{what} has no column {name!r}; it has {', '.join(map(repr, source.columns))}")
    frame = source.read(names)
    for name in names:
        column = frame[name].fill_nan(None) if frame[name].dtype.is_float() else frame[name]
        if column.null_count():
            first = column.is_null().arg_max()
            raise DataError(f"{name} is empty in {column.null_count()} rows of {what}, the first of them row {first}")
    return frame


def place_lists(lists: pl.DataFrame, rows: Int32Array, items: Int32Array, users: Vocabulary, width: int) -> Int32Array:
    """Return who is recommended what at which place, shape (users, width), -1 for an empty place.

    Parameters
    ----------
    lists
        The columns `user_id, item_id, rank`; ranks above the width are passed over.
    rows, items
        The positions of its users, below 0 for one who isn't measured, and items, below 0 for an unknown one.
    users
        Who is measured.
    width
        The length of the lists.

    Raises
    ------
    DataError
        Where a rank isn't a whole number from 1, or that of two items of a user, or an item is unknown.
    """
    if not lists[RANK].dtype.is_integer():
        raise DataError(f"ranks must be whole numbers from 1, not {lists[RANK].dtype}")
    ranks = lists[RANK].to_numpy().astype(np.int64, copy=False)
    places = np.full((len(users), width), -1, np.int32)
    wrong = native.fill_lists(rows, np.ascontiguousarray(ranks), items, places)
    if wrong >= 0:
        _refuse(lists.row(wrong, named=True), wrong, unknown=items[wrong] < 0)
    return places


def _refuse(entry: dict[str, Any], row: int, *, unknown: bool) -> NoReturn:
    where = f"(row {row} of recommended, user {entry[USER]!r})"
    if entry[RANK] < 1:
        raise DataError(f"ranks are whole numbers from 1, not {entry[RANK]} {where}")
    if unknown:
        raise DataError(
            f"item {entry[ITEM]!r} is recommended, but isn't in the catalogue {where}; give the whole catalogue as "
            "items"
        )
    raise DataError(f"rank {entry[RANK]} is there twice {where}; a user's ranks must be different")


def relevant_lists(pairs: pl.DataFrame, users: Vocabulary, catalogue: Vocabulary) -> IndexLists:
    """Return what was right for each user; items that the catalogue doesn't have get positions behind it."""
    items = catalogue.encode(pairs[ITEM])
    unknown = np.flatnonzero(items < 0)
    if len(unknown):
        ids = pairs[ITEM][unknown]
        items[unknown] = len(catalogue) + Vocabulary(ids).encode(ids)
    return IndexLists.from_pairs(users.encode(pairs[USER]), items, len(users))
