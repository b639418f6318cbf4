"""Baseline estimates: how generous a user is and how liked an item."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from endcap.data.arrays import CsrMatrix, Float32Array, Int32Array
from endcap.data.ratings import Ratings
from endcap.models import rating_sgd
from endcap.models.base import Progress
from endcap.models.parameters import parameters
from endcap.models.rating_predictor import RatingPredictor, pick, rows_of
from endcap.models.search_space import Range


@parameters
class Baseline(RatingPredictor):
    """The mean of all ratings plus a bias of the user and one of the item.

        estimate = mean + b_u + b_i

    minimises the squared error plus `user_regularization` * sum of b_u^2 + `item_regularization` * sum of b_i^2 by
    solving for the items and for the users in turn (Koren, "Factor in the Neighbors: Scalable and Accurate
    Collaborative Filtering", ACM TKDD 2010, section 2.1), or by stochastic gradient descent.

    Examples
    --------
    >>> import endcap as ec
    >>> import polars as pl
    >>> table = pl.DataFrame({"user_id": ["ann", "ann", "bob"], "item_id": [1, 2, 1], "rating": [5.0, 4.0, 3.0]})
    >>> model = ec.Baseline().fit(table)
    >>> round(model.predict(pl.DataFrame({"user_id": ["bob"], "item_id": [2]}))["estimate"].item(), 3)
    3.932
    """

    method: Literal["als", "sgd"] = "als"
    """Solving for items and users in turn, or stochastic gradient descent."""
    epochs: Annotated[int, Field(ge=1)] | None = None
    """Passes over the ratings. None: 10 for "als", 20 for "sgd", as in Surprise."""
    user_regularization: Annotated[float, Field(ge=0), Range(0.5, 50.0, log=True)] = 15.0
    """How strongly users' biases are drawn to zero ("als"): as so many ratings at the mean would. 15 as in Surprise."""
    item_regularization: Annotated[float, Field(ge=0), Range(0.5, 50.0, log=True)] = 10.0
    """The same for the items."""
    learning_rate: Annotated[float, Field(gt=0)] = 0.005
    """The length of a step ("sgd")."""
    regularization: Annotated[float, Field(ge=0)] = 0.02
    """How strongly biases are drawn to zero with each step ("sgd")."""

    _learned = ("user_bias_", "item_bias_")

    def _fit(self, ratings: Ratings, progress: Progress) -> None:
        if self.method == "als":
            self.user_bias_, self.item_bias_ = als_biases(
                ratings.matrix, self.mean_, self.epochs or 10, self.user_regularization, self.item_regularization
            )
            return
        n, m = ratings.shape
        parts = rating_sgd.Parts.start((n, m), np.zeros((n, 0), np.float32), np.zeros((m, 0), np.float32))
        epochs = self.epochs or 20
        for epoch in range(epochs):
            progress("biases", epoch / epochs)
            rating_sgd.epoch(ratings.matrix, self.mean_, parts, *self._rates())
        self.user_bias_, self.item_bias_ = parts.user_bias, parts.item_bias
        progress("biases", 1.0)

    def _rates(self) -> tuple[Float32Array, Float32Array]:
        return np.full(5, self.learning_rate, np.float32), np.full(5, self.regularization, np.float32)

    def _estimate(self, users: Int32Array, items: Int32Array) -> Float32Array:
        estimate: Float32Array = np.float32(self.mean_) + pick(self.user_bias_, users) + pick(self.item_bias_, items)
        return estimate

    def _fold_in(self, given: CsrMatrix) -> dict[str, Any]:
        if self.method == "als":
            return {"user_bias_": user_biases(given, self.mean_, self.item_bias_, self.user_regularization)}
        factors = np.zeros((len(self.item_bias_), 0), np.float32)
        parts = rating_sgd.fold_in(
            given, self.mean_, self.item_bias_, factors, None, *self._rates(), epochs=self.epochs or 20
        )
        return {"user_bias_": parts.user_bias}


def als_biases(
    ratings: CsrMatrix, mean: float, epochs: int, user_regularization: float, item_regularization: float
) -> tuple[Float32Array, Float32Array]:
    """Return the biases of users and items, by solving for the items and the users in turn."""
    m = ratings.shape[1]
    rows = rows_of(ratings)
    above = ratings.data.astype(np.float64) - mean
    above_by_item = np.bincount(ratings.indices, weights=above, minlength=m)
    items = np.bincount(ratings.indices, minlength=m) + item_regularization
    users: Float32Array = np.zeros(ratings.shape[0], np.float32)
    item_bias: Float32Array = np.zeros(m, np.float32)
    for _ in range(epochs):
        taken = np.bincount(ratings.indices, weights=users[rows], minlength=m)
        item_bias = ((above_by_item - taken) / np.maximum(items, 1e-9)).astype(np.float32)
        users = user_biases(ratings, mean, item_bias, user_regularization)
    return users, item_bias


def user_biases(ratings: CsrMatrix, mean: float, item_bias: Float32Array, regularization: float) -> Float32Array:
    """Return the users' biases that fit their ratings best, given the items'."""
    rest = ratings.data - np.float32(mean) - item_bias[ratings.indices]
    n = ratings.shape[0]
    count = np.diff(ratings.indptr) + regularization
    totals = np.bincount(rows_of(ratings), weights=rest, minlength=n)
    biases: Float32Array = (totals / np.maximum(count, 1e-9)).astype(np.float32)
    return biases
