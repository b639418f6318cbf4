"""Ratings by co-clustering of users and items."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from endcap.data.arrays import CsrMatrix, Float32Array, Float64Array, Int32Array, with_values
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
    (George and Merugu, "A Scalable Collaborative Filtering Framework Based on Co-clustering", ICDM 2005). Where that
    ends depends on where it began, so it begins `starts` times, and the clusters that fit the ratings best are kept.
    An unknown user or item leaves the mean of the one that is known.

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
    """How often users and items choose their clusters at most; they stop when nobody moves."""
    starts: Annotated[int, Field(ge=1)] = 5
    """From how many random clusters it begins; the result with the least squared error is kept. 1 is what Surprise
    does; 5 lower the RMSE by .004 on MovieLens 100K and by .003 on 1M."""
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
        rest_by_user = _Rests(matrix, self.user_means_, self.item_means_)
        rest_by_item = _Rests(by_item, self.item_means_, self.user_means_)
        draws, least, best = np.random.default_rng(self.seed), np.inf, dict[str, Any]()
        for start in range(self.starts):
            users, items = self._start(draws, (n, m))
            self.user_cluster_: Int32Array = users
            self.item_cluster_: Int32Array = items
            for epoch in range(self.epochs):
                progress("clusters", (start + epoch / self.epochs) / self.starts)
                before = self.user_cluster_, self.item_cluster_
                self._average(matrix, rest_by_user.ones)
                self.user_cluster_ = rest_by_user.closest(self.item_cluster_, self._levels())
                self.item_cluster_ = rest_by_item.closest(self.user_cluster_, self._levels().T)
                if all(map(np.array_equal, before, (self.user_cluster_, self.item_cluster_))):
                    break
            self._average(matrix, rest_by_user.ones)
            error = rest_by_user.error(self.user_cluster_, self.item_cluster_, self._levels())
            if error < least:
                least, best = error, {name: getattr(self, name) for name in self._learned}
        vars(self).update(best)
        progress("clusters", 1.0)

    def _start(self, draws: np.random.Generator, rows: tuple[int, int]) -> tuple[Int32Array, Int32Array]:
        """Return random clusters to start from, of users and of items."""
        return (
            draws.integers(self.user_clusters, size=rows[0], dtype=np.int32),
            draws.integers(self.item_clusters, size=rows[1], dtype=np.int32),
        )

    def _average(self, matrix: CsrMatrix, ones: CsrMatrix) -> None:
        """Take the mean of the ratings of each user cluster, item cluster, and pair of them."""
        users = _members(self.user_cluster_, self.user_clusters).T.astype(np.float64)
        items = _members(self.item_cluster_, self.item_clusters)
        total, count = users @ (matrix @ items), users @ (ones @ items)

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
        closest = _Rests(given, means, self.item_means_).closest(self.item_cluster_, self._levels())
        return {"user_means_": means, "user_cluster_": closest}


class _Rests:
    """What the means of its row and column leave of each rating, row by row."""

    def __init__(self, ratings: CsrMatrix, row_means: Float32Array, column_means: Float32Array) -> None:
        rest = ratings.data - row_means[rows_of(ratings)] - column_means[ratings.indices]
        ones = np.ones(len(rest), np.float32)
        self._rests = with_values(ratings, rest)
        self.ones: CsrMatrix = with_values(ratings, ones)

    def closest(self, column_cluster: Int32Array, levels: Float64Array) -> Int32Array:
        """Return the cluster of each row with the least squared error; the first of those as good."""
        nearest: Int32Array = self._errors(column_cluster, levels).argmin(axis=1).astype(np.int32)
        return nearest

    def error(self, row_cluster: Int32Array, column_cluster: Int32Array, levels: Float64Array) -> float:
        """Return the squared error, less that of no clusters."""
        return float(self._errors(column_cluster, levels)[np.arange(len(row_cluster)), row_cluster].sum())

    def _errors(self, column_cluster: Int32Array, levels: Float64Array) -> Float64Array:
        """Return the squared error of each row in each cluster, less that of no clusters.

        With e the rest of a rating and c its column's cluster, the error of cluster g is the sum of (e - level_gc)^2,
        so all it takes are the number and the sum of the rests of each row in each cluster of columns.
        """
        members = _members(column_cluster, levels.shape[1])
        errors: Float64Array = (self.ones @ members) @ (levels**2).T - 2 * (self._rests @ members) @ levels.T
        return errors


def _members(cluster: Int32Array, clusters: int) -> Float32Array:
    """Return 1 where a row is in a cluster and 0 elsewhere, shape (rows, clusters)."""
    members = np.zeros((len(cluster), clusters), np.float32)
    members[np.arange(len(cluster)), cluster] = 1
    return members
