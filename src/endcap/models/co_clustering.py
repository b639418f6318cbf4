"""Ratings by co-clustering of users and items."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Float32Array, Float64Array, Int32Array
from endcap.data.ratings import Ratings
from endcap.models.base import Progress
from endcap.models.parameters import Seed, parameters
from endcap.models.rating_predictor import RatingPredictor, pick, rows_of
from endcap.models.search_space import Range
from endcap.models.slope_one import means_of_rows


@parameters
class CoClustering(RatingPredictor):
    """Users and items in a few clusters each, with a mean rating for each pair of a user and an item cluster.

        estimate = C_uc,ic + (mean of u - mean of uc) + (mean of i - mean of ic)

    with uc and ic the clusters of u and i, and C_uc,ic the mean of the ratings between them. Starting from random
    clusters, an epoch takes the means, moves every user to the cluster with the least squared error, then every item
    (George and Merugu, "A Scalable Collaborative Filtering Framework Based on Co-clustering", ICDM 2005). An unknown
    user or item leaves the mean of the one that is known.

    A user who wasn't in training goes to the cluster that fits the ratings given best.
    Defaults are those of Surprise.

    Examples
    --------
    >>> import endcap as ec
    >>> import polars as pl
    >>> table = pl.DataFrame({"user_id": ["ann", "ann", "bob"], "item_id": [1, 2, 1], "rating": [5.0, 4.0, 3.0]})
    >>> model = ec.CoClustering(seed=1).fit(table)
    >>> model.predict(pl.DataFrame({"user_id": ["eve"], "item_id": [2]}))["estimate"].to_list()
    [4.0]
    """

    user_clusters: Annotated[int, Field(ge=1), Range(1, 12)] = 3
    """How many clusters of users."""
    item_clusters: Annotated[int, Field(ge=1), Range(1, 12)] = 3
    """How many clusters of items."""
    epochs: Annotated[int, Field(ge=1)] = 20
    """How often users and items choose their clusters."""
    seed: Seed = 0
    """Of the random clusters at the start."""

    _learned = (
        "user_means_", "item_means_", "user_cluster_", "item_cluster_",
        "user_cluster_means_", "item_cluster_means_", "block_means_",
    )  # fmt: skip

    def _fit(self, ratings: Ratings, progress: Progress) -> None:
        matrix, (n, m) = ratings.matrix, ratings.shape
        by_item = matrix.T.tocsr()
        self.user_means_: Float32Array = means_of_rows(matrix, self.mean_)
        self.item_means_: Float32Array = means_of_rows(by_item, self.mean_)
        user_cluster, item_cluster = self._start((n, m))
        self.user_cluster_: Int32Array = user_cluster
        self.item_cluster_: Int32Array = item_cluster
        rest_by_user = _rest(matrix, self.user_means_, self.item_means_)
        rest_by_item = _rest(by_item, self.item_means_, self.user_means_)
        for epoch in range(self.epochs):
            progress("clusters", epoch / self.epochs)
            self._average(matrix)
            self.user_cluster_ = _closest(rest_by_user, self.item_cluster_, self._levels())
            self.item_cluster_ = _closest(rest_by_item, self.user_cluster_, self._levels().T)
        self._average(matrix)
        progress("clusters", 1.0)

    def _start(self, rows: tuple[int, int]) -> tuple[Int32Array, Int32Array]:
        """Return random clusters to start from, of users and of items."""
        draws = np.random.default_rng(self.seed)
        return (
            draws.integers(self.user_clusters, size=rows[0], dtype=np.int32),
            draws.integers(self.item_clusters, size=rows[1], dtype=np.int32),
        )

    def _average(self, matrix: CsrMatrix) -> None:
        """Take the mean of the ratings of each user cluster, item cluster, and pair of them."""
        shape = self.user_clusters, self.item_clusters
        block = self.user_cluster_[rows_of(matrix)] * shape[1] + self.item_cluster_[matrix.indices]
        total: Any = np.bincount(block, weights=matrix.data, minlength=shape[0] * shape[1]).reshape(shape)
        count = np.bincount(block, minlength=shape[0] * shape[1]).reshape(shape)

        def mean(total: Any, count: Any) -> Float64Array:
            return np.where(count > 0, total / np.maximum(count, 1), self.mean_)

        self.block_means_: Float64Array = mean(total, count)
        self.user_cluster_means_: Float64Array = mean(total.sum(axis=1), count.sum(axis=1))
        self.item_cluster_means_: Float64Array = mean(total.sum(axis=0), count.sum(axis=0))

    def _levels(self) -> Float64Array:
        """Return what a pair of clusters adds to the means of the user and the item."""
        return self.block_means_ - self.user_cluster_means_[:, None] - self.item_cluster_means_

    def _estimate(self, users: Int32Array, items: Int32Array) -> Float32Array:
        known_user, known_item = users >= 0, items >= 0
        level = self._levels()[pick(self.user_cluster_, users), pick(self.item_cluster_, items)]
        both = pick(self.user_means_, users) + pick(self.item_means_, items)
        estimate = np.where(known_user & known_item, both + level, both)
        return np.where(known_user | known_item, estimate, self.mean_).astype(np.float32)

    def _fold_in(self, given: CsrMatrix) -> dict[str, Any]:
        means = means_of_rows(given, self.mean_)
        rest = _rest(given, means, self.item_means_)
        return {"user_means_": means, "user_cluster_": _closest(rest, self.item_cluster_, self._levels())}


def _rest(ratings: CsrMatrix, row_means: Float32Array, column_means: Float32Array) -> CsrMatrix:
    """Return what the means of its row and column leave of each rating."""
    rest = ratings.data - row_means[rows_of(ratings)] - column_means[ratings.indices]
    return sparse.csr_array((rest, ratings.indices, ratings.indptr), shape=ratings.shape)


def _closest(rest: CsrMatrix, column_cluster: Int32Array, levels: Float64Array) -> Int32Array:
    """Return the cluster of each row with the least squared error; the first of those as good.

    With e the rest of a rating and c its column's cluster, the error of cluster g is the sum of (e - level_gc)^2, so
    all it takes are the number and the sum of the rests of each row in each cluster of columns.
    """
    clusters = levels.shape[1]
    members = np.zeros((len(column_cluster), clusters))
    members[np.arange(len(column_cluster)), column_cluster] = 1
    ones = sparse.csr_array((np.ones(rest.nnz), rest.indices, rest.indptr), shape=rest.shape)
    error = (ones @ members) @ (levels**2).T - 2 * (rest @ members) @ levels.T
    closest: Int32Array = error.argmin(axis=1).astype(np.int32)
    return closest
