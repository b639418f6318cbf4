"""Whether a difference between models may be chance: a paired randomisation test, and a correction for many of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from endcap import native
from endcap.data.arrays import Float64Array

FLIPS: Final = 10_000
"""How often signs are drawn anew: the smallest p-value is 1 in so many."""


def randomisation_test(differences: Float64Array, *, flips: int = FLIPS, seed: int = 0) -> Float64Array:
    """Return the probability of a mean difference at least as far from zero if the two models were as good.

    Were they, each user's difference could as well have been the other way round. So signs are drawn anew many times,
    and counted how often the mean is as far from zero as it was (Fisher 1935; for rankings: Smucker, Allan and
    Carterette 2007). Two-sided; (1 + how often) / (1 + flips), so never zero.

    Parameters
    ----------
    differences
        Shape (comparisons, users): each user's value with one model less that with the other. NaN where a user has
        none counts as no difference.
    flips
        How often; by default 10,000.
    seed
        The same seed gives the same p-values.

    Returns
    -------
    Float64Array
        Shape (comparisons,), from 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.evaluation.randomisation import randomisation_test
    >>> better = np.full((1, 40), 0.1)
    >>> bool(randomisation_test(better)[0] < 0.001)
    True
    """
    rows = np.ascontiguousarray(np.nan_to_num(differences, nan=0.0), np.float64)
    as_extreme = np.zeros(len(rows), np.int64)
    key = int(np.random.SeedSequence([seed, 1]).generate_state(1, np.uint64)[0])
    native.sign_flips(rows, key, flips, as_extreme, 0)
    return (1 + as_extreme) / (1 + flips)


def holm(p_values: Float64Array) -> Float64Array:
    """Return p-values corrected for how many there are: with all below 5 %, at most 5 % of such tables hold an error.

    The smallest of m is multiplied by m, the next by m - 1 and so on, none below the one before it, none above 1 (Holm
    1979).

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.evaluation.randomisation import holm
    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))))
    return corrected
