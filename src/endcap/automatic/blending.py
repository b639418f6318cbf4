"""Blends in the contest: several models with equal weights, and with weights learned on its folds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, get_args

import numpy as np

from endcap.data.arrays import Float64Array, IndexLists, Int64Array
from endcap.models.base import Progress
from endcap.models.blend import Blend
from endcap.models.blend_opinions import Method, opinions
from endcap.models.blend_weights import best_weights
from endcap.tuning.attempt import heard_by_kernels
from endcap.tuning.folds import Fold

ALIKE: Final = 3
"""So many models, the best, are added up with equal weights: most of what averaging brings comes with the first few."""
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
    method: Method
    """What is added: `Blend.method`."""


def blends(
    models: Sequence[tuple[str, dict[str, Any]]],
    folds: Sequence[Fold],
    k: int,
    seed: int,
    check: Progress,
) -> Iterator[Blended]:
    """Yield several models together, by each method: first the best with equal weights, then all with learned ones.

    Equal weights know nothing of these shoppers, so there is no luck in them; on few shoppers they are hard to beat
    (the "forecast combination puzzle": Smith and Wallis, "A Simple Explanation of the Forecast Combination Puzzle",
    Oxford Bulletin of Economics and Statistics 2009). On many, learned ones are.

    To learn weights and yet measure them without bias, the shoppers are divided into two halves by chance. The weights
    that rank what one half took best are measured on the other half, and the other way round; so nobody's figure has a
    part in the weights that it is measured by. The mean of both is what the blend counts in the end (cross-fitting; a
    stacking of rankers: Wolpert, "Stacked Generalization", Neural Networks 1992).

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
    check
        Called while models are fitted, and between the steps that follow; what it raises ends it.
    """
    with heard_by_kernels(check):
        made = []
        for fold in folds:
            fitted = Blend(models=list(models), weights=[1 / len(models)] * len(models), seed=seed)
            made.append(fitted.fit(fold.train, progress=check))
        for method in get_args(Method):  # the models are fitted once for all
            for fitted in made:
                fitted.method = method
            yield _alike(models[:ALIKE], made, folds, k)
            yield _learned(models, made, folds, k, seed, check)


def _alike(
    models: Sequence[tuple[str, dict[str, Any]]], made: Sequence[Blend], folds: Sequence[Fold], k: int
) -> Blended:
    count = len(models)
    values = []
    for fold, fitted in zip(folds, made, strict=True):
        fitted.weights_ = np.zeros(len(fitted.models))
        fitted.weights_[:count] = 1 / count
        values.append(fold.ask(fitted, k))
    return Blended(list(models), [1 / count] * count, np.concatenate(values), made[0].method)


def _learned(
    models: Sequence[tuple[str, dict[str, Any]]],
    made: Sequence[Blend],
    folds: Sequence[Fold],
    k: int,
    seed: int,
    check: Progress,
) -> Blended:
    halves = [_halves(len(fold.task.queries), [seed, place]) for place, fold in enumerate(folds)]
    weights = [_best_weights(made, folds, [one[side] for one in halves], check) for side in (0, 1)]
    values = [np.zeros(len(fold.task.queries)) for fold in folds]
    for place, (fold, fitted) in enumerate(zip(folds, made, strict=True)):
        for side in (0, 1):
            fitted.weights_ = weights[1 - side]
            half = halves[place][side]
            values[place][half] = Fold(fold.train, fold.task.take(half)).ask(fitted, k)
    mean = (weights[0] + weights[1]) / 2
    used = np.flatnonzero(mean >= _COUNTS).tolist()
    counts = [round(float(one), 4) for one in mean[used] / mean[used].sum()]
    return Blended([models[one] for one in used], counts, np.concatenate(values), made[0].method)


def _halves(n: int, seed: list[int]) -> tuple[Int64Array, Int64Array]:
    order = np.random.default_rng(seed).permutation(n)
    return np.sort(order[: n // 2]), np.sort(order[n // 2 :])


def _best_weights(
    made: Sequence[Blend], folds: Sequence[Fold], halves: Sequence[Int64Array], check: Progress
) -> Float64Array:
    """Return the weights that rank best what a half of the shoppers took: the mean of those of each fold."""
    found = []
    most = LEARN_FROM // len(folds)
    for fitted, fold, half in zip(made, folds, halves, strict=True):
        check("learning weights", 0.5)
        task = fold.task.take(half[np.linspace(0, len(half) - 1, min(most, len(half))).astype(np.int64)])
        own = IndexLists.from_matrix(task.queries.histories)
        exclude = own if task.exclude_seen else IndexLists.empty(len(task.queries))
        said = opinions(fitted.components_, task.queries, fitted.depth, exclude, None, fitted.method)
        found.append(best_weights(said, task.relevant))
    mean: Float64Array = np.mean(found, axis=0)
    return mean
