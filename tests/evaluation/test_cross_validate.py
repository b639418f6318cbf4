"""Cross-validation of rating predictors."""

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError, ParameterError


@pytest.fixture
def table():
    u, i = np.divmod(np.arange(200), 20)
    return pl.DataFrame({"user_id": u, "item_id": i, "rating": 1 + (u + 2 * i) % 9 / 2})


def test_folds_then_mean_and_standard_deviation(table):
    found = ec.cross_validate(ec.Baseline(), table, folds=4)
    assert found.columns == ["fold", "rmse", "mae", "fcp", "fit_seconds", "predict_seconds"]
    assert found["fold"].to_list() == ["1", "2", "3", "4", "mean", "sd"]
    rmse = found["rmse"].to_numpy()
    assert rmse[4] == pytest.approx(rmse[:4].mean())
    assert rmse[5] == pytest.approx(rmse[:4].std(ddof=1))


def test_every_rating_is_predicted_once_from_the_others(table, monkeypatch):
    asked = []

    def predict(self, pairs, **_):
        known = {tuple(row) for row in self.ratings_.pairs().select("user_id", "item_id").rows()}
        rows = pairs.select("user_id", "item_id").rows()
        assert not known & set(rows)
        assert len(known) + len(rows) == len(table)
        asked.extend(rows)
        return pairs.with_columns(estimate=pl.lit(3.0))

    monkeypatch.setattr(ec.Baseline, "predict", predict)
    ec.cross_validate(ec.Baseline(), table, folds=3)
    assert sorted(asked) == sorted(table.select("user_id", "item_id").rows())


def test_the_seed_decides_the_folds_and_the_model_stays_unfitted(table):
    model = ec.SVD(factors=4)
    once, again, other = (ec.cross_validate(model, table, folds=2, seed=seed) for seed in (1, 1, 2))
    assert once["rmse"].equals(again["rmse"])
    assert not once["rmse"].equals(other["rmse"])
    assert "ratings_" not in model.__dict__


def test_recommenders_are_sent_to_compare(table):
    with pytest.raises(ParameterError, match=r"endcap\.compare"):
        ec.cross_validate(ec.Popular(), table)


def test_folds_must_make_sense(table):
    with pytest.raises(ParameterError, match="folds=1"):
        ec.cross_validate(ec.Baseline(), table, folds=1)
    with pytest.raises(DataError, match="3 ratings"):
        ec.cross_validate(ec.Baseline(), table.head(3), folds=5)
