"""How sure a figure is that was measured on these users and not on others."""

from __future__ import annotations

from typing import Final

import numpy as np

from endcap.data.arrays import Float64Array, Int32Array

LEVEL: Final = 0.95
"""How often an interval should hold the true value."""
RESAMPLES: Final = 1000
"""How often the users are drawn anew: enough for the ends of a 95 % interval (Efron and Tibshirani 1993, ch. 13)."""
_BLOCK = 4_000_000  # numbers of 8 bytes held at a time


def resampled_means(values: Float64Array, *, resamples: int = RESAMPLES, seed: int = 0) -> Float64Array:
    """Return the means of all columns over users drawn with replacement, many times over.

    All columns see the same users in a draw. So the difference of two columns of the result are draws of the
    difference of their means, with what the two have in common (an easy user is easy for every model) gone:
    a paired comparison.

    Parameters
    ----------
    values
        Shape (users, columns).
    resamples
        How often to draw; by default 1,000.
    seed
        The same seed and number of users draw the same users.

    Returns
    -------
    Float64Array
        Shape (resamples, columns).
    """
    n = len(values)
    rng = np.random.default_rng(seed)
    means = np.empty((resamples, values.shape[1]))
    step = max(1, _BLOCK // n)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        times = np.empty((size, n))
        for row in range(size):
            times[row] = np.bincount(rng.integers(0, n, n, dtype=np.int32), minlength=n)
        means[start : start + size] = times @ values / n
    return means


def percentile_interval(draws: Float64Array, level: float = LEVEL) -> tuple[Float64Array, Float64Array]:
    """Return the ends of the percentile interval (Efron 1979) of each column of `draws`, shape (resamples, ...)."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def coverage_error(recommended: Int32Array, n_items: int) -> float:
    """Return the jackknife standard error of `metrics.catalogue_coverage`, to be put around the estimate.

    The bootstrap won't do here: a draw holds only 63 % of the users, some of them repeatedly, and so reaches fewer
    items than all users do; its percentiles lie below the estimate and its spread is too small. The jackknife leaves
    out each user in turn, which loses the items that nobody else is recommended, and errs on the side of too wide an
    interval (Efron and Stein 1981).

    Parameters
    ----------
    recommended
        Shape (n, k): item positions, -1 for an empty place.
    n_items
        The size of the catalogue.
    """
    filled = recommended >= 0
    lists = np.bincount(recommended[filled], minlength=n_items)
    own = (filled & (lists[recommended] == 1)).sum(axis=1)
    n = len(recommended)
    return float(np.sqrt((n - 1) / n * ((own - own.mean()) ** 2).sum()) / n_items)
