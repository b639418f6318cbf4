"""Cross-validation of rating predictors."""

from datetime import datetime, timedelta

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
    assert found.columns == ["fold", "rmse", "mae", "fcp", "covered", "fit_seconds", "predict_seconds"]
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


def test_recommenders_find_every_hidden_pair_once(table, monkeypatch):
    asked = []

    def fit(self, data, **_):
        asked.append(data.nnz)
        return original(self, data, **_)

    original = ec.Popular.fit
    monkeypatch.setattr(ec.Popular, "fit", fit)
    found = ec.cross_validate(ec.ItemKNN(), table, folds=4, k=20)
    assert found["fold"].to_list() == ["1", "2", "3", "4", "mean", "sd"]
    assert found["recall"].to_list()[:4] == [1, 1, 1, 1]  # 20 places for 20 items: whatever is hidden is found
    assert found["users"][4] <= 10
    assert asked == [150] * 4  # best-sellers, which serendipity is measured against, learn from three quarters
    assert found["ndcg"].is_between(0, 1).all()


def test_splits_are_folds(table):
    start = datetime(2026, 1, 1)
    days = [start + timedelta(days=n % 40) for n in range(len(table))]
    events = ec.Events(table.with_columns(timestamp=pl.Series(days)))
    splits = list(ec.split_rolling(events, "1w", windows=2))
    found = ec.cross_validate(ec.Popular(), None, folds=splits, k=5)
    expected = [
        ec.evaluate(ec.Popular().fit(train), test, k=5).table.filter(pl.col("metric") == "recall")["value"].item()
        for train, test in splits
    ]
    assert found["recall"].to_list()[:2] == pytest.approx(expected)
    assert len(ec.cross_validate(ec.Baseline(), None, folds=splits)) == 4


def test_repeats_divide_anew_and_progress_tells_the_time_left(table):
    told = []
    found = ec.cross_validate(ec.Baseline(), table, folds=2, repeats=2, progress=lambda w, s: told.append((w, s)))
    assert len(found) == 6
    assert found["rmse"][0] != found["rmse"][2]
    assert [share for _, share in told] == [0, 0.25, 0.5, 0.75, 1]
    assert told[0][0] == "fold 1 of 4"
    assert told[1][0].startswith("fold 2 of 4, ")
    assert told[1][0].endswith(" s left")


def test_what_was_covered(table):
    lonely = pl.concat([table, pl.DataFrame({"user_id": [99], "item_id": [99], "rating": [3.0]})])
    found = ec.cross_validate(ec.Baseline(), lonely, folds=3)
    assert found["covered"][:3].min() == pytest.approx(66 / 67)


def test_something_else_is_refused(table):
    with pytest.raises(ParameterError, match="not str"):
        ec.cross_validate("SVD", table)


def test_folds_must_make_sense(table):
    with pytest.raises(ParameterError, match="folds=1"):
        ec.cross_validate(ec.Baseline(), table, folds=1)
    with pytest.raises(DataError, match="3 ratings"):
        ec.cross_validate(ec.Baseline(), table.head(3), folds=5)
