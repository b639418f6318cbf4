"""Whether what shoppers take still has to do with who they are: in shuffled events and in junk it hasn't."""

from __future__ import annotations

from typing import Final

import numpy as np

from endcap.automatic.check import Check
from endcap.data.arrays import Float64Array
from endcap.evaluation.bootstrap import percentile_interval, resampled_means
from endcap.evaluation.task import Task, in_history
from endcap.models.base import Recommender

LEAST_KEPT: Final = 0.8
"""Of the foresight once recorded; less has to be certain before it is held against the data."""
_EXCHANGES: Final = 8
"""So many times everything is exchanged: the chance of the draw is then far below that of the shoppers."""


def foresight(model: Recommender, task: Task, seed: int) -> Float64Array:
    """Return how far a model tells shoppers apart, shape (shoppers,): 0 is chance, 1 is always right, -1 never.

    What each shopper took in the newest weeks is compared with what others took then: the items are exchanged among
    the shoppers at random, and it is counted how much more often the model scores the own item higher than the
    exchanged one than the other way round (2 AUC - 1, Hanley and McNeil 1982, with negatives that are as popular as
    the positives). Where the newest events were shuffled, or made up, that is 0 by construction, whatever sells well;
    and it is far more certain than the NDCG of ten places, which few shoppers of a large catalogue find anything in.

    Parameters
    ----------
    model
        Fitted on what came before.
    task
        Whom to ask, and what they took.
    seed
        Of the exchange.
    """
    n, width = len(task.queries), task.n_items
    rows, items = task.relevant.rows().astype(np.int32), task.relevant.indices
    known = items < width
    rows, items = rows[known], items[known]
    if not len(rows):
        return np.zeros(n)
    own = model._score(task.queries, rows, items)
    taken = rows.astype(np.int64) * width + items
    ahead, count = np.zeros(n), np.zeros(n)
    draws = np.random.default_rng([seed, 7])
    for _ in range(_EXCHANGES):
        other = draws.permutation(items)
        fair = ~np.isin(rows.astype(np.int64) * width + other, taken)
        if task.exclude_seen:
            fair &= ~in_history(task.queries.histories, rows, other)
        r, difference = rows[fair], own[fair] - model._score(task.queries, rows[fair], other[fair])
        ahead += np.bincount(r, weights=np.sign(difference), minlength=n)
        count += np.bincount(r, minlength=n)
    return np.divide(ahead, count, out=np.zeros(n), where=count > 0)


def shoppers_told_apart(now: Float64Array, recorded: float, seed: int, *, was_certain: bool = False) -> Check:
    """Return whether shoppers are told apart about as well as when the model in use was put to use.

    `now` has every shopper's foresight; the upper end of the 95 % interval of its mean (bootstrap over shoppers) must
    reach four fifths of the recorded one. Where that `was_certain` to be no chance, the lower end must lie above 0,
    too.
    """
    low, high = percentile_interval(resampled_means(now[:, None], seed=seed))
    told = (
        f"what shoppers took in the newest weeks is told from what others took by {now.mean():.3f} "
        f"({low[0]:.3f} to {high[0]:.3f}; 0 is chance, 1 certainty); it was {recorded:.3f} when the model in use was "
        "put to use"
    )
    passed = high[0] >= LEAST_KEPT * recorded and (low[0] > 0 or not was_certain)
    return Check("shoppers told apart", bool(passed), told)
