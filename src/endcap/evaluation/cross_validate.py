"""Rating predictors by cross-validation: each rating is hidden once."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import polars as pl

from endcap.data.ratings import Ratings
from endcap.data.schema import RATING, USER
from endcap.errors import DataError, ParameterError
from endcap.evaluation.rating_metrics import fcp, mae, rmse
from endcap.models.parameters import parameters_of
from endcap.models.rating_predictor import RatingPredictor


def cross_validate(model: RatingPredictor, ratings: Any, *, folds: int = 5, seed: int = 0) -> pl.DataFrame:
    """Divide ratings into folds at random, predict each from all others, and tell how far off that is.

    Parameters
    ----------
    model
        A rating predictor; it is not fitted itself, a fresh one with its parameters is for each fold.
    ratings
        `Ratings`, or whatever they can be made of: events, a table with `user_id, item_id, rating`, a sparse matrix.
    folds
        How many parts; 5 is the custom of the field.
    seed
        Of the division.

    Returns
    -------
    polars.DataFrame
        A row a fold, then their `mean` and their standard deviation (`sd`, of a sample): `fold, rmse, mae, fcp` (see
        `endcap.evaluation.rating_metrics`), and the seconds that fitting and predicting took, `fit_seconds,
        predict_seconds`.

    Raises
    ------
    ParameterError
        Where the model is a recommender, or there are fewer than two folds.
    DataError
        Where there are fewer ratings than folds.

    Examples
    --------
    >>> import endcap as ec
    >>> import polars as pl
    >>> users, items = [1, 1, 1, 2, 2, 2], [1, 2, 3, 1, 2, 3]
    >>> table = pl.DataFrame({"user_id": users, "item_id": items, "rating": [1, 2, 3, 2, 3, 4]})
    >>> ec.cross_validate(ec.Baseline(), table, folds=2)["fold"].to_list()
    ['1', '2', 'mean', 'sd']
    """
    if not isinstance(model, RatingPredictor):
        raise ParameterError(
            f"cross_validate takes rating predictors such as SVD(), not {type(model).__name__}; compare recommenders "
            "with endcap.compare, which trains them on the past and tests them on what came after"
        )
    if folds < 2:
        raise ParameterError(f"folds={folds!r} won't do: give 2 or more")
    ratings = Ratings.coerce(ratings)
    if ratings.nnz < folds:
        raise DataError(f"{ratings.nnz} ratings can't be divided into {folds} folds")
    fold_of = np.random.default_rng(seed).permutation(ratings.nnz) % folds
    table = ratings.pairs()
    rows = []
    for fold in range(folds):
        hidden = fold_of == fold
        start = time.perf_counter()
        fitted = type(model)(**parameters_of(model)).fit(ratings.only(~hidden))
        fit_end = time.perf_counter()
        found = fitted.predict(table.filter(hidden))
        end = time.perf_counter()
        actual, estimate = found[RATING].to_numpy(), found["estimate"].to_numpy()
        rows.append(
            {
                "fold": str(fold + 1),
                "rmse": rmse(actual, estimate),
                "mae": mae(actual, estimate),
                "fcp": fcp(found[USER].to_numpy(), actual, estimate),
                "fit_seconds": fit_end - start,
                "predict_seconds": end - fit_end,
            }
        )
    result = pl.DataFrame(rows)
    figures = pl.exclude("fold")
    return pl.concat(
        [
            result,
            result.select(pl.lit("mean").alias("fold"), figures.mean()),
            result.select(pl.lit("sd").alias("fold"), figures.std()),
        ]
    )
