"""How far estimates of ratings are off, and whether they order a user's items rightly."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

_BLOCK: Final = 4_000_000
"""How many pairs `fcp` looks at at a time."""


def rmse(actual: Any, estimate: Any) -> float:
    """Return the root of the mean squared error, in the unit of the ratings.

    Examples
    --------
    >>> from endcap.evaluation.rating_metrics import rmse
    >>> rmse([3, 4], [3, 2])
    1.4142135623730951
    """
    return float(np.sqrt(np.mean(np.square(_error(actual, estimate)))))


def mae(actual: Any, estimate: Any) -> float:
    """Return the mean absolute error, in the unit of the ratings.

    Examples
    --------
    >>> from endcap.evaluation.rating_metrics import mae
    >>> mae([3, 4], [3, 2])
    1.0
    """
    return float(np.mean(np.abs(_error(actual, estimate))))


def fcp(users: Any, actual: Any, estimate: Any) -> float:
    """Return the fraction of concordant pairs, from 0 to 1: how often estimates order two items of a user rightly.

    Of all pairs of ratings of the same user that differ, the share whose estimates differ in the same direction; equal
    estimates count as wrong (Koren and Sill, "Collaborative Filtering on Ordinal User Feedback", IJCAI 2013). NaN where
    no user rated two items differently.

    Parameters
    ----------
    users, actual, estimate
        Of shape (n,): who, the rating, and the estimate.

    Examples
    --------
    >>> from endcap.evaluation.rating_metrics import fcp
    >>> fcp([1, 1, 1, 2], [5, 3, 1, 4], [4.5, 2.0, 2.5, 3.0])
    0.6666666666666666
    """
    _, who = np.unique(np.asarray(users), return_inverse=True)
    order = np.argsort(who, kind="stable")
    actual, estimate = np.asarray(actual, np.float64)[order], np.asarray(estimate, np.float64)[order]
    counts = np.bincount(who)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    partners = np.repeat(counts, counts)  # of each rating: the ratings of its user, itself among them
    ends = np.cumsum(partners)
    concordant = differing = begin = 0
    while begin < len(partners):
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + _BLOCK, side="right")))
        mine = np.repeat(np.arange(begin, end), partners[begin:end])
        other = np.arange(len(mine)) + np.repeat(
            first[begin:end] - (ends - partners)[begin:end] + done, partners[begin:end]
        )
        above = actual[mine] > actual[other]
        differing += int(above.sum())
        concordant += int((above & (estimate[mine] > estimate[other])).sum())
        begin = end
    return concordant / differing if differing else float("nan")


def _error(actual: Any, estimate: Any) -> Any:
    return np.asarray(estimate, np.float64) - np.asarray(actual, np.float64)
