"""How sure a figure is that was measured on these users and not on others."""

from __future__ import annotations

from typing import Final

import numpy as np

from endcap import native
from endcap.data.arrays import Float64Array, Int32Array

LEVEL: Final = 0.95
"""How often an interval should hold the true value."""
RESAMPLES: Final = 1000
"""How often the users are drawn anew: enough for the ends of a 95 % interval (Efron and Tibshirani 1993, ch. 13)."""


def resampled_means(values: Float64Array, *, resamples: int = RESAMPLES, seed: int = 0) -> Float64Array:
    """Return the means of all columns over users drawn with replacement, many times over.

    All columns see the same users in a draw. So the difference of two columns of the result are draws of the
    difference of their means, with what the two have in common (an easy user is easy for every model) gone:
    a paired comparison.

    Parameters
    ----------
    values
        Shape (users, columns). NaN where a user has no value: the mean is over those who have one.
    resamples
        How often to draw; by default 1,000.
    seed
        The same seed and number of users draw the same users.

    Returns
    -------
    Float64Array
        Shape (resamples, columns).
    """
    columns = np.ascontiguousarray(values.T, np.float64)
    means = np.empty((resamples, len(columns)))
    missing = np.isnan(columns)
    gaps = missing.any(axis=1)
    if not gaps.any():
        native.resampled_means(columns, _key(seed), means, 0)
        return means
    # Where users lack a value: the mean of the values, zeros for the missing, over the share of those who have one.
    both = np.empty((resamples, len(columns) + int(gaps.sum())))
    native.resampled_means(np.vstack([np.where(missing, 0.0, columns), ~missing[gaps]]), _key(seed), both, 0)
    means[:] = both[:, : len(columns)]
    with np.errstate(invalid="ignore"):
        means[:, gaps] /= both[:, len(columns) :]
    return means


def _key(seed: int) -> int:
    """Return 64 bits that differ much between seeds that differ little."""
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])


def percentile_interval(draws: Float64Array, level: float = LEVEL) -> tuple[Float64Array, Float64Array]:
    """Return the ends of the percentile interval (Efron 1979) of each column of `draws`, shape (resamples, ...).

    A draw without a value (NaN) is left out; a column without any has NaN.
    """
    missing = np.isnan(draws)
    ends = [(1 - level) / 2, (1 + level) / 2]
    if not missing.any():
        low, high = np.quantile(draws, ends, axis=0)
        return low, high
    nothing = missing.all(axis=0)
    low, high = np.nanquantile(np.where(nothing, 0.0, draws), ends, axis=0)
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def variance_of(draws: Float64Array) -> Float64Array:
    """Return the variance of each column of `draws`, shape (resamples, ...); NaN where no draw has a value."""
    known = ~np.isnan(draws)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, draws, 0).sum(axis=0) / count
    variance = (np.where(known, draws - mean, 0) ** 2).sum(axis=0) / np.maximum(count - 1, 1)
    return np.where(known.any(axis=0), variance, np.nan)


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
