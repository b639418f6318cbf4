"""What a search is after: a figure, which way is up, and what counts as a difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from endcap.data.arrays import Float64Array
from endcap.models.base import Progress

if TYPE_CHECKING:
    from endcap.tuning.folds import Fold
    from endcap.tuning.rating_folds import RatingFold


@dataclass(frozen=True)
class Ndcg:
    """The mean NDCG@k of recommenders' lists: higher is better."""

    k: int = 10
    """The length of the lists."""

    higher_is_better: ClassVar[bool] = True
    gain: ClassVar[float] = 1e-3
    """Of the best figure: what counts as a gain."""
    hopeless: ClassVar[float] = 0.9
    """Of the best figure so far: a trial below that isn't worth more time."""

    @property
    def name(self) -> str:
        """As people write it."""
        return f"NDCG@{self.k}"

    def values(self, fold: Fold, model: Any, progress: Progress | None = None) -> Float64Array:
        """Fit a model on a fold, and return every shopper's NDCG."""
        return fold.ndcg(model, self.k, progress)

    def figure(self, values: Float64Array) -> float:
        """Return the mean."""
        return float(values.mean())


@dataclass(frozen=True)
class Rmse:
    """The root of the mean squared error of rating predictors: lower is better."""

    higher_is_better: ClassVar[bool] = False
    name: ClassVar[str] = "RMSE"
    gain: ClassVar[float] = 1e-4
    """RMSE moves little: a thousandth is a gain that papers report."""
    hopeless: ClassVar[float] = 0.97

    def values(self, fold: RatingFold, model: Any, progress: Progress | None = None) -> Float64Array:
        """Fit a model on a fold, and return the squared error of every hidden rating."""
        return fold.squared_errors(model, progress)

    def figure(self, values: Float64Array) -> float:
        """Return the root of the mean."""
        return float(np.sqrt(values.mean()))


Aim: TypeAlias = Ndcg | Rmse


def ratio(aim: Aim, one: float, other: float) -> float:
    """Return how many times as good one figure is as another: above 1 where it is better; NaN where one is missing."""
    above, below = (one, other) if aim.higher_is_better else (other, one)
    if below == 0:
        return 1.0 if above == 0 else float("inf")
    return above / below
