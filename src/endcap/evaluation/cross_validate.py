"""Models by cross-validation: every rating, or every pair of a user and an item, is hidden once."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl

from endcap.data.arrays import BoolArray
from endcap.data.events import Events
from endcap.data.hold_out import divide_pairs
from endcap.data.interactions import Interactions
from endcap.data.ratings import Ratings
from endcap.data.schema import RATING, USER
from endcap.data.splits.split import Split, checked_count
from endcap.errors import DataError, ParameterError
from endcap.evaluation.background import background_of
from endcap.evaluation.metrics import USER_METRICS, means_of
from endcap.evaluation.rating_metrics import fcp, mae, rmse
from endcap.evaluation.task import Task, make_task
from endcap.evaluation.trial import measure
from endcap.models.base import Progress, Recommender
from endcap.models.parameters import parameters_of
from endcap.models.queries import Queries
from endcap.models.rating_predictor import RatingPredictor


def cross_validate(
    model: RatingPredictor | Recommender,
    data: Any,
    *,
    folds: int | Iterable[Split] = 5,
    repeats: int = 1,
    k: int = 10,
    exclude_seen: bool = True,
    seed: int = 0,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Hide each fold in turn, learn from all others, and tell how well the hidden part is known.

    Data are prepared once, and each fold is a selection of them. Folds come one after the other: the models'
    kernels already use all cores.

    Parameters
    ----------
    model
        A rating predictor or a recommender; it is not fitted itself, a fresh one with its parameters is for each fold.
    data
        For a rating predictor `Ratings`, or whatever they can be made of: events, a table with `user_id, item_id,
        rating`, a sparse matrix. For a recommender `Interactions`, events, or a sparse matrix.
    folds
        Into how many parts the ratings, or the pairs of a user and an item, are divided at random; 5 is the custom of
        the field. For recommenders, training then knows the future of others: pass splits instead, such as
        `split_rolling(events)`, and each is a fold; `data` is not looked at then, and may be None.
    repeats
        How many times they are divided anew.
    k
        How many items a recommender recommends.
    exclude_seen
        For recommenders and splits: whether what was had before is neither recommended nor relevant.
    seed
        Of the divisions.
    progress
        Called with a description, which says how much time is left, and the share done, from 0 to 1.

    Returns
    -------
    polars.DataFrame
        A row a fold, then their `mean` and their standard deviation (`sd`, of a sample): `fold`; for rating predictors
        `rmse, mae, fcp` (see `endcap.evaluation.rating_metrics`) and `covered`, the share of estimates for which the
        model knew both user and item; for recommenders the metrics of `endcap.evaluation.metrics` that can be had, and
        `users`; and the seconds that fitting and predicting took, `fit_seconds, predict_seconds`.

    Raises
    ------
    ParameterError
        Where the model is neither, or there are fewer than two folds.
    DataError
        Where there is less to divide than folds.

    Examples
    --------
    >>> import endcap as ec
    >>> import polars as pl
    >>> users, items = [1, 1, 1, 2, 2, 2], [1, 2, 3, 1, 2, 3]
    >>> table = pl.DataFrame({"user_id": users, "item_id": items, "rating": [1, 2, 3, 2, 3, 4]})
    >>> ec.cross_validate(ec.Baseline(), table, folds=2)["fold"].to_list()
    ['1', '2', 'mean', 'sd']
    >>> found = ec.cross_validate(ec.Popular(), table, folds=2, k=1)
    >>> "ndcg" in found.columns
    True
    """
    tell = progress or (lambda _what, _share: None)
    if isinstance(folds, int):
        checked_count("folds", folds, 2)
        checked_count("repeats", repeats, 1)
    if isinstance(model, RatingPredictor):
        if not isinstance(folds, int):
            pairs = ((Ratings.coerce(s.train), Ratings.coerce(s.test).pairs()) for s in folds)
            rows = [_rating_fold(model, train, hidden) for train, hidden in _timed(pairs, None, tell)]
        else:
            ratings = Ratings.coerce(data)
            table = ratings.pairs()
            parts = _parts(ratings.nnz, folds, repeats, seed, "ratings")
            rows = [
                _rating_fold(model, ratings.only(~hidden), table.filter(hidden))
                for hidden in _timed(parts, folds * repeats, tell)
            ]
    elif isinstance(model, Recommender):
        if not isinstance(folds, int):
            rows = [
                _ranking_fold(model, *_asked(model, split, exclude_seen), k)
                for split in _timed(iter(folds), None, tell)
            ]
        else:
            prepared = _prepared(model, data)
            parts = _parts(prepared.nnz, folds, repeats, seed, "pairs of a user and an item")
            rows = [
                _ranking_fold(model, *_hidden(prepared, hidden), k) for hidden in _timed(parts, folds * repeats, tell)
            ]
    else:
        raise ParameterError(f"cross_validate takes a model such as SVD() or EASE(), not {type(model).__name__}")
    tell("done", 1.0)
    return _with_mean(pl.DataFrame([{"fold": str(n), **row} for n, row in enumerate(rows, 1)]))


