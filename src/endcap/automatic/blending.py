"""Blends in the contest: the weights of several models, learned on the contest's own folds, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from endcap.data.arrays import Float64Array, IndexLists, Int64Array
from endcap.models.base import Progress
from endcap.models.blend import Blend
from endcap.models.blend_opinions import Method, opinions
from endcap.models.blend_weights import best_weights
from endcap.tuning.folds import Fold

LEARN_FROM: Final = 2000
"""So many shoppers of a half, at most, are learned from: more moved no weight by more than a step of the search."""
_COUNTS: Final = 0.02  # a smaller weight than the search's last step moves no list


class Blended(NamedTuple):
    """What came of it."""

    models: list[tuple[str, dict[str, Any]]]
    """Names and parameters of those that count for something."""
    weights: list[float]
    """What they count, summing to 1."""
    values: Float64Array
    """Every shopper's NDCG, fold after fold."""


def blend(
    models: Sequence[tuple[str, dict[str, Any]]],
    folds: Sequence[Fold],
    k: int,
    seed: int,
    method: Method,
    check: Progress,
) -> Blended:
    """Learn the weights of several models where they are measured, and measure their sum without bias.

    The shoppers are divided into two halves by chance. The weights that rank what one half took best are measured on
    the other half, and the other way round; so nobody's figure has a part in the weights that it is measured by. The
    mean of both is what the blend counts in the end (cross-fitting; a stacking of rankers: Wolpert, "Stacked
    Generalization", Neural Networks 1992).

    Parameters
    ----------
    models
        Names and parameters, the best first.
    folds
        Of the contest.
    k
        The length of the lists.
    seed
        Of the halves.
    method
        What is added: `Blend.method`.
    check
        Called while models are fitted, and between the steps that follow; what it raises ends it.
    """
    halves = [_halves(len(fold.task.queries), [seed, place]) for place, fold in enumerate(folds)]
    blends = []
    for fold in folds:
        fitted = Blend(models=list(models), weights=[1 / len(models)] * len(models), method=method, seed=seed)
        blends.append(fitted.fit(fold.train, progress=check))
    weights = [_learned(blends, folds, [one[side] for one in halves], check) for side in (0, 1)]
    values = [np.zeros(len(fold.task.queries)) for fold in folds]
    for place, (fold, fitted) in enumerate(zip(folds, blends, strict=True)):
        for side in (0, 1):
            check("measuring", 0.9)
            fitted.weights_ = weights[1 - side]
            half = halves[place][side]
            values[place][half] = Fold(fold.train, fold.task.take(half)).ask(fitted, k)
    mean = (weights[0] + weights[1]) / 2
    used = np.flatnonzero(mean >= _COUNTS).tolist()
    counts = [round(float(one), 4) for one in mean[used] / mean[used].sum()]
    return Blended([models[one] for one in used], counts, np.concatenate(values))


def _halves(n: int, seed: list[int]) -> tuple[Int64Array, Int64Array]:
    order = np.random.default_rng(seed).permutation(n)
    return np.sort(order[: n // 2]), np.sort(order[n // 2 :])


def _learned(
    blends: Sequence[Blend], folds: Sequence[Fold], halves: Sequence[Int64Array], check: Progress
) -> Float64Array:
    """Return the weights that rank best what a half of the shoppers took: the mean of those of each fold."""
    found = []
    most = LEARN_FROM // len(folds)
    for fitted, fold, half in zip(blends, folds, halves, strict=True):
        check("learning weights", 0.5)
        task = fold.task.take(half[np.linspace(0, len(half) - 1, min(most, len(half))).astype(np.int64)])
        own = IndexLists.from_matrix(task.queries.histories)
        exclude = own if task.exclude_seen else IndexLists.empty(len(task.queries))
        said = opinions(fitted.components_, task.queries, fitted.depth, exclude, None, fitted.method)
        found.append(best_weights(said, task.relevant))
    mean: Float64Array = np.mean(found, axis=0)
    return mean
