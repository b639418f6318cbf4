"""What all models share whose score is the history times an item-item matrix."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Float32Array, Float64Array, IndexLists, Int32Array, TopK
from endcap.models.base import Recommender
from endcap.models.pair_scores import score_linear
from endcap.models.part_of_catalogue import PartOfCatalogue
from endcap.models.queries import Queries
from endcap.models.top_k import top_k_linear


class LinearModel(Recommender):
    """A recommender with a weight from every item of a history to every item it may recommend."""

    weights_: CsrMatrix | Float32Array
    """Shape (items, items), CSR or dense: what an item of the history (row) adds to an item's score (column). Where
    `_part` is not None, both are positions in that part."""

    @property
    def _threads(self) -> int:
        return int(getattr(self, "threads", 0))

    @property
    def _part(self) -> PartOfCatalogue | None:
        """The items that the weights are about; None: all."""
        return None

    def _history_weights(self, queries: Queries) -> CsrMatrix:
        """Return the histories as the model weighs them, shape (n, items)."""
        return queries.histories

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        return self._best(self._history_weights(queries), k, exclude, candidates)

    def _best(self, histories: CsrMatrix, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        part, threads = self._part, self._threads
        if part is None:
            return top_k_linear(histories, self.weights_, k, exclude, candidates, threads=threads)
        histories, exclude, candidates = part.columns(histories), part.lists(exclude), part.ascending(candidates)
        return part.back(top_k_linear(histories, self.weights_, k, exclude, candidates, threads=threads))

    def _top_k_among(self, queries: Queries, k: int, exclude: IndexLists, candidates: IndexLists) -> TopK:
        if (part := self._part) is not None:
            reached = np.diff(part.columns(queries.histories).indptr) > 0
            candidates = part.restrict(candidates, reached)
        top = super()._top_k_among(queries, k, exclude, candidates)
        if sparse.issparse(self.weights_):
            unreached = top.scores <= 0  # as in top_k_linear: nothing in the history speaks for these
            top.items[unreached], top.scores[unreached] = -1, 0
        return top

    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        histories, part = self._history_weights(queries), self._part
        if part is None:
            return score_linear(histories, self.weights_, rows, items, threads=self._threads)
        scores, places = np.zeros(len(rows), np.float32), part.places(items)
        inside = places >= 0
        scores[inside] = score_linear(
            part.columns(histories), self.weights_, rows[inside], places[inside], threads=self._threads
        )
        return scores

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        one = np.ones(len(items), np.float32)
        shape = (len(items), self.interactions_.shape[1])
        histories = sparse.csr_array((one, items, np.arange(len(items) + 1)), shape=shape)
        own = IndexLists(np.arange(len(items) + 1, dtype=np.int64), items)
        return self._best(histories, k, own, candidates)

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        query, own, contribution = self._contributions(queries, items)
        told = contribution != 0
        return query[told], own[told], contribution[told]

    def _contributions(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        histories = self._history_weights(queries)
        query = IndexLists.from_matrix(histories).rows().astype(np.int32)
        own = histories.indices.astype(np.int32, copy=False)
        row, column, amount = own, items[query], histories.data
        if (part := self._part) is not None:
            row, column = part.places(row), part.places(column)
            known = (row >= 0) & (column >= 0)
            row, column, query, own, amount = (a[known] for a in (row, column, query, own, amount))
        # SciPy answers an empty question about a sparse matrix with a sparse array.
        weight = np.asarray(self.weights_[row, column]).ravel() if len(row) else np.zeros(0)
        return query, own, amount.astype(np.float64) * weight
