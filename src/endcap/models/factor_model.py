"""What all models share whose score is an inner product of a user's and an item's factors."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from endcap.data.arrays import Float32Array, IndexLists, Int32Array, TopK
from endcap.models.base import Recommender
from endcap.models.pair_scores import score_factors
from endcap.models.queries import Queries
from endcap.models.top_k import top_k_dense


class FactorModel(Recommender):
    """A recommender with one vector an item, and one for any history (fold-in)."""

    item_factors_: Float32Array
    """Shape (items, factors)."""

    @abstractmethod
    def _user_factors(self, queries: Queries) -> Float32Array:
        """Return a vector for each history, shape (n, factors)."""

    @property
    def _threads(self) -> int:
        return int(getattr(self, "threads", 0))

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        users = self._user_factors(queries)
        return top_k_dense(users, self.item_factors_, k, exclude, candidates, threads=self._threads)

    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        return score_factors(self._user_factors(queries), self.item_factors_, rows, items, threads=self._threads)

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        norms = np.linalg.norm(self.item_factors_, axis=1, keepdims=True)
        unit = (self.item_factors_ / np.maximum(norms, np.finfo(np.float32).tiny)).astype(np.float32)
        own = IndexLists(np.arange(len(items) + 1, dtype=np.int64), items)
        return top_k_dense(unit[items], unit, k, own, candidates, threads=self._threads)
