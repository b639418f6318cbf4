"""Slope One."""

from __future__ import annotations

from endcap.compat.surprise.prediction_algorithms.predictor import PredictorAlgorithm
from endcap.models.slope_one import SlopeOne as EndcapSlopeOne


class SlopeOne(PredictorAlgorithm):
    """How much higher an item is rated than the user's other items (`endcap.SlopeOne`).

    Examples
    --------
    >>> from endcap.compat.surprise import SlopeOne, Trainset
    >>> ratings = [("ann", 1, 1.0, None), ("ann", 2, 1.5, None), ("bob", 1, 2.0, None)]
    >>> SlopeOne().fit(Trainset.of(ratings, (1, 5))).predict("bob", 2).est
    2.5
    """

    _impossible = "User and/or item is unknown."

    def _make(self) -> EndcapSlopeOne:
        return EndcapSlopeOne()
