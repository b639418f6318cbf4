"""What chance would recommend: the floor of every comparison."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from endcap.data.arrays import BoolArray, Float32Array, IndexLists, Int32Array, TopK
from endcap.data.interactions import Interactions
from endcap.models.base import Progress, Recommender
from endcap.models.parameters import parameters
from endcap.models.queries import Queries


@parameters
class Random(Recommender):
    """Items by chance, all equally likely; made to be compared with, not to be shown to anybody."""

    seed: Annotated[int, Field(ge=0)] = 0
    """The same seed, users and catalogue give the same lists."""

    _personal = False
    _recommends_seen = True

    def _fit(self, data: Interactions, progress: Progress) -> None:
        pass

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        n, m = queries.histories.shape
        allowed = np.arange(m, dtype=np.int32) if candidates is None else candidates
        rng = np.random.default_rng(self.seed)
        items = np.full((n, k), -1, np.int32)
        if len(allowed):
            drawn = allowed[rng.integers(0, len(allowed), (n, 2 * k + 8))]
            pairs = exclude.rows() * m + exclude.indices
            good = ~np.isin(np.arange(n)[:, None] * m + drawn, pairs) & _first_of_each(drawn)
            place = np.cumsum(good, axis=1) - 1
            rows, columns = np.nonzero(good & (place < k))
            items[rows, place[rows, columns]] = drawn[rows, columns]
            for row in np.flatnonzero(items[:, -1] < 0):  # few: users who had much of a small catalogue
                own = exclude.indices[exclude.indptr[row] : exclude.indptr[row + 1]]
                free = rng.permutation(np.setdiff1d(allowed, own))[:k]
                items[row] = -1
                items[row, : len(free)] = free
        return TopK(items, np.zeros((n, k), np.float32))

    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        return np.zeros(len(rows), np.float32)

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        own = IndexLists(np.arange(len(items) + 1, dtype=np.int64), items)
        return self._top_k(Queries.of_histories(self.interactions_, [[]] * len(items)), k, own, candidates)


def _first_of_each(drawn: Int32Array) -> BoolArray:
    """Return which items are in their row for the first time."""
    order = np.argsort(drawn, axis=1, kind="stable")
    ordered = np.take_along_axis(drawn, order, axis=1)
    new = np.ones(drawn.shape, np.bool_)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    first: BoolArray = np.empty_like(new)
    np.put_along_axis(first, order, new, axis=1)
    return first
