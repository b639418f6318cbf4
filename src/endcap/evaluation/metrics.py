"""Ranking metrics, a value for every user, from what was recommended and what turned out to be relevant."""

from __future__ import annotations

from typing import Final

import numpy as np

from endcap.data.arrays import BoolArray, Float64Array, IndexLists, Int32Array
from endcap.errors import DataError

USER_METRICS: Final = ("precision", "recall", "f1", "ndcg", "hit_rate", "map", "mrr")
"""The metrics that every user has a value of, in the order of the columns of `ranking_metrics`."""


def ranking_metrics(recommended: Int32Array, relevant: IndexLists) -> Float64Array:
    """Return every user's metrics of one list of recommendations, k being its width.

    With h the hits among the k places and r the number of the user's relevant items:

    - precision: h / k, also where fewer than k items were recommended;
    - recall: h / r, so that at most k / r can be reached;
    - f1: the harmonic mean of the two, 2 h / (k + r);
    - ndcg: the sum of 1 / log2(1 + place) over the hits, divided by that of an ideal list, which has its
      min(k, r) hits first (Järvelin and Kekäläinen 2002, with relevance 0 or 1);
    - hit_rate: 1 where h > 0;
    - map: the precision at the place of every hit, summed and divided by min(k, r), so that an ideal list has 1
      (mean average precision, cut at k; dividing by r instead is also seen);
    - mrr: 1 / the place of the first hit, 0 where there is none (Voorhees 1999).

    Parameters
    ----------
    recommended
        Shape (n, k): item positions, best first, -1 for an empty place.
    relevant
        n lists of item positions, none of them empty.

    Returns
    -------
    Float64Array
        Shape (n, 7), from 0 to 1: a row a user, a column for each of `USER_METRICS`.

    Raises
    ------
    DataError
        Where a user has no relevant item, or was recommended an item twice.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.data.arrays import IndexLists
    >>> from endcap.evaluation.metrics import USER_METRICS, ranking_metrics
    >>> relevant = IndexLists.from_pairs(np.array([0, 0]), np.array([1, 3], np.int32), 1)
    >>> values = ranking_metrics(np.array([[5, 3, 2, 1]], np.int32), relevant)
    >>> {name: round(float(v), 3) for name, v in zip(USER_METRICS, values[0])}
    {'precision': 0.5, 'recall': 1.0, 'f1': 0.667, 'ndcg': 0.651, 'hit_rate': 1.0, 'map': 0.5, 'mrr': 0.5}
    """
    n, k = recommended.shape
    count = np.diff(relevant.indptr)
    if len(count) != n:
        raise DataError(f"{n} users were recommended items, but {len(count)} have relevant ones; they must be the same")
    if (count == 0).any():
        raise DataError("a user without a relevant item can't be measured; leave such users out")
    _check_distinct(recommended)
    hit = hits(recommended, relevant)
    place = np.arange(1, k + 1)
    discount = 1 / np.log2(1 + place)
    possible = np.minimum(count, k)
    total = hit.sum(axis=1)
    any_hit = total > 0
    precision_so_far = np.cumsum(hit, axis=1) / place
    return np.column_stack(
        [
            total / k,
            total / count,
            2 * total / (k + count),
            (hit @ discount) / np.cumsum(discount)[possible - 1],
            any_hit,
            (precision_so_far * hit).sum(axis=1) / possible,
            any_hit / (1 + hit.argmax(axis=1)),
        ]
    )


def hits(recommended: Int32Array, relevant: IndexLists) -> BoolArray:
    """Return which of `recommended`, shape (n, k), are in their user's list of relevant items."""
    width = 2 + max(int(recommended.max(initial=-1)), int(relevant.indices.max(initial=-1)))
    wanted = relevant.rows() * width + relevant.indices
    if len(wanted) == 0:
        return np.zeros(recommended.shape, np.bool_)
    asked = np.arange(len(recommended))[:, None] * width + recommended
    found = np.minimum(np.searchsorted(wanted, asked), len(wanted) - 1)
    hit: BoolArray = (wanted[found] == asked) & (recommended >= 0)
    return hit


def catalogue_coverage(recommended: Int32Array, n_items: int) -> float:
    """Return the share of the catalogue's `n_items` items that are in anybody's list."""
    return len(np.unique(recommended[recommended >= 0])) / n_items


def _check_distinct(recommended: Int32Array) -> None:
    ordered = np.sort(recommended, axis=1)
    if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any():
        raise DataError("an item is recommended twice to the same user; a hit would count twice")
