"""What a recommender is asked: shoppers as histories, and which items may be answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from endcap.data.arrays import CsrMatrix, IndexLists, Int32Array, Int64Array, one_row, places_of_rows
from endcap.data.event_log import EventLog
from endcap.data.interactions import Interactions
from endcap.data.vocabulary import Vocabulary
from endcap.errors import ParameterError


@dataclass(frozen=True)
class Queries:
    """n shoppers, each as a history; a known user is a history that was looked up."""

    histories: CsrMatrix
    """Shape (n, items), float32 CSR with sorted indices: the weight of what each shopper had to do with."""
    last_time: Int64Array | None
    """Shape (nnz,), microseconds since 1970, in the order of `histories.indices`, or None."""
    rows: Int32Array
    """Shape (n,): the shopper's row in the training data, -1 for one who was not in it."""
    log: EventLog | None = None
    """The events of each shopper in order, for models that look at it (`Recommender._needs_log`)."""

    def __len__(self) -> int:
        return int(self.histories.shape[0])

    def take(self, positions: Int32Array | Int64Array) -> Queries:
        """Return some of the queries, in the order asked for; position -1 is a shopper without a history."""
        if len(positions) == len(self) and np.array_equal(positions, np.arange(len(self))):
            return self
        rows = np.where(positions >= 0, self.rows[positions], -1).astype(np.int32)
        return _taken(self.histories, self.last_time, self.log, positions, rows)

    @classmethod
    def of_everyone(cls, data: Interactions) -> Queries:
        """Return every user of the training data."""
        return cls(data.matrix, data.last_time, np.arange(data.shape[0], dtype=np.int32), data.log)

    @classmethod
    def of_user(cls, data: Interactions, row: int) -> Queries:
        """Return one user of the training data by row; row -1 is a shopper without a history."""
        asked = np.array([row], np.int32)  # not by way of everyone, who may be a million
        return _taken(data.matrix, data.last_time, data.log, asked, asked)

    @classmethod
    def of_users(cls, data: Interactions, users: Any) -> Queries:
        """Return the given users; one who is unknown has an empty history."""
        return cls.of_everyone(data).take(data.users.encode(users))

    @classmethod
    def of_histories(cls, data: Interactions, histories: list[list[Any]]) -> Queries:
        """Return visitors given by the items they had to do with, oldest first; unknown items are left out.

        Each mention counts 1, so a repeat counts more; all of it happened "now", at the end of the training data.
        """
        lengths = [len(h) for h in histories]
        flat = [item for history in histories for item in history]
        items = data.items.encode(flat) if flat else np.zeros(0, np.int32)
        rows = np.repeat(np.arange(len(histories)), lengths)
        return cls.of_visits(data, rows[items >= 0], items[items >= 0], len(histories))

    @classmethod
    def of_visits(cls, data: Interactions, rows: Int64Array, items: Int32Array, n: int) -> Queries:
        """Return n visitors given by events: each one's row, ascending, and item position, oldest first."""
        log = None
        if data.log is not None:
            indptr = np.searchsorted(rows, np.arange(n + 1))
            place = np.arange(len(rows)) - indptr[rows]
            log = EventLog(indptr, items, np.zeros(len(rows), np.int32), place.astype(np.int32))
        m = data.shape[1]
        pairs, counts = np.unique(rows * m + items, return_counts=True)
        parts = (counts.astype(np.float32), (pairs % m).astype(np.int32), np.searchsorted(pairs, np.arange(n + 1) * m))
        matrix = sparse.csr_array(parts, shape=(n, m))
        time = None if data.last_time is None else np.full(matrix.nnz, data.newest, np.int64)
        return cls(matrix, time, np.full(n, -1, np.int32), log)


def _taken(
    histories: CsrMatrix,
    last_time: Int64Array | None,
    log: EventLog | None,
    positions: Int32Array | Int64Array,
    rows: Int32Array,
) -> Queries:
    """Return the histories at some positions, those of shoppers with these rows in the training data."""
    if len(positions) == 1 and positions[0] >= 0:  # a request's shopper: nothing to gather
        own = slice(*histories.indptr[positions[0] : positions[0] + 2])
        matrix = one_row(histories.data[own], histories.indices[own], histories.shape[1])
        time = None if last_time is None else last_time[own]
        return Queries(matrix, time, rows, None if log is None else log.take(positions))
    indptr, places = places_of_rows(histories.indptr, positions)
    matrix = sparse.csr_array(
        (histories.data[places], histories.indices[places], indptr), shape=(len(positions), histories.shape[1])
    )
    time = None if last_time is None else last_time[places]
    return Queries(matrix, time, rows, None if log is None else log.take(positions))


def is_single(users: Any) -> bool:
    """Whether `users` is one id and not several."""
    return isinstance(users, (str, int, np.integer))


def is_nested(values: Any) -> bool:
    """Whether `values` is a list of lists (one for each query) and not one list of ids."""
    if isinstance(values, (str, bytes, pl.Series, np.ndarray)):
        return False
    values = list(values)
    return bool(values) and all(isinstance(v, (list, tuple, set, pl.Series, np.ndarray)) for v in values)


def item_lists(items: Vocabulary, given: Iterable[Any] | None, n: int, name: str) -> IndexLists | Int32Array | None:
    """Return item ids as positions: one ascending array for all queries, or a list for each; unknown ids are left out.

    Raises
    ------
    ParameterError
        Where there is a list for each query but not n of them.
    """
    if given is None:
        return None
    if is_nested(given):
        nested = [list(v) for v in given]
        if len(nested) != n:
            raise ParameterError(f"{name} holds {len(nested)} lists for {n} queries; give one list, or one for each")
        flat = items.encode([i for v in nested for i in v])
        rows = np.repeat(np.arange(n), [len(v) for v in nested])
        return IndexLists.from_pairs(rows[flat >= 0], flat[flat >= 0], n)
    positions = np.unique(items.encode(given if isinstance(given, pl.Series) else list(given)))
    return positions[positions >= 0].astype(np.int32)
