"""Ranking metrics, a value for every user, from what was recommended and what turned out to be relevant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from endcap import native
from endcap.data.arrays import BoolArray, Float64Array, IndexLists, Int32Array
from endcap.errors import DataError, ParameterError

ACCURACY: Final = ("precision", "recall", "f1", "ndcg", "hit_rate", "map", "mrr")
"""The metrics that compare lists with what was relevant and need nothing else."""
USER_METRICS: Final = (
    *ACCURACY,
    "auc",
    "new",
    "recall_new",
    "recall_repeat",
    "revenue",
    "revenue_ndcg",
    "diversity",
    "serendipity",
    "novelty",
    "popularity",
)
"""The metrics that a user has a value of, in the order of the columns of `ranking_metrics`."""


class RepeatedItemError(DataError):
    """An item is recommended twice to the same user, who is the one of `row`."""

    def __init__(self, row: int) -> None:
        super().__init__(f"an item is recommended twice to the same user (row {row}); a hit would count twice")
        self.row = row


@dataclass(frozen=True)
class Background:
    """What metrics beyond accuracy have to know; what isn't known is None, and metrics that need it are NaN."""

    n_items: int
    """The size of the catalogue: recommended items are positions below."""
    seen: IndexLists | None = None
    """Every user's history."""
    exclude_seen: bool = False
    """Whether items of the history were no candidates."""
    values: Float64Array | None = None
    """What each relevant pair of a user and an item brought in, in the order of `relevant.indices`."""
    categories: Int32Array | None = None
    """Shape (n_items,): every item's category, from 0, or -1 where it is unknown."""
    users_of: Float64Array | None = None
    """Shape (n_items,): the share of the training users who had each item."""
    best_sellers: Int32Array | None = None
    """Shape (n, k): the best-sellers that each user would have been recommended."""

    @property
    def novelty(self) -> Float64Array | None:
        """Every item's self-information in bits: how unlikely a training user had it; at most that of a single user."""
        if self.users_of is None:
            return None
        known = self.users_of[self.users_of > 0]
        bits: Float64Array = -np.log2(np.maximum(self.users_of, known.min(initial=1.0)))
        return bits


def ranking_metrics(
    recommended: Int32Array,
    relevant: IndexLists,
    cutoffs: Sequence[int] | None = None,
    background: Background | None = None,
) -> Float64Array:
    """Return every user's metrics of the first places of a list of recommendations, for several lengths in one pass.

    At a length of k, with h the hits among the k places and r the number of the user's relevant items:

    - precision: h / k, also where fewer than k items were recommended;
    - recall: h / r, so that at most k / r can be reached;
    - f1: the harmonic mean of the two, 2 h / (k + r);
    - ndcg: the sum of 1 / log2(1 + place) over the hits, divided by that of an ideal list, which has its
      min(k, r) hits first (Järvelin and Kekäläinen 2002, with relevance 0 or 1);
    - hit_rate: 1 where h > 0;
    - map: the precision at the place of every hit, summed and divided by min(k, r), so that an ideal list has 1
      (mean average precision, cut at k; dividing by r instead is also seen);
    - mrr: 1 / the place of the first hit, 0 where there is none (Voorhees 1999);
    - auc: of all pairs of a relevant and an irrelevant candidate, the share in the right order, where what is behind
      place k is in no order, and such pairs count half;
    - new: the share of what was recommended that the user never had before; what is left are repeats;
    - recall_new, recall_repeat: recall among the relevant items that the user didn't have before, and that they had;
    - revenue: what the hits brought in; revenue_ndcg: NDCG with what an item brought in as its relevance;
    - diversity: of all pairs of recommended items of known category, the share of different ones (intra-list diversity,
      Ziegler et al. 2005);
    - serendipity: hits that best-sellers of the same length don't have, divided by k (after Ge et al. 2010);
    - novelty: the mean self-information of what was recommended, -log2 of the share of training users who had it (Zhou
      et al. 2010); popularity: the mean of that share itself.

    Parameters
    ----------
    recommended
        Shape (n, width): item positions, best first, -1 for an empty place.
    relevant
        n lists of item positions, none of them empty. Positions behind the catalogue are items that can't be found.
    cutoffs
        The lengths, ascending, from 1 to the width; None: the width alone.
    background
        What the metrics from `auc` on have to know.

    Returns
    -------
    Float64Array
        Shape (n, cutoffs, 17): for a user and a length, a column for each of `USER_METRICS`. NaN where the background
        isn't known, and where a user can't have a value, such as recall among repeats without a relevant repeat.

    Raises
    ------
    DataError
        Where a user has no relevant item, or was recommended an item twice.
    ParameterError
        Where the cutoffs aren't ascending or don't fit the width.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.data.arrays import IndexLists
    >>> from endcap.evaluation.metrics import ACCURACY, ranking_metrics
    >>> relevant = IndexLists.from_pairs(np.array([0, 0]), np.array([1, 3], np.int32), 1)
    >>> values = ranking_metrics(np.array([[5, 3, 2, 1]], np.int32), relevant)
    >>> {name: round(float(v), 3) for name, v in zip(ACCURACY, values[0, 0])}
    {'precision': 0.5, 'recall': 1.0, 'f1': 0.667, 'ndcg': 0.651, 'hit_rate': 1.0, 'map': 0.5, 'mrr': 0.5}
    """
    n, width = recommended.shape
    count = np.diff(relevant.indptr)
    if len(count) != n:
        raise DataError(f"{n} users were recommended items, but {len(count)} have relevant ones; they must be the same")
    if (count == 0).any():
        raise DataError("a user without a relevant item can't be measured; leave such users out")
    lengths = np.asarray([width] if cutoffs is None else cutoffs, np.int32)
    if len(lengths) == 0 or lengths[0] < 1 or (np.diff(lengths) < 1).any() or lengths[-1] > width:
        raise ParameterError(f"cutoffs={cutoffs!r} won't do: give ascending lengths from 1 to {width}")
    if background is None:
        background = Background(1 + int(recommended.max(initial=0)))
    if recommended.max(initial=-1) >= background.n_items:
        raise DataError(f"an item is recommended that isn't among the {background.n_items} of the catalogue")
    values = np.empty((n, len(lengths), len(USER_METRICS)))
    seen, categories = background.seen, background.categories
    twice = native.ranking_metrics(
        np.ascontiguousarray(recommended, np.int32),
        np.ascontiguousarray(relevant.indptr, np.int64),
        np.ascontiguousarray(relevant.indices, np.int32),
        background.values,
        None if seen is None else seen.indptr,
        None if seen is None else seen.indices,
        background.exclude_seen,
        background.best_sellers,
        categories,
        0 if categories is None else 1 + int(categories.max(initial=-1)),
        background.novelty,
        background.users_of,
        background.n_items,
        max(background.n_items, 1 + int(relevant.indices.max(initial=-1))),
        lengths,
        1 / np.log2(np.arange(2, width + 2)),
        values,
        0,
    )
    if twice >= 0:
        raise RepeatedItemError(twice)
    return values


def means_of(values: Float64Array) -> Float64Array:
    """Return the mean over the users who have a value, shape (..., metrics); NaN where nobody has one."""
    shape = values.shape[1:]
    means = np.empty(math.prod(shape))
    native.column_means(np.ascontiguousarray(values.reshape(len(values), means.size), np.float64), means, 0)
    return means.reshape(shape)


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
