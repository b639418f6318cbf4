"""An algorithm that is one of Endcap's rating predictors."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np

from endcap.compat.surprise.prediction_algorithms.algo_base import AlgoBase
from endcap.compat.surprise.prediction_algorithms.predictions import Prediction, PredictionImpossible
from endcap.compat.surprise.trainset import Trainset
from endcap.data.arrays import BoolArray, Float32Array, Int32Array
from endcap.models.rating_predictor import RatingPredictor


class PredictorAlgorithm(AlgoBase):
    """What algorithms over a rating predictor share: `test` answers all pairs in one call of it.

    A subclass of one of them that defines its own `estimate` or `predict` is asked pair by pair.
    """

    model: RatingPredictor
    """Endcap's predictor, on inner ids; there is one after `fit`."""

    _impossible = ""
    """Why there is no estimate for an unknown user or item; empty where there always is one."""

    @abstractmethod
    def _make(self) -> RatingPredictor:
        """Return the predictor to fit."""

    def _learned(self) -> None:
        """Set the attributes that scripts read."""

    def fit(self, trainset: Trainset) -> Self:
        """Learn from a trainset."""
        super().fit(trainset)
        self.model = self._make().fit(trainset.ratings)
        self._learned()
        return self

    def estimate(self, u: Any, i: Any) -> Any:
        """Return an estimate, or one and a dict of details, for inner ids."""
        users = np.array([u if self.trainset.knows_user(u) else -1], np.int32)
        items = np.array([i if self.trainset.knows_item(i) else -1], np.int32)
        estimates, impossible, details = self._answer(users, items)
        if impossible[0]:
            raise PredictionImpossible(details[0]["reason"])
        return float(estimates[0]), details[0]

    def test(self, testset: Any, verbose: bool = False) -> list[Prediction]:
        """Return the predictions for a list of (user, item, rating), all in one call of the predictor."""
        own = type(self)
        if own.predict is not AlgoBase.predict or own.estimate is not PredictorAlgorithm.estimate:
            return super().test(testset, verbose)
        testset = list(testset)
        if not testset:
            return []
        users, items, ratings = (list(column) for column in zip(*testset, strict=True))
        estimates, impossible, details = self._answer(*self.trainset.inner_ids(users, items))
        exact = estimates.astype(np.float64)
        if impossible.any():
            exact[impossible] = self.default_prediction()
        found = np.clip(exact, *self.trainset.rating_scale).tolist()
        for detail, was_impossible in zip(details, impossible.tolist(), strict=True):
            detail["was_impossible"] = was_impossible
        predictions = list(map(Prediction, users, items, ratings, found, details))
        if verbose:
            print(*predictions, sep="\n")
        return predictions

    def _answer(self, users: Int32Array, items: Int32Array) -> tuple[Float32Array, BoolArray, list[dict[str, Any]]]:
        """Return for inner ids, -1 where unknown: estimates, whether there can't be one, and the details of each."""
        impossible: BoolArray = np.zeros(len(users), np.bool_)
        if self._impossible:
            impossible = (users < 0) | (items < 0)
        details: list[dict[str, Any]] = [{} for _ in range(len(users))]
        for place in np.flatnonzero(impossible):
            details[place]["reason"] = self._impossible
        return self._estimates(users, items), impossible, details

    def _estimates(self, users: Int32Array, items: Int32Array) -> Float32Array:
        return self.model._estimate(users, items)
