"""Algorithms of scikit-surprise as rating predictors."""

from __future__ import annotations

import contextlib
import copy
import io
from typing import Any

import numpy as np

from endcap.data.arrays import CsrMatrix, Float32Array, Int32Array
from endcap.data.ratings import Ratings
from endcap.errors import ParameterError
from endcap.models.adapters.not_saved import NotSaved
from endcap.models.base import Progress
from endcap.models.parameters import parameters
from endcap.models.rating_predictor import RatingPredictor, rows_of


@parameters
class SurpriseAlgorithm(NotSaved, RatingPredictor):
    """An algorithm of scikit-surprise; see `endcap.adapt`.

    It is asked pair by pair, as it can't be asked otherwise, and knows only users who were in training.
    """

    model: Any
    """The algorithm."""

    def _fit(self, ratings: Ratings, progress: Progress) -> None:
        from surprise import Dataset, Reader

        matrix = ratings.matrix
        users, items, values = rows_of(matrix).tolist(), matrix.indices.tolist(), matrix.data.tolist()
        raw = [(user, item, value, None) for user, item, value in zip(users, items, values, strict=True)]
        trainset = Dataset(Reader(rating_scale=ratings.scale)).construct_trainset(raw)
        self.fitted_ = copy.deepcopy(self.model)
        with contextlib.redirect_stdout(io.StringIO()):  # it tells of each step
            self.fitted_.fit(trainset)

    def _estimate(self, users: Int32Array, items: Int32Array) -> Float32Array:
        pairs = zip(users.tolist(), items.tolist(), strict=True)
        return np.array([self.fitted_.predict(user, item, clip=False).est for user, item in pairs], np.float32)

    def _fold_in(self, given: CsrMatrix) -> dict[str, Any]:
        raise ParameterError(
            f"{type(self).__name__} can't predict for users who were not in training; leave ratings= out, or take "
            "one of Endcap's rating predictors"
        )
