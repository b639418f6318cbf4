"""The test at the end: defaults and tuned parameters on what no search has seen, with how sure the difference is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from endcap.data.arrays import Float64Array
from endcap.data.schema import USER
from endcap.evaluation.bootstrap import percentile_interval, resampled_means
from endcap.tuning.aim import Aim, Rmse
from endcap.tuning.folds import Fold
from endcap.tuning.rating_folds import RatingFold

DEFAULTS = "defaults"
TUNED = "tuned"


@dataclass(frozen=True)
class Measured:
    """A figure with the ends of its 95 % interval (bootstrap over users)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Final:
    """What came of the test."""

    figures: dict[str, Measured]
    """Of the defaults, of the tuned parameters, and of simple models to compare with."""
    gain: Measured
    """How much better the tuned parameters are than the defaults, above zero where they are better: paired, for both
    answer for the same users. Zero where they are the same."""
    users: int
    """Who were measured."""

    @property
    def is_certain(self) -> bool:
        """Whether the tuned parameters are better and the interval excludes that they aren't."""
        return self.gain.low > 0


def measure_once(models: Mapping[str, Any], fold: Fold | RatingFold, aim: Aim, seed: int) -> Final:
    """Fit models on all of the past, and measure them on the test.

    Parameters
    ----------
    models
        Unfitted, by name; `defaults` among them and, where they differ from those, `tuned`.
    fold
        All of the past, and the test.
    aim
        What is measured.
    seed
        Of the bootstrap.
    """
    values = np.stack([aim.values(fold, model) for model in models.values()], axis=1)  # type: ignore[arg-type]
    if isinstance(fold, RatingFold):  # users are drawn, with all of their ratings: those of one user are alike
        _, who = np.unique(fold.hidden[USER].to_numpy(), return_inverse=True)
        counts = np.bincount(who).astype(np.float64)
        values = np.stack([np.bincount(who, weights=column) for column in values.T], axis=1)
    else:
        counts = np.ones(len(values))
    means = _figures(values.mean(axis=0), counts.mean(), aim)
    drawn = resampled_means(np.column_stack([values, counts]), seed=seed)
    draws = _figures(drawn[:, :-1], drawn[:, -1:], aim)
    names = list(models)
    low, high = percentile_interval(draws)
    figures = {name: Measured(float(means[n]), float(low[n]), float(high[n])) for n, name in enumerate(names)}
    if TUNED not in figures:
        return Final({**figures, TUNED: figures[DEFAULTS]}, Measured(0.0, 0.0, 0.0), len(values))
    sign = 1 if aim.higher_is_better else -1
    one, other = names.index(TUNED), names.index(DEFAULTS)
    ends = percentile_interval(sign * (draws[:, one] - draws[:, other]))
    gain = Measured(sign * float(means[one] - means[other]), float(ends[0]), float(ends[1]))
    return Final(figures, gain, len(values))


def _figures(sums: Float64Array, counts: Any, aim: Aim) -> Float64Array:
    means: Float64Array = sums / counts
    return np.sqrt(means) if isinstance(aim, Rmse) else means
