"""Baselines, and ratings at random."""

from __future__ import annotations

from typing import Any

import numpy as np

from endcap.compat.surprise.prediction_algorithms.algo_base import AlgoBase
from endcap.compat.surprise.prediction_algorithms.predictor import PredictorAlgorithm
from endcap.data.arrays import Float32Array, Int32Array
from endcap.data.ratings import Ratings
from endcap.models.base import Progress
from endcap.models.baseline import Baseline
from endcap.models.random_rating import RandomRating


class BaselineOnly(PredictorAlgorithm):
    """The mean plus a bias of the user and one of the item (`endcap.Baseline`).

    Parameters
    ----------
    bsl_options
        See `AlgoBase`.
    verbose
        Has no effect: nothing is printed.

    Examples
    --------
    >>> from endcap.compat.surprise import BaselineOnly, Trainset
    >>> ratings = [("ann", 1, 5.0, None), ("ann", 2, 4.0, None), ("bob", 1, 3.0, None)]
    >>> round(BaselineOnly().fit(Trainset.of(ratings, (1, 5))).predict("bob", 2).est, 3)
    3.932
    """

    def __init__(self, bsl_options: dict[str, Any] | None = None, verbose: bool = True) -> None:
        super().__init__(bsl_options=bsl_options)
        self.verbose = verbose

    def _make(self) -> Baseline:
        return _GivenBaseline(self)

    def _learned(self) -> None:
        self.compute_baselines()


class _GivenBaseline(Baseline):
    """`Baseline` with the biases that an algorithm computes."""

    def __init__(self, algo: AlgoBase) -> None:
        super().__init__()
        self._algo = algo

    def _fit(self, ratings: Ratings, progress: Progress) -> None:
        self.user_bias_, self.item_bias_ = self._algo.compute_baselines()


class NormalPredictor(PredictorAlgorithm):
    """Ratings at random, with the mean and the deviation of the ratings (see `endcap.RandomRating`).

    Draws come from NumPy's global generator: `numpy.random.seed` makes them repeatable.

    Examples
    --------
    >>> from endcap.compat.surprise import NormalPredictor, Trainset
    >>> algo = NormalPredictor().fit(Trainset.of([("ann", 1, 5.0, None), ("bob", 1, 3.0, None)], (1, 5)))
    >>> 1 <= algo.predict("ann", 1).est <= 5
    True
    """

    def _make(self) -> RandomRating:
        return RandomRating()

    def _learned(self) -> None:
        self.sigma = float(self.model.deviation_[0])  # type: ignore[attr-defined]

    def _estimates(self, users: Int32Array, items: Int32Array) -> Float32Array:
        return np.random.normal(self.model.mean_, self.sigma, len(users)).astype(np.float32)
