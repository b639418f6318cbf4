"""Rating predictors: values worked out by hand, and the accuracy that is published for them."""

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.errors import ParameterError


def rated(*rows):
    return pl.DataFrame(rows, schema=["user_id", "item_id", "rating"], orient="row")


def one(model, user, item, **more):
    return model.predict(pl.DataFrame({"user_id": [user], "item_id": [item]}), **more)["estimate"].item()


def test_baseline_by_hand():
    """One epoch: b_i = (sum of r - mean) / (10 + n), then b_u = (sum of r - mean - b_i) / (15 + n)."""
    model = ec.Baseline(epochs=1).fit(rated((1, 1, 5.0), (1, 2, 2.0), (2, 1, 2.0)))
    assert model.item_bias_ == pytest.approx([1 / 12, -1 / 11])
    assert model.user_bias_ == pytest.approx([(2 - 1 / 12 - 1 + 1 / 11) / 17, (-1 - 1 / 12) / 16])


def test_slope_one_by_hand():
    """Of the example of Lemire and Maclachlan: John 5, 3, 2; Mark 3, 4, -; Lucy -, 2, 5, with equal weights."""
    table = rated(
        ("j", 1, 5.0), ("j", 2, 3.0), ("j", 3, 2.0), ("m", 1, 3.0), ("m", 2, 4.0), ("l", 2, 2.0), ("l", 3, 5.0)
    )
    # dev(1, 2) = (2 - 1) / 2 and dev(1, 3) = 3; Lucy's mean is 3.5: beyond the scale, so 5.
    assert one(ec.SlopeOne().fit(ec.Ratings.from_events(table, scale=(0, 10))), "l", 1) == pytest.approx(3.5 + 1.75)


def test_knn_by_hand():
    """Differences to user c on item 1: a 0 and b 2, so similarities 1 and 1 / 5."""
    table = rated(("a", 1, 4.0), ("a", 2, 5.0), ("b", 1, 2.0), ("b", 2, 1.0), ("c", 1, 4.0))
    assert one(ec.KNN().fit(table), "c", 2) == pytest.approx((5 + 1 / 5) / (1 + 1 / 5))
    assert one(ec.KNN(k=1).fit(table), "c", 2) == 5
    assert one(ec.KNN(min_k=3).fit(table), "c", 2) == pytest.approx(3.2)  # the mean of all
    centred = 4 + (0.5 - 0.5 / 5) / (1 + 1 / 5)
    assert one(ec.KNN(centre="mean").fit(table), "c", 2) == pytest.approx(centred)


def test_rates_by_part():
    table = rated((1, 1, 5.0), (1, 2, 2.0), (2, 1, 2.0))
    still = ec.SVD(factors=3, learning_rate={"user_bias": 0, "item_bias": 0}).fit(table)
    assert not still.user_bias_.any()
    assert not still.item_bias_.any()
    with pytest.raises(ParameterError):
        ec.SVD(learning_rate={"user": 0.1})
    with pytest.raises(ParameterError, match="initial_low"):
        ec.NMF(initial_low=2).fit(table)


def taste_groups(seed=0):
    """Return ratings of two kinds of users, who like opposite halves of the items."""
    draws = np.random.default_rng(seed)
    pairs = np.argwhere(draws.random((60, 40)) < 0.4)
    alike = (pairs[:, 0] % 2) == (pairs[:, 1] % 2)
    ratings = np.clip(np.where(alike, 4, 2) + draws.integers(-1, 2, len(pairs)), 1, 5)
    return ec.Ratings.from_events(
        pl.DataFrame({"user_id": pairs[:, 0], "item_id": pairs[:, 1], "rating": ratings.astype(float)}), scale=(1, 5)
    )


def squared_error(model, ratings):
    table = ratings.pairs()
    return float(((table["rating"] - model.predict(table)["estimate"]) ** 2).sum())


def test_more_starts_keep_the_clusters_that_fit_best():
    ratings = taste_groups()
    errors = [squared_error(ec.CoClustering(starts=n, epochs=3, seed=4).fit(ratings), ratings) for n in (1, 2, 4, 12)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0]


def test_clusters_stop_when_nobody_moves():
    ratings, told = taste_groups(), []
    ec.CoClustering(starts=1, epochs=1000).fit(ratings, progress=lambda what, share: told.append(share))
    assert len(told) < 100


@pytest.mark.parametrize("make", [ec.SVD, ec.SVDpp])
def test_a_user_who_taught_nothing_is_told_by_the_biases(make):
    """Without a step for the users' vectors, random numbers in the items' must not show."""
    still = {"user_factors": 0, "item_factors": 0, "implicit_factors": 0}
    model = make(learning_rate=still, seed=3).fit(taste_groups())
    pairs = model.ratings_.pairs()
    biases = model.mean_ + model.user_bias_[pairs["user_id"]] + model.item_bias_[pairs["item_id"]]
    assert model.predict(pairs)["estimate"].to_numpy() == pytest.approx(np.clip(biases, 1, 5), abs=1e-5)


def test_nmf_begins_with_users_alike():
    users, items = ec.NMF(factors=3, initial_low=0.5, initial_high=1.5)._start((4, 5))
    assert (users == 1).all()
    assert ((items >= 0.5) & (items <= 1.5)).all()
    assert len(np.unique(items)) > 10


# RMSE and MAE as published for scikit-surprise, 5 folds of KFold(5, random_state=0). With seed 0 there.
PUBLISHED = [
    (ec.Baseline(), 0.9440, 0.7484),
    (ec.SlopeOne(), 0.9459, 0.7434),
    (ec.KNN(), 0.9797, 0.7736),
    (ec.KNN(centre="mean"), 0.9511, 0.7495),
    (ec.KNN(centre="zscore"), 0.9509, 0.7461),
    (ec.KNN(centre="baseline"), 0.9307, 0.7332),
    (ec.KNN(centre="baseline", similarity="pearson_baseline", by="item"), 0.9176, 0.7196),
    (ec.SVD(), 0.9344, 0.7367),
    (ec.SVDpp(), 0.9187, 0.7206),
    (ec.NMF(), 0.9634, 0.7580),
    (ec.CoClustering(), 0.9626, 0.7532),
]


@pytest.mark.heavy
@pytest.mark.parametrize(("model", "rmse", "mae"), PUBLISHED, ids=lambda v: repr(v).split("threads")[0])
def test_published_accuracy_on_movielens_100k(public_data, model, rmse, mae):
    table = public_data("ml100k")
    rows = np.arange(len(table))
    np.random.RandomState(0).shuffle(rows)
    folds = np.array_split(rows, 5)
    figures = []
    for fold in folds:
        train = table[np.setdiff1d(rows, fold)].drop("timestamp")
        found = model.fit(ec.Ratings.from_events(train, scale=(1, 5))).predict(table[fold])
        error = (found["estimate"] - found["rating"]).to_numpy()
        figures.append((np.sqrt(np.mean(error**2)), np.mean(np.abs(error))))
    found_rmse, found_mae = np.mean(figures, axis=0)
    assert found_rmse <= rmse + 0.00015  # to the third decimal
    assert found_mae <= mae + 0.00015
