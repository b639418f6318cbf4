"""How long an experiment takes to find a change of a given size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from endcap.data.arrays import Float64Array
from endcap.monitor.confidence_sequence import ALPHA, multiplier

POWER: Final = 0.8
"""How often a change that is there is to be found by the day that is named: the field's custom."""
_Z: Final = 0.841621  # the normal distribution's quantile of POWER
_LONGEST: Final = 3650


@dataclass(frozen=True)
class Traffic:
    """What a shop saw of a surface's shoppers: after each day, all of it since the first one.

    Arrays have shape (days,): how many shoppers, the mean of what is measured and its variance over shoppers.
    """

    shoppers: Float64Array
    mean: Float64Array
    variance: Float64Array

    def onwards(self, days: int = _LONGEST) -> Traffic:
        """Return the same with the days that follow, as the newest half of those seen lets expect.

        As many new shoppers come a day, and what a shopper is worth grows by as much a day, for shoppers come back.
        Their variance grows with it: of shoppers who buy at random moments, each at a habit of their own, the variance
        over the squared mean is h + c / mean, h being how much habits differ and c the size of orders; both are read
        off what was seen.
        """
        seen = len(self.shoppers)
        half = seen // 2
        more = np.arange(1, max(0, days - seen) + 1)
        start = max(0, half - 1)
        grown = 1 / max(1, seen - 1 - start)
        pace = (self.shoppers[-1] - self.shoppers[start]) * grown if half else self.shoppers[-1]
        worth = self.mean[-1] + max(0.0, self.mean[-1] - self.mean[start]) * grown * more
        return Traffic(
            np.concatenate([self.shoppers, self.shoppers[-1] + pace * more]),
            np.concatenate([self.mean, worth]),
            np.concatenate([self.variance, worth**2 * self._relative(start, worth)]),
        )

    def _relative(self, start: int, worth: Float64Array) -> Float64Array:
        """Return the variance over the squared mean where shoppers are worth so much."""
        before, last = self.mean[start], self.mean[-1]
        if not last > 0:
            return np.zeros(len(worth))
        now = self.variance[-1] / last**2
        orders = 0.0
        if 0 < before < last:
            orders = (self.variance[start] / before**2 - now) / (1 / before - 1 / last)
        orders = min(max(orders, 0.0), now * last)
        found: Float64Array = now - orders / last + orders / worth
        return found


def detectable(
    traffic: Traffic, shares: Sequence[float], *, alpha: float = ALPHA, tuned_for: float = 10_000
) -> Float64Array:
    r"""Return the smallest lift that is found with 80 % power by the end of each day, as a share of the mean.

    A lift L is found by a day with that probability where L times the mean reaches multiplier + z standard errors of
    the difference: then the confidence sequence, whatever it did before, leaves zero out at that day's look. Shoppers
    whose values are all 1 + L times as large have (1 + L)\ :sup:`2` times the variance, too; a lift of 25 % makes it
    1.56 times as large, and what is found is the root of

    .. math:: L^2 = w^2\,\frac{\sigma^2}{\mu^2 n}\left(\frac{1}{s_0}+\frac{(1+L)^2}{s_1}\right)

    with w = multiplier + z and s the shares of the n shoppers. A lift that comes from more purchases rather than larger
    ones raises the variance by less, so it is found a little sooner.

    Parameters
    ----------
    traffic
        Of all variants together.
    shares
        Of each variant, the control first; the slowest comparison with it counts.
    alpha, tuned_for
        As `multiplier` takes them; alpha is divided among the comparisons with the control.

    Returns
    -------
    Float64Array
        Shape (days,); infinite where nothing was measured yet, or no lift is large enough.
    """
    control, other = shares[0], min(shares[1:])
    n = traffic.shoppers * (control + other)
    width = multiplier(n, alpha=alpha / (len(shares) - 1), tuned_for=tuned_for) + _Z
    with np.errstate(all="ignore"):
        one = width**2 * traffic.variance / (traffic.mean**2 * traffic.shoppers)
        treated = one / other
        lift = (treated + np.sqrt(treated**2 + (1 - treated) * (one / control + treated))) / (1 - treated)
    found: Float64Array = np.where(np.isfinite(lift) & (lift > 0), lift, np.inf)
    return found


def days_needed(
    traffic: Traffic, lift: float, shares: Sequence[float], *, alpha: float = ALPHA, tuned_for: float = 10_000
) -> int | None:
    """Return after how many days a lift is found with 80 % power; None where ten years don't do.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.monitor.power import Traffic, days_needed
    >>> a_week = Traffic(1000.0 * np.arange(1, 8), np.full(7, 2.0), np.full(7, 4.0))
    >>> days_needed(a_week, 0.05, (0.5, 0.5))
    26
    """
    enough = np.flatnonzero(detectable(traffic.onwards(), shares, alpha=alpha, tuned_for=tuned_for) <= lift)
    return int(enough[0]) + 1 if len(enough) else None
