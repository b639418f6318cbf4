"""The weights with which several models' scores, added up, rank held-out items best."""

from __future__ import annotations

from typing import Final

import numpy as np

from endcap.data.arrays import Float32Array, Float64Array, IndexLists, Int64Array
from endcap.models.blend_opinions import Opinions

_AT: Final = 10  # NDCG is measured at
_STEPS: Final = (0.5, 0.3, 0.2, 0.1, 0.05, 0.02)  # of the search, each until nothing gets better
_LEAST_GAIN: Final = 1e-5  # in NDCG
_SHARES: Final = np.arange(20) / 20  # of the way from the best single model to the best weights


def best_weights(said: Opinions, relevant: IndexLists) -> Float64Array:
    """Return weights with which the `relevant` items are ranked best, shape (models,), summing to 1.

    The search for the best NDCG@10 starts at the best single model and, a second time, with equal weights, and moves a
    share of the weight to or from one model at a time, in ever smaller steps, as long as that gains; so a model that
    doesn't help keeps, or gets, weight 0. Of the weights on the way from the best single model to what was found, those
    closest to the single model are returned that are no more than a standard error of the difference worse: held-out
    items are a sample, and what comes isn't quite what was (Breiman et al., "Classification and Regression Trees",
    1984, has such a rule).
    """
    measure = _Ndcg(said, relevant)
    models = said.values.shape[1]
    alone = np.eye(models)[int(np.argmax([measure(unit).mean() for unit in np.eye(models)]))]
    climbed = [_climb(measure, start) for start in (alone, np.full(models, 1 / models))]
    found = max(climbed, key=lambda weights: measure(weights).mean())
    best = measure(found)
    for share in _SHARES:
        weights: Float64Array = (1 - share) * alone + share * found
        loss = best - measure(weights)
        if loss.mean() <= loss.std() / np.sqrt(len(loss)):
            return weights
    return found


def _climb(measure: _Ndcg, weights: Float64Array) -> Float64Array:
    best = measure(weights).mean()
    units = np.eye(len(weights))
    for step in _STEPS:
        improved = True
        while improved:
            improved = False
            for unit in units:
                for moved in ((1 - step) * weights + step * unit, np.clip(weights - step * unit, 0, None)):
                    if moved.sum() <= 0:
                        continue
                    tried: Float64Array = moved / moved.sum()
                    value = measure(tried).mean()
                    if value > best + _LEAST_GAIN:
                        weights, best, improved = tried, value, True
    return weights


class _Ndcg:
    """Each shopper's NDCG@10 of ranking candidates by a weighted sum of what models say of them."""

    def __init__(self, said: Opinions, relevant: IndexLists) -> None:
        count = np.bincount(said.rows, minlength=len(relevant.indptr) - 1)
        width = max(int(count.max(initial=0)), _AT)
        place = np.arange(len(said.rows)) - np.repeat(np.cumsum(count) - count, count)
        # One row a shopper, candidates side by side, so that a weighting is measured in one go.
        self._values: Float32Array = np.zeros((len(count), width, said.values.shape[1]), np.float32)
        self._values[said.rows, place] = said.values
        self._missing = np.arange(width) >= count[:, None]
        self._gains = np.zeros((len(count), width))
        self._gains[said.rows, place] = _gains(said, relevant)
        self._discount = 1 / np.log2(2 + np.arange(_AT))

    def __call__(self, weights: Float64Array) -> Float64Array:
        scores = self._values @ weights.astype(np.float32)
        scores[self._missing] = -np.inf
        best = np.argpartition(-scores, _AT - 1, axis=1)[:, :_AT]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
        gains = np.take_along_axis(self._gains, np.take_along_axis(best, order, axis=1), axis=1)
        ndcg: Float64Array = gains @ self._discount
        return ndcg


def _gains(said: Opinions, relevant: IndexLists) -> Float64Array:
    """Return for every pair 1 / (the ideal DCG of its shopper) where it is relevant, else 0."""
    width = 1 + max(int(said.items.max(initial=0)), int(relevant.indices.max(initial=0)))
    wanted: Int64Array = relevant.rows() * width + relevant.indices
    hit = np.isin(said.rows * width + said.items, wanted)
    ideal = np.concatenate([[1.0], np.cumsum(1 / np.log2(2 + np.arange(_AT)))])
    count = np.minimum(np.diff(relevant.indptr), _AT)
    gains: Float64Array = np.where(hit, 1 / ideal[count][said.rows], 0.0)
    return gains
