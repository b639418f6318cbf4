"""User-based nearest neighbours: what shoppers with the same taste took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np
import polars as pl
from pydantic import Field
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Float32Array, Float64Array, IndexLists, Int32Array, TopK, with_values
from endcap.data.interactions import Interactions
from endcap.data.schema import USER
from endcap.models.base import Progress, Recommender
from endcap.models.neighbours import nearest
from endcap.models.pair_scores import score_linear
from endcap.models.parameters import Threads, parameters
from endcap.models.queries import Queries
from endcap.models.search_space import Options, Range
from endcap.models.similarity import Alpha, Similarity, SimilarityName
from endcap.models.top_k import top_k_linear

_CHUNK = 50_000  # so many queries at a time, so that their neighbours need some tens of megabytes


@parameters
class UserKNN(Recommender):
    """Shoppers with similar histories are neighbours; what a shopper's neighbours took is recommended.

    Two shoppers are as alike as their histories are (`similarity`). An item's score is the sum, over the `neighbours`
    training users most like the shopper who took it, of their similarity times log2(1 + their weight for it).
    Herlocker, Konstan, Borchers and Riedl, "An algorithmic framework for performing collaborative filtering" (SIGIR
    1999), on implicit feedback.

    Nothing is averaged away beforehand as in `ItemKNN`, so who is like nobody gets little; answering compares the
    shopper with all users who share an item, which takes longer the more users there are.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> model = ec.UserKNN().fit(sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0]]))
    >>> model.recommend(3, k=1)["item_id"].to_list()
    [1]

    `explain` says which own items led to an item, `neighbours_of` which users.

    >>> model.neighbours_of(3, item=1)["user_id"].to_list()
    [0, 1]
    """

    neighbours: Annotated[int, Field(gt=0), Range(20, 1000, log=True)] = 100
    """How many similar users speak for each shopper. 50 to 100 were best on MovieLens, Gowalla and Online Retail, more
    on Ta-Feng, whose histories are short."""
    similarity: Annotated[SimilarityName, Options("cosine", "tfidf", "bm25", "asymmetric")] = "tfidf"
    """How alike a training user u is to the shopper q. "cosine": of their vectors of log2(1 + weight). "tfidf": the
    same with each item's entries times log(1 + users / users who took it), so that best-sellers say little about taste;
    as good or better on all data sets tried but Online Retail. "bm25": the same rarity times a weight that saturates,
    the sooner the less the user took (Robertson and Zaragoza, 2009). "jaccard": items of both / items of either.
    "asymmetric": the inner product of the vectors divided by their squared lengths, q's to the power of 1 - `alpha`
    and u's of `alpha` (Aiolli, RecSys 2013). "conditional": items of both / (items of q * items of u ^ `alpha`).
    "lift": how many times as many items are shared as if they were drawn by chance."""
    alpha: Annotated[Alpha, Range(0.2, 0.8)] = 0.5
    """How strongly "asymmetric" and "conditional" mark users who took much down; with 0.5, "asymmetric" is the
    cosine."""
    threads: Threads = 0
    """How many threads to use; 0: all cores. The result doesn't depend on it."""

    _learned = ("rarity_", "mean_volume_", "sizes_", "taken_", "takers_")

    def neighbours_of(
        self, user: Any = None, item: Any = None, *, history: Iterable[Any] | None = None
    ) -> pl.DataFrame:
        """Return the training users who speak for a shopper, the most similar first; with an item, for that item.

        Of use to who runs the shop; no shopper should be shown another's id.

        Parameters
        ----------
        user
            The shopper's id.
        item
            An item: only the neighbours who took it, and what each adds to its score.
        history
            Instead of a user: the item ids that a visitor had to do with, oldest first.

        Returns
        -------
        polars.DataFrame
            `user_id, similarity`; with an item also `contribution`, by which it is sorted then: similarity times
            log2(1 + the neighbour's weight for the item). These sum to the item's score.

        Raises
        ------
        UnknownIdError
            Where the user, or the item, was not in the training data.

        Examples
        --------
        >>> import endcap as ec
        >>> from scipy import sparse
        >>> model = ec.UserKNN().fit(sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0]]))
        >>> model.neighbours_of(0)["user_id"].to_list()
        [1, 3]
        >>> reasons = model.neighbours_of(3, item=1)
        >>> round(reasons["contribution"].sum(), 4) == round(model.score(3, [1])["score"][0], 4)
        True
        """
        self._check_fitted()
        heard = self._neighbours(self._shopper(user, history))
        ids = self.interactions_.users.decode(heard.indices)
        table = pl.DataFrame({USER: ids, "similarity": heard.data})
        if item is None:
            return table.sort("similarity", descending=True, maintain_order=True)
        position = np.full(heard.nnz, self._known_items([item])[0])
        taken = np.asarray(self.taken_[heard.indices, position]).ravel() if heard.nnz else heard.data
        table = table.with_columns(contribution=heard.data.astype(np.float64) * taken)
        return table.filter(pl.col("contribution") > 0).sort("contribution", descending=True, maintain_order=True)

    def _fit(self, data: Interactions, progress: Progress) -> None:
        progress("users", 0.0)
        own, rows = data.matrix, IndexLists.from_matrix(data.matrix).rows()
        similarity = Similarity.learn(self.similarity, self.alpha, own.data, own.indices, own.shape)
        self.rarity_: Float32Array = similarity.rarity
        self.mean_volume_: Float64Array = np.array([similarity.mean_volume])
        vectors = similarity.values(own.data, rows, own.indices)
        self.sizes_: Float64Array = similarity.sizes(vectors, rows, max(own.shape))
        # Rows are users and columns items, then the other way round; both square, as the kernel wants its weights.
        self.taken_: CsrMatrix = _square(with_values(own, np.log2(1 + own.data)))
        self.takers_: CsrMatrix = _square(with_values(own, vectors).T.tocsr())
        progress("users", 1.0)

    @property
    def _similarity(self) -> Similarity:
        return Similarity(self.similarity, self.alpha, self.rarity_, float(self.mean_volume_[0]))

    def _vectors(self, queries: Queries) -> tuple[CsrMatrix, Float32Array]:
        """Return the queries' histories as vectors, and what their sizes contribute to similarities."""
        own, rows = queries.histories, IndexLists.from_matrix(queries.histories).rows()
        values = self._similarity.values(own.data, rows, own.indices)
        return with_values(own, values), self._similarity.left(self._similarity.sizes(values, rows, len(queries)))

    def _neighbours(self, queries: Queries) -> CsrMatrix:
        """Return the similarity of each query to its neighbours among the training users, itself not among them."""
        vectors, left = self._vectors(queries)
        right = self._similarity.right(self.sizes_)
        own, union = queries.rows.astype(np.int32), self._similarity.over_union
        return nearest(
            vectors, self.takers_, left, right, self.neighbours, own=own, over_union=union, threads=self.threads
        )

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
        own = self._neighbours(queries.take(asked.astype(np.int64)))
        return score_linear(own, self.taken_, row.astype(np.int32), items, threads=self.threads)

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        norms = np.sqrt(np.asarray((self.takers_**2).sum(axis=1)).ravel())
        unit = self.takers_.copy()
        unit.data /= np.repeat(norms, np.diff(unit.indptr)).astype(np.float32)
        own = IndexLists(np.arange(len(items) + 1, dtype=np.int64), items)
        return top_k_linear(unit[items], unit.T.tocsr(), k, own, candidates, threads=self.threads)

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        # An inner product is a sum over the items shared, so what a neighbour adds to the score is, too.
        vectors, left = self._vectors(queries)
        heard = self._neighbours(queries)
        query = IndexLists.from_matrix(heard).rows()
        if heard.nnz == 0:
            return super()._explain(queries, items)
        right = self._similarity.right(self.sizes_)[heard.indices]
        taken = np.asarray(self.taken_[heard.indices, items[query]]).ravel().astype(np.float64)
        heard.data = self._similarity.per_product(left[query], right, heard.data) * taken
        heard.eliminate_zeros()
        through = heard @ self.takers_.T
        query, own = IndexLists.from_matrix(vectors).rows(), vectors.indices
        contribution = vectors.data * np.asarray(through[query, own]).ravel()
        told = contribution != 0
        return query[told].astype(np.int32), own[told].astype(np.int32), contribution[told].astype(np.float64)


def _square(matrix: CsrMatrix) -> CsrMatrix:
    """Return the matrix with empty rows or columns added until it is square."""
    side = max(matrix.shape)
    indptr = np.concatenate([matrix.indptr, np.full(side - matrix.shape[0], matrix.nnz)]).astype(np.int64)
    return sparse.csr_array((matrix.data, matrix.indices, indptr), shape=(side, side))
