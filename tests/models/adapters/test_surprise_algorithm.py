import contextlib
import io

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.errors import ParameterError

surprise = pytest.importorskip("surprise")


@pytest.fixture(scope="module")
def table():
    draws = np.random.default_rng(0)
    users = np.repeat([f"u{n}" for n in range(30)], 12)
    items = np.concatenate([draws.permutation(20)[:12] for _ in range(30)])
    return pl.DataFrame({"user_id": users, "item_id": items, "rating": draws.integers(1, 6, 360).astype(float)})


def own_predictions(algo, table, pairs):
    reader = surprise.Reader(rating_scale=(1, 5))
    trainset = surprise.Dataset(reader).construct_trainset(
        [(*row, None) for row in table.sort("user_id", "item_id").rows()]
    )
    with contextlib.redirect_stdout(io.StringIO()):
        algo.fit(trainset)
    return [algo.predict(user, item).est for user, item in pairs.rows()]


@pytest.mark.parametrize(
    "make",
    [
        lambda: surprise.SVD(random_state=0),
        lambda: surprise.KNNBasic(k=5),
        surprise.SlopeOne,
        surprise.BaselineOnly,
    ],
)
def test_predicts_what_the_algorithm_itself_does(table, make, capsys):
    pairs = pl.DataFrame({"user_id": ["u1", "u2", "nobody", "u3"], "item_id": [3, 99, 1, 0]})
    given = make()
    found = ec.adapt(given).fit(ec.Ratings.from_events(table, scale=(1, 5))).predict(pairs)
    assert found["estimate"].to_list() == pytest.approx(own_predictions(make(), table, pairs), abs=1e-5)
    assert found["was_known"].to_list() == [True, False, False, True]
    assert not hasattr(given, "trainset")
    assert capsys.readouterr().out == ""


def test_own_algorithms_cross_validation_and_recommendations(table):
    class Three(surprise.AlgoBase):
        def estimate(self, u, i):
            return 3

    model = ec.adapt(Three())
    result = ec.cross_validate(model, table, folds=3)
    expected = [float(((table["rating"] - 3) ** 2).mean() ** 0.5)]
    assert result.filter(pl.col("fold") == "mean")["rmse"].to_list() == pytest.approx(expected, abs=0.02)
    assert len(model.fit(table).recommend("u1", k=4)) == 4


def test_new_users_are_refused(table):
    model = ec.adapt(surprise.SVD()).fit(table)
    with pytest.raises(ParameterError, match="not in training"):
        model.predict(table, ratings=table.with_columns(pl.lit("new").alias("user_id")).head(1))
