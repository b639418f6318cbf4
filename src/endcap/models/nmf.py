"""Non-negative matrix factorisation of ratings."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from endcap import native
from endcap.data.arrays import CsrMatrix, Float32Array, Int32Array
from endcap.data.ratings import Ratings
from endcap.errors import ParameterError
from endcap.models import rating_sgd
from endcap.models.base import Progress
from endcap.models.parameters import Seed, Threads, parameters
from endcap.models.rating_kernels import Lists, padded, products
from endcap.models.rating_predictor import RatingPredictor, pick
from endcap.models.search_space import Options, Range


@parameters
class NMF(RatingPredictor):
    """Users and items as vectors without a negative number, whose inner product is the rating.

        estimate = q_i . p_u        (`biased`: mean + b_u + b_i + q_i . p_u)

    An epoch multiplies each p_uf by  sum of q_if r_ui / (sum of q_if estimate_ui + regularization n_u p_uf), the sums
    going over the user's n_u ratings, and each q_if likewise: these steps of gradient descent are as long as they
    can be without a number becoming negative (Lee and Seung, "Algorithms for Non-negative Matrix Factorization", NIPS
    2000; Luo, Zhou, Xia and Zhu, "An Efficient Non-Negative Matrix-Factorization-Based Approach to Collaborative
    Filtering for Recommender Systems", IEEE TII 2014). Biases, where wanted, take a step of gradient descent for
    each rating.

    The vectors of items start as random numbers, those of users all alike: random numbers on both sides would leave
    users with few ratings an error that nothing was learned from, .009 of the RMSE on MovieLens 100K.

    A user who wasn't in training starts from the mean user and is updated as often as in training, the items staying
    as they are. Defaults are those of Surprise.

    Examples
    --------
    >>> import endcap as ec
    >>> import polars as pl
    >>> table = pl.DataFrame({"user_id": ["ann", "ann", "bob"], "item_id": [1, 2, 1], "rating": [5.0, 4.0, 3.0]})
    >>> model = ec.NMF(factors=2, seed=1).fit(table)
    >>> bool((model.user_factors_ >= 0).all())
    True
    """

    factors: Annotated[int, Field(ge=1, le=4096), Range(4, 64, log=True)] = 15
    """Length of the vectors."""
    epochs: Annotated[int, Field(ge=1), Range(10, 150, log=True)] = 50
    """Passes over the ratings."""
    biased: Annotated[bool, Options(False, True)] = False
    """Whether there are biases and a mean."""
    user_regularization: Annotated[float, Field(ge=0), Range(0.005, 1.0, log=True)] = 0.06
    """How strongly user factors are drawn to zero."""
    item_regularization: Annotated[float, Field(ge=0), Range(0.005, 1.0, log=True)] = 0.06
    """How strongly item factors are drawn to zero."""
    user_bias_regularization: Annotated[float, Field(ge=0)] = 0.02
    """How strongly users' biases are drawn to zero (`biased`)."""
    item_bias_regularization: Annotated[float, Field(ge=0)] = 0.02
    """How strongly items' biases are drawn to zero (`biased`)."""
    user_bias_learning_rate: Annotated[float, Field(ge=0)] = 0.005
    """The length of a step of users' biases (`biased`)."""
    item_bias_learning_rate: Annotated[float, Field(ge=0)] = 0.005
    """The length of a step of items' biases (`biased`)."""
    initial_low: Annotated[float, Field(ge=0)] = 0.0
    """Item factors start as random numbers from here ..."""
    initial_high: Annotated[float, Field(gt=0)] = 1.0
    """... to here; user factors start in the middle."""
    seed: Seed = 0
    """Of the random item factors at the start."""
    threads: Threads = 0
    """0: all cores. The result doesn't depend on it."""

    _learned = ("user_bias_", "item_bias_", "user_factors_", "item_factors_")

    def _fit(self, ratings: Ratings, progress: Progress) -> None:
        if self.initial_low > self.initial_high:
            raise ParameterError(f"NMF: initial_low={self.initial_low} is above initial_high={self.initial_high}")
        parts = rating_sgd.Parts.start(ratings.shape, *self._start(ratings.shape))
        by_user = ratings.matrix
        # Where each entry of the ratings by item stands in the ratings by user.
        places = type(by_user)((np.arange(by_user.nnz), by_user.indices, by_user.indptr), shape=by_user.shape)
        order = places.T.tocsr().data
        by_item = by_user.T.tocsr()
        for epoch in range(self.epochs):
            progress("factors", epoch / self.epochs)
            estimates = self._biases_step(by_user, parts)
            users = self._updated(by_user, estimates, parts.user_factors, parts.item_factors, self.user_regularization)
            parts.item_factors = self._updated(
                by_item,
                None if estimates is None else estimates[order],
                parts.item_factors,
                parts.user_factors,
                self.item_regularization,
            )
            parts.user_factors = users
        self.user_bias_: Float32Array = parts.user_bias
        self.item_bias_: Float32Array = parts.item_bias
        self.user_factors_: Float32Array = np.ascontiguousarray(parts.user_factors[:, : self.factors])
        self.item_factors_: Float32Array = np.ascontiguousarray(parts.item_factors[:, : self.factors])
        progress("factors", 1.0)

    def _start(self, rows: tuple[int, int]) -> list[Float32Array]:
        """Return factors to start from: users in the middle, items at random, which is enough to tell factors apart."""
        draws, (n, m) = np.random.default_rng(self.seed), rows
        middle = (self.initial_low + self.initial_high) / 2
        return [
            np.full((n, self.factors), middle, np.float32),
            draws.uniform(self.initial_low, self.initial_high, (m, self.factors)).astype(np.float32),
        ]

    def _biases_step(self, by_user: CsrMatrix, parts: rating_sgd.Parts, items: bool = True) -> Float32Array | None:
        """Move the biases and return the estimates on the way; None where there are no biases."""
        if not self.biased:
            return None
        estimates = np.empty(by_user.nnz, np.float32)
        rates = np.zeros(5, np.float32)
        rates[:2] = self.user_bias_learning_rate, self.item_bias_learning_rate if items else 0
        decays = np.zeros(5, np.float32)
        decays[:2] = self.user_bias_regularization, self.item_bias_regularization
        rating_sgd.epoch(by_user, self.mean_, parts, rates, decays, estimates)
        return estimates

    def _updated(
        self, rows: CsrMatrix, estimates: Float32Array | None, x: Float32Array, y: Float32Array, regularization: float
    ) -> Float32Array:
        """Return what the factors x of the rows become, given those of the columns."""
        updated = np.empty_like(x)
        native.nmf_update(*Lists.of(rows), estimates, x, y, regularization, updated, self.threads)
        return updated

    def _estimate(self, users: Int32Array, items: Int32Array) -> Float32Array:
        estimate = products(self.user_factors_, self.item_factors_, users, items)
        if self.biased:
            estimate += np.float32(self.mean_) + pick(self.user_bias_, users) + pick(self.item_bias_, items)
        else:
            estimate[(users < 0) | (items < 0)] = self.mean_
        return estimate

    def _fold_in(self, given: CsrMatrix) -> dict[str, Any]:
        items, columns = np.unique(given.indices, return_inverse=True)
        rows = type(given)((given.data, columns.astype(np.int32), given.indptr), shape=(given.shape[0], len(items)))
        start = np.tile(self.user_factors_.mean(axis=0), (given.shape[0], 1))
        parts = rating_sgd.Parts.start(rows.shape, start, self.item_factors_[items])
        parts.item_bias[:] = self.item_bias_[items]
        for _ in range(self.epochs):
            estimates = self._biases_step(rows, parts, items=False)
            parts.user_factors = self._updated(
                rows, estimates, parts.user_factors, parts.item_factors, self.user_regularization
            )
        has_ratings = (np.diff(given.indptr) > 0)[:, None]
        factors = np.where(has_ratings, parts.user_factors[:, : self.factors], padded(start)[:, : self.factors])
        return {"user_bias_": parts.user_bias, "user_factors_": np.ascontiguousarray(factors)}
