"""A list in which not everything is of one type."""

from __future__ import annotations

import numpy as np

from endcap.data.arrays import Float64Array, Int32Array, Int64Array


def diversified(relevance: Float64Array, types: Int32Array, diversity: float, k: int) -> Int64Array:
    """Return the places of k products, picked one after the other by relevance and novelty.

    The next one is that with the highest (1 - diversity) x relevance - diversity x share, the share being that of
    the products picked before that are of the same type: maximal marginal relevance (Carbonell and Goldstein, SIGIR
    1998) with the type as similarity.

    Parameters
    ----------
    relevance
        Shape (n,), from 0 to 1.
    types
        Shape (n,); -1: unknown, like no other.
    diversity
        From 0 (relevance alone) to 1.
    k
        How many; at most n.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.recommend.diversity import diversified
    >>> diversified(np.array([1, 0.9, 0.8]), np.array([1, 1, 2], np.int32), 0.5, 3).tolist()
    [0, 2, 1]
    """
    n = len(relevance)
    picked = np.empty(min(k, n), np.int64)
    same = np.zeros(n)
    own = (1 - diversity) * relevance
    for place in range(len(picked)):
        value = own - diversity * same / max(place, 1)
        best = int(np.argmax(value))
        picked[place] = best
        own[best] = -np.inf
        if types[best] >= 0:
            same += types == types[best]
    return picked
