import numpy as np
import pytest
from scipy.stats import uniform

from endcap.compat.surprise import SVD, KNNBasic
from endcap.compat.surprise.model_selection import GridSearchCV, KFold, RandomizedSearchCV

GRID = {"n_factors": [2, 20], "lr_all": [0.001, 0.02], "random_state": [0]}


def test_same_search_as_surprise(theirs, table, data):
    other = theirs.Dataset.load_from_df(table, theirs.Reader())
    split = theirs.model_selection.KFold(3, random_state=2)
    expected = theirs.model_selection.GridSearchCV(theirs.SVD, GRID, ["rmse", "mae"], split, True, True)
    found = GridSearchCV(SVD, GRID, ["rmse", "mae"], KFold(3, random_state=2), True, True)
    expected.fit(other)
    found.fit(data)
    assert found.cv_results.keys() == expected.cv_results.keys()
    for name, values in expected.cv_results.items():
        if "rmse" in name or "mae" in name:
            np.testing.assert_allclose(found.cv_results[name], values, atol=1e-4)
    assert found.best_params == expected.best_params
    assert found.predict("u1", 1).est == pytest.approx(expected.predict("u1", 1).est, abs=1e-4)
    assert found.test([("u1", 1, 2.0)])[0].est == found.predict("u1", 1).est


def test_options_are_unfolded():
    grid = {"k": [2, 3], "sim_options": {"name": ["msd", "cosine"], "user_based": [False]}}
    search = GridSearchCV(KNNBasic, grid)
    assert len(search.param_combinations) == 4
    assert search.param_combinations[0] == {"k": 2, "sim_options": {"name": "msd", "user_based": False}}


def test_combinations_are_drawn_without_repeats():
    drawn = RandomizedSearchCV(SVD, GRID, n_iter=4, random_state=1).param_combinations
    assert sorted(map(str, drawn)) == sorted(map(str, GridSearchCV(SVD, GRID).param_combinations))
    assert drawn == RandomizedSearchCV(SVD, GRID, n_iter=4, random_state=1).param_combinations
    with pytest.raises(ValueError, match="only 4"):
        RandomizedSearchCV(SVD, GRID, n_iter=5)


def test_distributions_are_drawn_from(data):
    search = RandomizedSearchCV(
        SVD, {"n_factors": [2], "lr_all": uniform(0.1, 0.2)}, n_iter=3, measures=["fcp"], cv=2, random_state=0
    )
    search.fit(data)
    assert all(0.1 <= combination["lr_all"] <= 0.3 for combination in search.param_combinations)
    assert search.best_score["fcp"] == max(search.cv_results["mean_test_fcp"])
    with pytest.raises(ValueError, match="refit=True"):
        search.predict("u1", 1)


def test_refit_by_a_measure_that_is_not_there():
    with pytest.raises(ValueError, match="mae"):
        GridSearchCV(SVD, GRID, measures=["rmse"], refit="mae")