def _parts(size: int, folds: int, repeats: int, seed: int, what: str) -> Iterator[BoolArray]:
    """Return what is hidden in each fold: masks over all entries."""
    if size < folds:
        raise DataError(f"{size} {what} can't be divided into {folds} folds")
    rng = np.random.default_rng(seed)
    divisions = (rng.permutation(size) % folds for _ in range(repeats))
    return (division == fold for division in divisions for fold in range(folds))


def _timed(parts: Iterator[Any], count: int | None, tell: Callable[[str, float], None]) -> Iterator[Any]:
    """Yield the parts, and tell how far they are and, from the second on, how long the rest will take."""
    start = time.perf_counter()
    for done, part in enumerate(parts):
        if count is None:
            tell(f"fold {done + 1}", done / (done + 1))
        else:
            left = (time.perf_counter() - start) / done * (count - done) if done else None
            tell(f"fold {done + 1} of {count}" + ("" if left is None else f", {left:.0f} s left"), done / count)
        yield part


def _rating_fold(model: RatingPredictor, train: Ratings, hidden: pl.DataFrame) -> dict[str, Any]:
    start = time.perf_counter()
    fitted = type(model)(**parameters_of(model)).fit(train)
    fit_end = time.perf_counter()
    found = fitted.predict(hidden)
    end = time.perf_counter()
    actual, estimate = found[RATING].to_numpy(), found["estimate"].to_numpy()
    known = (train.users.encode(hidden[USER]) >= 0) & (train.items.encode(hidden["item_id"]) >= 0)
    return {
        "rmse": rmse(actual, estimate),
        "mae": mae(actual, estimate),
        "fcp": fcp(found[USER].to_numpy(), actual, estimate),
        "covered": float(known.mean()),
        "fit_seconds": fit_end - start,
        "predict_seconds": end - fit_end,
    }


def _prepared(model: Recommender, data: Any) -> Interactions:
    if isinstance(data, Interactions):
        return data
    if isinstance(data, (Events, pl.DataFrame)):
        return Interactions.from_events(data, log=model._needs_log)
    return Interactions.from_matrix(data)


def _hidden(data: Interactions, hidden: BoolArray) -> tuple[Interactions, Task]:
    """Return the interactions without the hidden pairs, and the task to find those again."""
    train, right = divide_pairs(data, hidden)
    history = np.diff(train.matrix.indptr) > 0
    asked = np.flatnonzero((np.diff(right.indptr) > 0) & history)
    if len(asked) == 0:
        raise DataError("nobody can be measured: no user has pairs on both sides of a fold")
    cold = np.flatnonzero(np.bincount(train.matrix.indices, minlength=data.shape[1]) == 0)
    relevant = right.take(asked)
    return train, Task(
        queries=Queries.of_everyone(train).take(asked),
        relevant=relevant,
        values=None,
        exclude_seen=True,
        n_items=data.shape[1],
        cold_users=int(np.count_nonzero((np.diff(right.indptr) > 0) & ~history)),
        repeating_users=0,
        cold_items=int(np.isin(np.unique(right.indices), cold).sum()),
        cold_pairs=int(np.isin(relevant.indices, cold).sum()),
    )


def _asked(model: Recommender, split: Split, exclude_seen: bool) -> tuple[Interactions, Task]:
    train = Interactions.from_events(split.train, log=model._needs_log)
    return train, make_task(train, split.test, exclude_seen=exclude_seen)


def _ranking_fold(model: Recommender, train: Interactions, task: Task, k: int) -> dict[str, Any]:
    start = time.perf_counter()
    fitted = copy.copy(model).fit(train)
    fit_seconds = time.perf_counter() - start
    trial = measure(fitted, task, (k,), background_of(task, train, k), fit_seconds)
    means = dict(zip(USER_METRICS, means_of(trial.values[:, 0]).tolist(), strict=True))
    return {
        **{name: value for name, value in means.items() if not np.isnan(value)},
        "users": len(task.queries),
        "fit_seconds": fit_seconds,
        "predict_seconds": trial.recommend_seconds,
    }


def _with_mean(result: pl.DataFrame) -> pl.DataFrame:
    figures = pl.exclude("fold")
    result = result.with_columns(figures.cast(pl.Float64))
    return pl.concat(
        [
            result,
            result.select(pl.lit("mean").alias("fold"), figures.mean()),
            result.select(pl.lit("sd").alias("fold"), figures.std()),
        ]
    )
