"""Ratings drawn at random: what knowing nothing is worth."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from endcap.data.arrays import CsrMatrix, Float32Array, Float64Array, Int32Array
from endcap.data.ratings import Ratings
from endcap.models.base import Progress
from endcap.models.parameters import Seed, parameters
from endcap.models.rating_predictor import RatingPredictor

Bits: TypeAlias = npt.NDArray[np.uint64]


@parameters
class RandomRating(RatingPredictor):
    """A draw from the normal distribution with the mean and standard deviation of the ratings.

    What every predictor has to beat. The draw is a function of the seed, the user and the item: the same pair gets the
    same estimate, whichever pairs it is asked about with.

    Examples
    --------
    >>> import endcap as ec
    >>> import polars as pl
    >>> table = pl.DataFrame({"user_id": ["ann", "bob"], "item_id": [1, 1], "rating": [2.0, 4.0]})
    >>> estimate = ec.RandomRating(seed=1).fit(table).predict(table)["estimate"]
    >>> bool((estimate >= 2).all() and (estimate <= 4).all())
    True
    """

    seed: Seed = 0
    """Of the draws."""

    _learned = ("deviation_",)

    def _fit(self, ratings: Ratings, progress: Progress) -> None:
        self.deviation_: Float64Array = np.array([ratings.matrix.data.std(dtype=np.float64)])

    def _estimate(self, users: Int32Array, items: Int32Array) -> Float32Array:
        pairs = (users.astype(np.int64) + 1 << 32 | items.astype(np.int64) + 1).astype(np.uint64)
        start = _mixed(np.array([self.seed], np.uint64))
        first, second = (_uniform(_mixed(pairs ^ _mixed(start + np.uint64(n)))) for n in (1, 2))
        # Box and Muller's transform of two uniform draws into a normal one.
        normal = np.sqrt(-2 * np.log1p(-first)) * np.cos(2 * np.pi * second)
        estimate: Float32Array = (self.mean_ + self.deviation_[0] * normal).astype(np.float32)
        return estimate

    def _fold_in(self, given: CsrMatrix) -> dict[str, Any]:
        return {}


def _mixed(x: Bits) -> Bits:
    """Return 64 well-mixed bits for each number (the finaliser of SplitMix64; Steele, Lea and Flood, 2014)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _uniform(bits: Bits) -> Float64Array:
    return np.asarray(bits >> np.uint64(11), np.float64) * 2.0**-53
