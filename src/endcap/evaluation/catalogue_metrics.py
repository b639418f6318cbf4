"""What all lists together do to the catalogue: one value for all users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from endcap import native
from endcap.data.arrays import Int32Array

CATALOGUE_METRICS: Final = ("coverage", "gini", "personalisation")
"""The metrics of all lists together, in the order of their names here."""


def catalogue_coverage(recommended: Int32Array, n_items: int) -> float:
    """Return the share of the catalogue's `n_items` items that are in anybody's list.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.evaluation.catalogue_metrics import catalogue_coverage
    >>> catalogue_coverage(np.array([[0, 1], [0, -1]]), 4)
    0.5
    """
    return catalogue_coverages(recommended.reshape(-1, 1), n_items, [1])[0]


def catalogue_coverages(recommended: Int32Array, n_items: int, cutoffs: Sequence[int]) -> list[float]:
    """Return the `catalogue_coverage` of the lists' first places, for several ascending lengths in one pass.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.evaluation.catalogue_metrics import catalogue_coverages
    >>> catalogue_coverages(np.array([[0, 1], [0, -1]]), 4, [1, 2])
    [0.25, 0.5]
    """
    width = recommended.shape[1]
    first = np.full(n_items, width, np.int32)
    native.first_places(np.ascontiguousarray(recommended, np.int32), first)
    reached = np.cumsum(np.bincount(first, minlength=width + 1))
    return [int(reached[min(k, width) - 1]) / n_items for k in cutoffs]


def gini(recommended: Int32Array, n_items: int) -> float:
    """Return how unequally recommendations are spread over the catalogue: 0 evenly, near 1 all on one item.

    With c_1 <= ... <= c_m how often each of the m items is recommended, the sum of (2 i - m - 1) c_i divided by m times
    the sum of c_i (Gini 1912, as in Fleder and Hosanagar 2009). 0 where nothing is recommended.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.evaluation.catalogue_metrics import gini
    >>> gini(np.array([[0], [0], [1]]), 3)  # counts 0, 1, 2: (-2 * 0 + 0 * 1 + 2 * 2) / (3 * 3)
    0.4444444444444444
    """
    counts = np.sort(np.bincount(recommended[recommended >= 0], minlength=n_items))
    total = int(counts.sum())
    weights = 2 * np.arange(1, n_items + 1) - n_items - 1
    return float((weights * counts).sum() / (n_items * total)) if total else 0.0


def personalisation(recommended: Int32Array) -> float:
    """Return how different the lists of two users are: 1 less the mean share of places that hold the same items.

    The mean is over all pairs of users, from how many lists hold each item, and needs no pair of users to be looked at:
    an item in c lists is common to c (c - 1) / 2 pairs. NaN where there is one user.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.evaluation.catalogue_metrics import personalisation
    >>> personalisation(np.array([[0, 1], [1, 2], [3, 4]]))  # one of three pairs shares one of two places
    0.8333333333333334
    """
    n, k = recommended.shape
    if n < 2:
        return float("nan")
    lists = np.bincount(recommended[recommended >= 0]).astype(np.float64)
    return float(1 - (lists * (lists - 1)).sum() / (n * (n - 1) * k))
