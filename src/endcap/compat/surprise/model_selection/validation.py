"""Cross-validation."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np

from endcap.compat.surprise import accuracy
from endcap.compat.surprise.model_selection.split import get_cv
from endcap.errors import ParameterError

Score: TypeAlias = tuple[dict[str, float], dict[str, float], float, float]


def cross_validate(
    algo: Any,
    data: Any,
    measures: Sequence[str] = ("rmse", "mae"),
    cv: Any = None,
    return_train_measures: bool = False,
    n_jobs: int = 1,
    pre_dispatch: Any = "2*n_jobs",
    verbose: bool = False,
) -> dict[str, Any]:
    """Fit an algorithm on every fold and measure how far off it is.

    Parameters
    ----------
    algo, data
        The algorithm and the `Dataset`.
    measures
        Names of functions of `accuracy`.
    cv
        A division, a number of folds, or None for 5.
    return_train_measures
        Whether to measure on the trainsets too.
    n_jobs
        How many folds at a time, in threads; -1: as many as there are cores. Predictors use all cores anyway.
    pre_dispatch
        Has no effect.
    verbose
        Whether a table is printed.

    Returns
    -------
    dict
        `test_rmse` and so on (and `train_rmse`): an array of a number for each fold; `fit_time` and `test_time`:
        tuples of seconds.

    Examples
    --------
    >>> import pandas as pd
    >>> from endcap.compat.surprise import BaselineOnly, Dataset, Reader
    >>> from endcap.compat.surprise.model_selection import cross_validate
    >>> data = Dataset.load_from_df(pd.DataFrame({"u": [1, 2, 3, 4], "i": 7, "r": 3}), Reader())
    >>> cross_validate(BaselineOnly(), data, cv=2)["test_rmse"].tolist()
    [0.0, 0.0]
    """
    measures = checked_measures(measures)
    division = get_cv(cv)
    # Surprise leaves the algorithm fitted on the last fold where there is one job.
    own = (lambda: algo) if n_jobs == 1 else (lambda: copy.deepcopy(algo))
    jobs = ((own, trainset, testset) for trainset, testset in division.split(data))
    scores = run_all(jobs, measures, return_train_measures, n_jobs)
    result: dict[str, Any] = {}
    for measure in measures:
        result[f"test_{measure}"] = np.array([score[0][measure] for score in scores])
        if return_train_measures:
            result[f"train_{measure}"] = np.array([score[1][measure] for score in scores])
    result["fit_time"] = tuple(score[2] for score in scores)
    result["test_time"] = tuple(score[3] for score in scores)
    if verbose:
        print(_summary(type(algo).__name__, measures, result))
    return result


def run_all(
    jobs: Iterable[tuple[Callable[[], Any], Any, Any]], measures: Sequence[str], on_train: bool, n_jobs: int
) -> list[Score]:
    """Fit and score (what makes the algorithm, trainset, testset), one after the other or in `n_jobs` threads."""
    if n_jobs == 1:
        return [_fit_and_score(make(), train, test, measures, on_train) for make, train, test in jobs]
    cores = os.cpu_count() or 1
    threads = n_jobs if n_jobs > 0 else max(1, cores + 1 + n_jobs)
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(_fit_and_score, make(), train, test, measures, on_train) for make, train, test in jobs]
        return [job.result() for job in waiting]


def checked_measures(measures: Sequence[str]) -> list[str]:
    """Return the names of measures in lower case; `ParameterError` where there is no such measure."""
    names = [measure.lower() for measure in measures]
    for name in names:
        if name not in ("rmse", "mse", "mae", "fcp"):
            raise ParameterError(f"there is no measure {name!r}; there are rmse, mse, mae and fcp")
    return names


def _fit_and_score(algo: Any, trainset: Any, testset: Any, measures: Sequence[str], on_train: bool) -> Score:
    start = time.perf_counter()
    algo.fit(trainset)
    fitted = time.perf_counter()
    predictions = algo.test(testset)
    tested = time.perf_counter()
    of_train = algo.test(trainset.build_testset()) if on_train else []

    def measured(found: Any) -> dict[str, float]:
        return {name: getattr(accuracy, name)(found, verbose=False) for name in measures}

    return measured(predictions), measured(of_train) if on_train else {}, fitted - start, tested - fitted


def _summary(name: str, measures: Sequence[str], result: dict[str, Any]) -> str:
    folds = len(result["fit_time"])
    rows = [["", *(f"Fold {fold + 1}" for fold in range(folds)), "Mean", "Std"]]
    names = {f"{where}_{m}": f"{m.upper()} ({where}set)" for where in ("test", "train") for m in measures}
    for key, label in {**names, "fit_time": "Fit time", "test_time": "Test time"}.items():
        if key in result:
            values = [*result[key], np.mean(result[key]), np.std(result[key])]
            rows.append([label, *(f"{value:.2f}" if "time" in key else f"{value:.4f}" for value in values)])
    head = f"Evaluating {', '.join(m.upper() for m in measures)} of algorithm {name} on {folds} split(s).\n"
    return "\n".join([head, *("".join([row[0].ljust(18), *(cell.ljust(8) for cell in row[1:])]) for row in rows)])
