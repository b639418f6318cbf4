"""Several fits of one model: how much a figure depends on the seed, and what that means for decisions."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from endcap.data.arrays import Float64Array
from endcap.evaluation.bootstrap import LEVEL
from endcap.models.base import Recommender
from endcap.models.blend import Blend
from endcap.models.parameters import parameters_of

FITS: Final = 3
"""How often a model that draws by chance is fitted: with fewer, what the seed changes can't be told (two fits leave one
degree of freedom, whose 95 % point is 12.7 standard errors; three 4.3)."""
_NORMAL: Final = 1.959964


@dataclass(frozen=True)
class Spread:
    """How far figures of one model are from each other by the seed alone."""

    variance: Float64Array
    """The variance of their mean, shape (figures,)."""
    degrees: int
    """Its degrees of freedom: one less than the fits; 0 where there is one fit, and no variance."""

    @classmethod
    def of(cls, figures: Sequence[Float64Array]) -> Spread:
        """Return the spread of the figures of each fit."""
        table = np.stack(figures)
        fits = len(table)
        return cls(table.var(axis=0, ddof=1) / fits if fits > 1 else np.zeros(table.shape[1:]), fits - 1)

    def at(self, figure: int) -> Spread:
        """Return the spread of one of the figures."""
        return Spread(self.variance[figure], self.degrees)


def with_other_seed(model: Recommender, fit: int) -> Recommender | None:
    """Return a copy of a model for its fit number `fit`, or None where nothing in it depends on chance.

    Fit 0 has the model's own seed. The seeds of the others follow from it, without two models of neighbouring seeds
    sharing one.
    """
    own = parameters_of(model)
    if "seed" not in own:
        return None
    other = copy.copy(model)
    other.seed = _seed(own["seed"], fit)  # type: ignore[attr-defined]
    if isinstance(model, Blend) and isinstance(other, Blend):
        other.models = [(name, given | _member_seed(name, given, fit)) for name, given in model.models]
    return other


def _seed(own: int, fit: int) -> int:
    return int(np.random.SeedSequence([own, fit]).generate_state(1)[0]) if fit else own


def _member_seed(name: str, given: dict[str, Any], fit: int) -> dict[str, int]:
    import endcap

    usual = getattr(getattr(endcap, name, None), "__dataclass_fields__", {})
    return {"seed": _seed(given.get("seed", usual["seed"].default), fit)} if "seed" in usual else {}


def widened(
    estimate: Float64Array | float, low: Float64Array, high: Float64Array, by_users: Float64Array, *spreads: Spread
) -> tuple[Float64Array, Float64Array]:
    """Return the ends of intervals that hold for other seeds, too.

    An interval from drawing users anew knows of these fits only. It is widened, on both sides, by how much larger the
    95 % point of a t distribution times the whole standard error is than that of the users alone (see `p_value`).

    Parameters
    ----------
    estimate, low, high
        The figures and their intervals by users, shape (figures,).
    by_users
        The variances of the figures by users.
    *spreads
        Of each model that a figure is of.
    """
    if not any(spread.degrees for spread in spreads):
        return low, high
    variance, degrees = _whole(by_users, spreads)
    from scipy.special import stdtrit  # here: a server, which imports this room, never comes to it

    reach = -stdtrit(degrees, (1 - LEVEL) / 2) * np.sqrt(variance)
    with np.errstate(invalid="ignore", divide="ignore"):
        times = np.maximum(reach / (_NORMAL * np.sqrt(by_users)), 1)
        scaled = estimate - (estimate - low) * times, estimate + (high - estimate) * times
    alone = by_users == 0
    return np.where(alone, estimate - reach, scaled[0]), np.where(alone, estimate + reach, scaled[1])


def p_value(difference: float, by_users: float, *spreads: Spread) -> float:
    """Return the probability of a difference at least as far from zero between two models that are as good.

    For two algorithms, not for the two fits that happened to be made of them: users and seeds are both drawn by
    chance, so the variance of the difference is that by users plus that by the seeds of either model. What a seed
    changes for single users is in both, so the sum is too large rather than too small, as in the bootstrap of two
    crossed factors (Owen 2007). Its degrees of freedom are Satterthwaite's (1946), the distribution Student's t.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.evaluation.fits import Spread, p_value
    >>> fits = Spread.of([np.array(0.30), np.array(0.31), np.array(0.32)])
    >>> round(p_value(0.02, 1e-6, fits), 2)
    0.07
    """
    variance, degrees = _whole(np.asarray(by_users), spreads)
    if variance == 0:
        return float(difference == 0)
    from scipy.special import stdtr

    return float(2 * stdtr(degrees, -abs(difference) / np.sqrt(variance)))


def _whole(by_users: Float64Array, spreads: Sequence[Spread]) -> tuple[Float64Array, Float64Array]:
    """Return the variance by users and seeds, and its degrees of freedom; users are many, theirs is taken as known."""
    seen = [spread for spread in spreads if spread.degrees]
    variance = by_users + sum(spread.variance for spread in seen)
    uncertain = sum(spread.variance**2 / spread.degrees for spread in seen)
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees = np.where(uncertain > 0, variance**2 / np.where(uncertain > 0, uncertain, 1), np.inf)
    return variance, np.minimum(degrees, 1e9)
