"""The weights with which several models' scores, added up, rank held-out items best."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from endcap.data.arrays import Float64Array, IndexLists, Int32Array, Int64Array

_AT: Final = 10  # NDCG is measured at
_STEPS: Final = (0.5, 0.3, 0.2, 0.1, 0.05, 0.02)  # of the search, each until nothing gets better
_LEAST_GAIN: Final = 1e-5  # in NDCG


class Candidates(NamedTuple):
    """What models say of the items that come into question for some shoppers, and what was right."""

    rows: Int64Array
    """Shape (pairs,): the shopper, ascending."""
    items: Int32Array
    """Shape (pairs,)."""
    values: Float64Array
    """Shape (pairs, models): what each model says of the pair."""
    relevant: IndexLists
    """The held-out items of every shopper."""


def best_weights(candidates: Candidates) -> Float64Array:
    """Return the weights with the best NDCG@10, shape (models,), summing to 1.

    The search starts at the best single model and moves a share of the weight to one model at a time, in ever smaller
    steps, as long as that gains; so a model that doesn't help keeps weight 0.
    """
    models = candidates.values.shape[1]
    gains = _gains(candidates)
    single = [_ndcg(candidates, gains, unit) for unit in np.eye(models)]
    weights: Float64Array = np.eye(models)[int(np.argmax(single))]
    best = max(single)
    for step in _STEPS:
        improved = True
        while improved:
            improved = False
            for unit in np.eye(models):
                for moved in ((1 - step) * weights + step * unit, np.clip(weights - step * unit, 0, None)):
                    if moved.sum() <= 0:
                        continue
                    tried: Float64Array = moved / moved.sum()
                    value = _ndcg(candidates, gains, tried)
                    if value > best + _LEAST_GAIN:
                        weights, best, improved = tried, value, True
    return weights


def _gains(candidates: Candidates) -> Float64Array:
    """Return for every pair 1 / (the ideal DCG of its shopper) where it is relevant, else 0."""
    width = 1 + max(int(candidates.items.max(initial=0)), int(candidates.relevant.indices.max(initial=0)))
    wanted = candidates.relevant.rows() * width + candidates.relevant.indices
    hit = np.isin(candidates.rows * width + candidates.items, wanted)
    ideal = np.concatenate([[1.0], np.cumsum(1 / np.log2(2 + np.arange(_AT)))])
    count = np.minimum(np.diff(candidates.relevant.indptr), _AT)
    gains: Float64Array = np.where(hit, 1 / ideal[count][candidates.rows], 0.0)
    return gains


def _ndcg(candidates: Candidates, gains: Float64Array, weights: Float64Array) -> float:
    """Return the mean NDCG@10 of ranking by the weighted sum."""
    order = np.lexsort((-(candidates.values @ weights), candidates.rows))
    place = np.arange(len(order)) - np.searchsorted(candidates.rows, candidates.rows)
    top = place < _AT
    return float((gains[order[top]] / np.log2(2 + place[top])).sum() / (len(candidates.relevant.indptr) - 1))
