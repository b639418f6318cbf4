"""How far predictions are off; each function prints what it found unless told not to, as Surprise does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from endcap.errors import DataError
from endcap.evaluation import rating_metrics


def rmse(predictions: Sequence[Any], verbose: bool = True) -> float:
    """Return the root of the mean squared error of predictions.

    Raises
    ------
    DataError
        Where there are no predictions.

    Examples
    --------
    >>> from endcap.compat.surprise import Prediction, accuracy
    >>> accuracy.rmse([Prediction("ann", 1, 3.0, 3.0, {}), Prediction("bob", 1, 4.0, 2.0, {})], verbose=False)
    1.4142135623730951
    """
    return _said("RMSE: ", rating_metrics.rmse(*_columns(predictions)), verbose)


def mse(predictions: Sequence[Any], verbose: bool = True) -> float:
    """Return the mean squared error of predictions; see `rmse`."""
    actual, estimate = _columns(predictions)
    return _said("MSE: ", float(np.mean(np.square(estimate - actual))), verbose)


def mae(predictions: Sequence[Any], verbose: bool = True) -> float:
    """Return the mean absolute error of predictions; see `rmse`."""
    return _said("MAE:  ", rating_metrics.mae(*_columns(predictions)), verbose)


def fcp(predictions: Sequence[Any], verbose: bool = True) -> float:
    """Return the fraction of concordant pairs, as `endcap.evaluation.rating_metrics.fcp` does; see `rmse`.

    Raises
    ------
    DataError
        Where no user rated two items differently.
    """
    actual, estimate = _columns(predictions)
    names: dict[Any, int] = {}
    users = [names.setdefault(prediction[0], len(names)) for prediction in predictions]
    found = rating_metrics.fcp(users, actual, estimate)
    if np.isnan(found):
        raise DataError("fcp needs a user with two different ratings among the predictions")
    return _said("FCP:  ", found, verbose)


def _columns(predictions: Sequence[Any]) -> tuple[Any, Any]:
    if not predictions:
        raise DataError("the list of predictions is empty")
    return np.array([p[2] for p in predictions], np.float64), np.array([p[3] for p in predictions], np.float64)


def _said(name: str, value: float, verbose: bool) -> float:
    if verbose:
        print(f"{name}{value:1.4f}")
    return value
