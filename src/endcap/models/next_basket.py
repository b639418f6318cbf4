"""What all models of the next basket share: a shopper's own habits, and those of shoppers alike."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Float32Array, Float64Array, IndexLists, Int32Array, TopK
from endcap.data.interactions import Interactions
from endcap.models.base import Progress, Recommender
from endcap.models.baskets import Baskets
from endcap.models.neighbours import nearest
from endcap.models.pair_scores import score_linear
from endcap.models.queries import Queries
from endcap.models.top_k import top_k_linear

_CHUNK = 20_000  # so many queries at a time, so that their neighbours need some tens of megabytes


class NextBasket(Recommender):
    """A recommender that adds the habits of the most similar shoppers to the shopper's own.

    A shopper's habits are a weight for each item, made from the order of the baskets; so are those of a visitor, in
    whose history every mention is a basket of its own. A subclass says what habits are, how shoppers are compared, and
    how much neighbours count beside the shopper.
    """

    takers_: CsrMatrix
    """Shape (items, users), CSR: the vectors by which shoppers are compared, by item."""
    lengths_: Float32Array
    """Shape (users,): what similarities to each user are divided by."""
    sources_: CsrMatrix
    """Shape (users + items,) squared, CSR: the habits of every user, and below each item on its own, for what a
    shopper's own habits add."""

    _learned = ("takers_", "lengths_", "sources_")
    _recommends_seen = True
    _needs_log = True

    neighbours: int
    threads: int

    @abstractmethod
    def _habits(self, baskets: Baskets) -> CsrMatrix:
        """Return the weight of each item to each shopper, shape (shoppers, items)."""

    @abstractmethod
    def _compared(self, baskets: Baskets, habits: CsrMatrix) -> tuple[CsrMatrix, Float32Array, Float32Array]:
        """Return the vectors by which shoppers are compared, shape (shoppers, items), and their lengths.

        A similarity is the inner product of two vectors, divided by the first length of the one who asks and the
        second of the one who is asked.
        """

    @abstractmethod
    def _shares(self, similarity: CsrMatrix) -> tuple[float, CsrMatrix]:
        """Return how much own habits and those of each neighbour count, given the neighbours' similarity."""

    def _fit(self, data: Interactions, progress: Progress) -> None:
        progress("habits", 0.0)
        n, m = data.shape
        baskets = _baskets(data, Queries.of_everyone(data))
        habits = self._habits(baskets)
        compared, _, self.lengths_ = self._compared(baskets, habits)
        self.takers_ = compared.T.tocsr()
        alone = sparse.eye_array(m, dtype=np.float32, format="csr")
        stacked = sparse.vstack([habits, alone], format="csr")
        self.sources_ = sparse.csr_array((stacked.data, stacked.indices, stacked.indptr), shape=(n + m, n + m))
        progress("habits", 1.0)

    def _near(self, queries: Queries) -> tuple[CsrMatrix, CsrMatrix, Float32Array, CsrMatrix]:
        """Return the queries' habits, the vectors by which they are compared, their lengths, and the neighbours."""
        baskets = _baskets(self.interactions_, queries)
        habits = self._habits(baskets)
        vectors, lengths, _ = self._compared(baskets, habits)
        similarity = nearest(
            vectors, self.takers_, lengths, self.lengths_, self.neighbours, own=queries.rows, threads=self.threads
        )
        return habits, vectors, lengths, similarity

    def _weighed(self, queries: Queries) -> CsrMatrix:
        """Return how much each of `sources_` counts for each query, shape (queries, users + items)."""
        habits, _, _, similarity = self._near(queries)
        own, others = self._shares(similarity)
        weighed: CsrMatrix = sparse.hstack([others, habits * np.float32(own)], format="csr")
        return weighed

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        top = TopK(np.empty((len(queries), k), np.int32), np.empty((len(queries), k), np.float32))
        for start in range(0, len(queries), _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, len(queries)))
            weighed, banned = self._weighed(queries.take(rows)), exclude.take(rows)
            top.items[rows], top.scores[rows] = top_k_linear(
                weighed, self.sources_, k, banned, candidates, threads=self.threads
            )
        return top

    def _top_k_among(self, queries: Queries, k: int, exclude: IndexLists, candidates: IndexLists) -> TopK:
        top = super()._top_k_among(queries, k, exclude, candidates)
        unreached = top.scores <= 0  # as in top_k_linear: nobody's habits speak for these
        top.items[unreached], top.scores[unreached] = -1, 0
        return top

    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        if len(rows) == 0:
            return np.zeros(0, np.float32)
        asked, row = np.unique(rows, return_inverse=True)
        own = self._weighed(queries.take(asked.astype(np.int64)))
        return score_linear(own, self.sources_, row.astype(np.int32), items, threads=self.threads)

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        own = self.takers_.copy()
        norms = np.sqrt(np.asarray((own**2).sum(axis=1)).ravel())
        own.data /= np.repeat(norms, np.diff(own.indptr)).astype(np.float32)
        side = max(own.shape)  # the kernel wants its weights square
        by_user = own.T.tocsr()
        indptr = np.append(by_user.indptr, np.full(side - by_user.shape[0], by_user.nnz, by_user.indptr.dtype))
        square = sparse.csr_array((by_user.data, by_user.indices, indptr), shape=(side, side))
        itself = IndexLists(np.arange(len(items) + 1, dtype=np.int64), items)
        return top_k_linear(own[items], square, k, itself, candidates, threads=self.threads)

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        # A similarity is a sum over the items shared, so what a neighbour adds to the score is, too.
        habits, vectors, lengths, similarity = self._near(queries)
        share, others = self._shares(similarity)
        query, own = IndexLists.from_matrix(vectors).rows(), vectors.indices
        contribution = np.zeros(len(own))
        if similarity.nnz:
            asking = IndexLists.from_matrix(similarity).rows()
            product = similarity.data * lengths[asking] * self.lengths_[similarity.indices]
            habit = np.asarray(self.sources_[similarity.indices, items[asking]]).ravel()
            told = (others.data.astype(np.float64) * habit / product, similarity.indices, similarity.indptr)
            through = sparse.csr_array(told, shape=similarity.shape) @ self.takers_.T
            contribution += vectors.data * np.asarray(through[query, own]).ravel()
        itself = own == items[query]
        if itself.any():  # SciPy answers an empty question about a sparse matrix with a sparse array
            contribution[itself] += share * np.asarray(habits[query[itself], own[itself]]).ravel()
        kept = contribution != 0
        return query[kept].astype(np.int32), own[kept].astype(np.int32), contribution[kept]


def _baskets(data: Interactions, queries: Queries) -> Baskets:
    assert queries.log is not None  # noqa: S101 - fit made one
    return Baskets.of_log(queries.log, data.shape[1])


def lengths_of(vectors: CsrMatrix) -> Float32Array:
    """Return the Euclidean lengths of rows, 1 for an empty one; shape (rows,)."""
    squares = np.asarray((vectors.astype(np.float64) ** 2).sum(axis=1)).ravel()
    squares[squares == 0] = 1
    lengths: Float32Array = np.sqrt(squares).astype(np.float32)
    return lengths
