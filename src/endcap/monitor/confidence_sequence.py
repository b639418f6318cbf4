"""Intervals that hold at every look: one may watch an experiment and stop it when the answer is clear."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from endcap.data.arrays import Float64Array

ALPHA: Final = 0.05
"""How often the truth may be outside at any time: 95 % is the field's custom."""


def multiplier(shoppers: Float64Array, *, alpha: float = ALPHA, tuned_for: float = 10_000) -> Float64Array:
    r"""Return how many standard errors wide to each side an interval is that may be looked at all the time.

    The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas ("Time-uniform central limit
    theory and asymptotic confidence sequences", Annals of Statistics 2024, theorem 2.2), which carries the normal
    mixture of Robbins ("Statistical methods related to the law of the iterated logarithm", 1970; Howard, Ramdas,
    McAuliffe and Sekhon 2021, section 3.2) over to means whose variance is estimated:

    .. math:: \hat\mu_n \pm \frac{\hat\sigma_n}{\sqrt n}\sqrt{\frac{n\rho^2+1}{n\rho^2}\log\frac{n\rho^2+1}{\alpha^2}}

    Parameters
    ----------
    shoppers
        How many there are, in all variants that are compared.
    alpha
        How often the truth may ever be outside.
    tuned_for
        At about so many shoppers the interval is narrowest; it is to be settled before the first look. A tenth or
        tenfold of it costs a fifth of the width at most.

    Returns
    -------
    Float64Array
        The same shape as `shoppers`; 1.96 would be the interval for one look at a time that was settled before.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.monitor.confidence_sequence import multiplier
    >>> multiplier(np.array([1_000.0, 10_000.0, 100_000.0])).round(2).tolist()
    [3.86, 3.04, 3.24]
    """
    looks = -2 * math.log(alpha)
    x = np.maximum(shoppers, 1) * (looks + math.log(looks + 1)) / tuned_for
    width: Float64Array = np.sqrt((x + 1) / x * np.log((x + 1) / alpha**2))
    return width


def difference(
    moments: Float64Array, control: Float64Array, *, alpha: float = ALPHA, tuned_for: float = 10_000
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return the difference of two means at each look, and the ends of its confidence sequence.

    Parameters
    ----------
    moments, control
        Shape (looks, 3): of a variant and of the control at each look, how many shoppers, the sum of their values and
        the sum of the squares.
    alpha, tuned_for
        As `multiplier` takes them.

    Returns
    -------
    tuple of Float64Array
        Difference, lower and upper end, shape (looks,) each; NaN where a variant has fewer than two shoppers.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.monitor.confidence_sequence import difference
    >>> one, other = np.array([[5000.0, 600.0, 600.0]]), np.array([[5000.0, 500.0, 500.0]])
    >>> [round(float(end[0]), 4) for end in difference(one, other)]
    [0.02, 0.001, 0.039]
    """
    with np.errstate(all="ignore"):
        (mean, error), (base, base_error) = _mean(moments), _mean(control)
        gain = mean - base
        width = multiplier(moments[:, 0] + control[:, 0], alpha=alpha, tuned_for=tuned_for)
        half = width * np.sqrt(error + base_error)
    return gain, gain - half, gain + half


def _mean(moments: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the mean and the square of its standard error."""
    n, total, squares = moments.T
    mean = total / n
    return mean, np.where(n > 1, np.maximum(squares / n - mean**2, 0) / (n - 1), np.nan)
