"""The search for the parameters that predict best."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from endcap.compat.surprise.dataset import DatasetUserFolds
from endcap.compat.surprise.model_selection.split import get_cv
from endcap.compat.surprise.model_selection.validation import checked_measures, run_all
from endcap.compat.surprise.utils import get_rng
from endcap.errors import NotFittedError, ParameterError


class SearchDisabledError(NotFittedError, ValueError):
    """The best algorithm was asked, but was not to be fitted; a `ValueError` as in Surprise."""


class _Search:
    param_combinations: list[dict[str, Any]]

    def __init__(
        self,
        algo_class: Any,
        measures: Sequence[str],
        cv: Any,
        refit: bool | str,
        return_train_measures: bool,
        n_jobs: int,
    ) -> None:
        self.algo_class = algo_class
        self.measures = checked_measures(measures)
        self.cv = cv
        self.refit: Any = self.measures[0] if refit is True else (refit.lower() if isinstance(refit, str) else False)
        if self.refit and self.refit not in self.measures:
            raise ParameterError(f"refit={refit!r} won't do: it is not one of the measures, {', '.join(self.measures)}")
        self.return_train_measures = return_train_measures
        self.n_jobs = n_jobs

    def fit(self, data: Any) -> None:
        """Cross-validate the algorithm with every combination of parameters, all on the same folds.

        Sets, each a dictionary by measure, `best_score` (the mean over the folds), `best_params`, `best_index` and
        `best_estimator` (fitted on all data for the measure of `refit`), and `cv_results`, a dictionary of columns.
        """
        if self.refit and isinstance(data, DatasetUserFolds):
            raise ParameterError("refit needs data in one piece, not those of load_from_folds")
        folds = list(get_cv(self.cv).split(data))
        jobs = (
            (partial(self.algo_class, **combination), trainset, testset)
            for combination in self.param_combinations
            for trainset, testset in folds
        )
        scores = run_all(jobs, self.measures, self.return_train_measures, self.n_jobs)
        shape = len(self.param_combinations), len(folds)
        self.cv_results: dict[str, Any] = {}
        self.best_index: dict[str, int] = {}
        for measure in self.measures:
            test = np.array([score[0][measure] for score in scores]).reshape(shape)
            self._add(f"test_{measure}", test)
            if self.return_train_measures:
                self._add(f"train_{measure}", np.array([score[1][measure] for score in scores]).reshape(shape))
            order = np.argsort(test.mean(axis=1) * (-1 if measure == "fcp" else 1), kind="stable")
            ranks = np.empty_like(order)
            ranks[order] = np.arange(1, len(order) + 1)
            self.cv_results[f"rank_test_{measure}"] = ranks
            self.best_index[measure] = int(order[0])
        for place, name in ((2, "fit"), (3, "test")):
            seconds = np.array([score[place] for score in scores]).reshape(shape)
            self.cv_results[f"mean_{name}_time"] = seconds.mean(axis=1)
            self.cv_results[f"std_{name}_time"] = seconds.std(axis=1)
        self.cv_results["params"] = self.param_combinations
        for name in self.param_combinations[0]:
            self.cv_results[f"param_{name}"] = [combination[name] for combination in self.param_combinations]
        best = self.best_index.items()
        self.best_params = {measure: self.param_combinations[index] for measure, index in best}
        self.best_score = {measure: self.cv_results[f"mean_test_{measure}"][index] for measure, index in best}
        self.best_estimator = {measure: self.algo_class(**self.best_params[measure]) for measure, _ in best}
        if self.refit:
            self.best_estimator[self.refit].fit(data.build_full_trainset())

    def test(self, testset: Any, verbose: bool = False) -> Any:
        """Return the predictions of the best algorithm; only with `refit`."""
        return self._best().test(testset, verbose)

    def predict(self, *args: Any) -> Any:
        """Return a prediction of the best algorithm; only with `refit`."""
        return self._best().predict(*args)

    def _best(self) -> Any:
        if not self.refit:
            raise SearchDisabledError("the best algorithm was not fitted: search with refit=True")
        return self.best_estimator[self.refit]

    def _add(self, name: str, values: Any) -> None:
        for fold in range(values.shape[1]):
            self.cv_results[f"split{fold}_{name}"] = values[:, fold]
        self.cv_results[f"mean_{name}"] = values.mean(axis=1)
        self.cv_results[f"std_{name}"] = values.std(axis=1)


class GridSearchCV(_Search):
    """Try all combinations of parameters.

    Parameters
    ----------
    algo_class
        The class of the algorithm.
    param_grid
        Lists of values by parameter. `sim_options` and `bsl_options` are dictionaries of lists themselves.
    measures, cv, return_train_measures, n_jobs, pre_dispatch
        As for `cross_validate`.
    refit
        Whether to fit the best on all data: True for the best by the first measure, or the name of a measure.
    joblib_verbose
        Has no effect.

    Examples
    --------
    >>> import pandas as pd
    >>> from endcap.compat.surprise import SVD, Dataset, Reader
    >>> from endcap.compat.surprise.model_selection import GridSearchCV
    >>> data = Dataset.load_from_df(pd.DataFrame({"u": [1, 2, 3, 4], "i": 7, "r": 3}), Reader())
    >>> search = GridSearchCV(SVD, {"n_factors": [1, 2], "random_state": [0]}, cv=2)
    >>> search.fit(data)
    >>> sorted(search.best_params["rmse"])
    ['n_factors', 'random_state']
    """

    def __init__(
        self,
        algo_class: Any,
        param_grid: dict[str, Any],
        measures: Sequence[str] = ("rmse", "mae"),
        cv: Any = None,
        refit: bool | str = False,
        return_train_measures: bool = False,
        n_jobs: int = 1,
        pre_dispatch: Any = "2*n_jobs",
        joblib_verbose: int = 0,
    ) -> None:
        super().__init__(algo_class, measures, cv, refit, return_train_measures, n_jobs)
        self.param_grid = _unfolded(param_grid)
        self.param_combinations = _combinations(self.param_grid)


class RandomizedSearchCV(_Search):
    """Try some combinations of parameters, drawn at random.

    Parameters
    ----------
    algo_class, measures, cv, refit, return_train_measures, n_jobs, pre_dispatch, joblib_verbose
        As for `GridSearchCV`.
    param_distributions
        By parameter a list of values, or a distribution with a method `rvs` as `scipy.stats` has them.
    n_iter
        How many combinations.
    random_state
        See `endcap.compat.surprise.utils.get_rng`.
    """

    def __init__(
        self,
        algo_class: Any,
        param_distributions: dict[str, Any],
        n_iter: int = 10,
        measures: Sequence[str] = ("rmse", "mae"),
        cv: Any = None,
        refit: bool | str = False,
        return_train_measures: bool = False,
        n_jobs: int = 1,
        pre_dispatch: Any = "2*n_jobs",
        random_state: Any = None,
        joblib_verbose: int = 0,
    ) -> None:
        super().__init__(algo_class, measures, cv, refit, return_train_measures, n_jobs)
        self.n_iter, self.random_state = n_iter, random_state
        self.param_distributions = _unfolded(param_distributions)
        self.param_combinations = _drawn(self.param_distributions, n_iter, get_rng(random_state))


def _unfolded(grid: dict[str, Any]) -> dict[str, Any]:
    """Return the grid with the dictionaries of lists as lists of dictionaries."""
    return {
        name: _combinations(values) if name in ("sim_options", "bsl_options") else values
        for name, values in grid.items()
    }


def _combinations(grid: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def _drawn(grid: dict[str, Any], number: int, rng: Any) -> list[dict[str, Any]]:
    """Return random combinations, none twice where all parameters are lists."""
    if not any(hasattr(values, "rvs") for values in grid.values()):
        everything = _combinations(grid)
        if number > len(everything):
            raise ParameterError(f"n_iter={number!r} won't do: there are only {len(everything)} combinations")
        return [everything[place] for place in rng.choice(len(everything), number, replace=False)]
    return [
        {
            name: values.rvs(random_state=rng) if hasattr(values, "rvs") else values[rng.randint(len(values))]
            for name, values in sorted(grid.items())
        }
        for _ in range(number)
    ]
