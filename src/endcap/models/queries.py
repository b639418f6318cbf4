"""What a recommender is asked: shoppers as histories, and which items may be answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from endcap.data.arrays import CsrMatrix, IndexLists, Int32Array, Int64Array
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

    def __len__(self) -> int:
        return int(self.histories.shape[0])

    def take(self, positions: Int64Array) -> Queries:
        """Return some of the queries, in the order asked for."""
        if len(positions) == len(self) and np.array_equal(positions, np.arange(len(self))):
            return self
        lists = IndexLists.from_matrix(self.histories)
        where = IndexLists(lists.indptr, np.arange(self.histories.nnz, dtype=np.int32)).take(positions)
        matrix = sparse.csr_array(
            (self.histories.data[where.indices], lists.indices[where.indices], where.indptr),
            shape=(len(positions), self.histories.shape[1]),
        )
        time = None if self.last_time is None else self.last_time[where.indices]
        return Queries(matrix, time, self.rows[positions])

    @classmethod
    def of_everyone(cls, data: Interactions) -> Queries:
        """Return every user of the training data."""
        return cls(data.matrix, data.last_time, np.arange(data.shape[0], dtype=np.int32))

    @classmethod
    def of_users(cls, data: Interactions, users: Any) -> Queries:
        """Return the given users; one who is unknown has an empty history."""
        rows = data.users.encode(users)
        known = np.flatnonzero(rows >= 0)
        found = cls.of_everyone(data).take(rows[known].astype(np.int64))
        lengths = np.zeros(len(rows), np.int64)
        lengths[known] = np.diff(found.histories.indptr)
        indptr = np.concatenate([[0], np.cumsum(lengths)])
        matrix = sparse.csr_array(
            (found.histories.data, found.histories.indices, indptr),
            shape=(len(rows), data.shape[1]),
        )
        return cls(matrix, found.last_time, rows)

    @classmethod
    def of_histories(cls, data: Interactions, histories: list[list[Any]]) -> Queries:
        """Return visitors given by the items they had to do with, oldest first; unknown items are left out.

        Each mention counts 1, so a repeat counts more; all of it happened "now", at the end of the training data.
        """
        lengths = [len(h) for h in histories]
        flat = [item for history in histories for item in history]
        items = data.items.encode(flat) if flat else np.zeros(0, np.int32)
        rows = np.repeat(np.arange(len(histories)), lengths)[items >= 0]
        items = items[items >= 0]
        matrix = sparse.csr_array(
            (np.ones(len(items), np.float32), (rows, items)), shape=(len(histories), data.shape[1])
        )
        matrix.sum_duplicates()
        matrix.sort_indices()
        time = None
        if data.last_time is not None:
            time = np.full(matrix.nnz, data.last_time.max(initial=0), np.int64)
        return cls(matrix, time, np.full(len(histories), -1, np.int32))


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
