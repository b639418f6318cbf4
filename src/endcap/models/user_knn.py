"""User-based nearest neighbours: what shoppers with the same taste took."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Float32Array, Float64Array, IndexLists, Int32Array, TopK
from endcap.data.interactions import Interactions
from endcap.models.base import Progress, Recommender
from endcap.models.parameters import Threads, parameters
from endcap.models.queries import Queries
from endcap.models.top_k import top_k_linear

_CHUNK = 50_000  # so many queries at a time, so that their neighbours need some tens of megabytes


@parameters
class UserKNN(Recommender):
    """Shoppers with similar histories are neighbours; what a shopper's neighbours took is recommended.

    Two shoppers are as alike as the cosine between their histories, weighted as `weighting` says. An item's score is
    the sum, over the `neighbours` training users most like the shopper who took it, of their similarity times
    log2(1 + their weight for it). Herlocker, Konstan, Borchers and Riedl, "An algorithmic framework for performing
    collaborative filtering" (SIGIR 1999), on implicit feedback.

    Nothing is averaged away beforehand as in `ItemKNN`, so who is like nobody gets little; answering compares the
    shopper with all users who share an item, which takes longer the more users there are.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> model = ec.UserKNN().fit(sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0]]))
    >>> model.recommend(3, k=1)["item_id"].to_list()
    [1]
    """

    neighbours: Annotated[int, Field(gt=0)] = 100
    """How many similar users speak for each shopper. 50 to 100 were best on MovieLens, Gowalla and Online Retail, more
    on Ta-Feng, whose histories are short."""
    weighting: Literal["cosine", "tfidf", "bm25"] = "tfidf"
    """How a user's weight w for an item enters the similarity. "cosine": as log2(1 + w). "tfidf": that times the rarity
    of the item, log(1 + users / users who took it), so that best-sellers say little about taste; as good or better on
    all data sets tried but Online Retail. "bm25": the same rarity times a weight that saturates, the sooner the less
    the user took (Robertson and Zaragoza, 2009)."""
    threads: Threads = 0
    """How many threads to use; 0: all cores. The result doesn't depend on it."""

    _learned = ("rarity_", "mean_volume_", "taken_", "takers_")

    def _fit(self, data: Interactions, progress: Progress) -> None:
        progress("users", 0.0)
        n, m = data.shape
        takers = np.bincount(data.matrix.indices, minlength=m)
        self.rarity_: Float32Array = np.log1p(n / np.maximum(takers, 1)).astype(np.float32)
        self.mean_volume_: Float64Array = np.array([data.matrix.data.sum(dtype=np.float64) / n])
        taken = data.matrix.copy()
        taken.data = np.log2(1 + taken.data)
        # Rows are users and columns items, then the other way round; both square, as the kernel wants its weights.
        self.taken_: CsrMatrix = _square(taken)
        self.takers_: CsrMatrix = _square(self._unit(data.matrix).T.tocsr())
        progress("users", 1.0)

    def _unit(self, histories: CsrMatrix) -> CsrMatrix:
        """Return histories as vectors of length 1, weighted as `weighting` says."""
        lengths = np.diff(histories.indptr)
        rows = np.repeat(np.arange(len(lengths)), lengths)
        values = np.log1p(histories.data)
        if self.weighting == "bm25":
            volume = np.bincount(rows, histories.data, len(lengths)) / self.mean_volume_[0]
            # The constants k1 = 1.2 and b = 0.75 are the customary ones.
            values = histories.data * 2.2 / (histories.data + (1.2 * (1 - 0.75 + 0.75 * volume))[rows])
        if self.weighting != "cosine":
            values = values * self.rarity_[histories.indices]
        norms = np.sqrt(np.bincount(rows, values.astype(np.float64) ** 2, len(lengths)))
        unit = (values / norms[rows]).astype(np.float32)
        return sparse.csr_array((unit, histories.indices, histories.indptr), shape=histories.shape)

    def _neighbours(self, queries: Queries) -> CsrMatrix:
        """Return the similarity of each query to its neighbours among the training users, itself not among them."""
        unit = self._unit(queries.histories)
        unit = sparse.csr_array((unit.data, unit.indices, unit.indptr), shape=(len(queries), self.taken_.shape[0]))
        known = queries.rows >= 0
        itself = IndexLists(np.concatenate([[0], np.cumsum(known, dtype=np.int64)]), queries.rows[known])
        top = top_k_linear(unit, self.takers_, self.neighbours, itself, None, threads=self.threads)
        found = top.items >= 0
        indptr = np.concatenate([[0], np.cumsum(found.sum(axis=1), dtype=np.int64)])
        return sparse.csr_array((top.scores[found], top.items[found], indptr), shape=unit.shape)

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        top = TopK(np.empty((len(queries), k), np.int32), np.empty((len(queries), k), np.float32))
        for start in range(0, len(queries), _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, len(queries)))
            similar, banned = self._neighbours(queries.take(rows)), exclude.take(rows)
            top.items[rows], top.scores[rows] = top_k_linear(
                similar, self.taken_, k, banned, candidates, threads=self.threads
            )
        return top

    def _top_k_among(self, queries: Queries, k: int, exclude: IndexLists, candidates: IndexLists) -> TopK:
        top = super()._top_k_among(queries, k, exclude, candidates)
        unreached = top.scores <= 0  # as in top_k_linear: no neighbour speaks for these
        top.items[unreached], top.scores[unreached] = -1, 0
        return top

    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        if len(rows) == 0:
            return np.zeros(0, np.float32)
        asked, row = np.unique(rows, return_inverse=True)
        scores = self._neighbours(queries.take(asked.astype(np.int64))) @ self.taken_
        found: Float32Array = np.asarray(scores[row, items]).ravel().astype(np.float32)
        return found

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        norms = np.sqrt(np.asarray((self.takers_**2).sum(axis=1)).ravel())
        unit = self.takers_.copy()
        unit.data /= np.repeat(norms, np.diff(unit.indptr)).astype(np.float32)
        own = IndexLists(np.arange(len(items) + 1, dtype=np.int64), items)
        return top_k_linear(unit[items], unit.T.tocsr(), k, own, candidates, threads=self.threads)

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        # A neighbour's similarity is a sum over the items shared, so what it adds to the score is, too.
        unit, heard = self._unit(queries.histories), self._neighbours(queries)
        query = IndexLists.from_matrix(heard).rows()
        if heard.nnz == 0:
            return super()._explain(queries, items)
        heard.data = np.asarray(self.taken_[heard.indices, items[query]]).ravel().astype(np.float64)
        heard.eliminate_zeros()
        through = heard @ self.takers_.T
        query, own = IndexLists.from_matrix(unit).rows(), unit.indices
        contribution = unit.data * np.asarray(through[query, own]).ravel()
        told = contribution != 0
        return query[told].astype(np.int32), own[told].astype(np.int32), contribution[told].astype(np.float64)


def _square(matrix: CsrMatrix) -> CsrMatrix:
    """Return the matrix with empty rows or columns added until it is square."""
    side = max(matrix.shape)
    indptr = np.concatenate([matrix.indptr, np.full(side - matrix.shape[0], matrix.nnz)]).astype(np.int64)
    return sparse.csr_array((matrix.data, matrix.indices, indptr), shape=(side, side))
