"""ALS with features: what nobody had yet gets a vector from what is known of it."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import DataError
from endcap.models.feature_prior import FeaturePrior


def test_the_weights_are_those_of_weighted_ridge_regression():
    rng = np.random.default_rng(1)
    features = sparse.random_array((200, 12), density=0.3, rng=rng, dtype=np.float32, format="csr")
    ridge, observed = rng.uniform(0.5, 2, 200).astype(np.float32), rng.random(200) < 0.8
    factors = rng.normal(size=(200, 16)).astype(np.float32)
    prior = FeaturePrior(features, ridge, observed, 16, strength=3.0)
    for _ in range(5):
        prior.learn(factors)
    d = np.where(observed, ridge, 0) / ridge[observed].mean()
    f = features.toarray().astype(np.float64)
    wanted = np.linalg.solve(f.T @ (d[:, None] * f) + 3 * np.eye(12), f.T @ (d[:, None] * factors))
    np.testing.assert_allclose(prior.weights, wanted, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(prior.means(unobserved=True), f @ wanted, rtol=1e-3, atol=1e-3)
    assert not prior.means(unobserved=False)[~observed].any()


def two_kinds(rng, users=80, items=60):
    """Even users take even items, which are red; odd ones odd items, which are blue; items 0 to 7 nobody took."""
    u, i = np.meshgrid(np.arange(users), np.arange(items), indexing="ij")
    taken = (u % 2 == i % 2) & (rng.random((users, items)) < 0.4) & (i >= 8)
    rows, columns = np.nonzero(taken)
    events = pl.DataFrame({"user_id": rows, "item_id": columns}).with_columns(
        pl.col("user_id").cast(pl.String),
        pl.format("i{}", pl.col("item_id").cast(pl.String).str.zfill(2)).alias("item_id"),
    )
    ids = [f"i{n:02}" for n in range(items)]
    catalogue = pl.DataFrame({"item_id": ids, "colour": ["red", "blue"] * (items // 2), "price": np.arange(items) % 5})
    return events, catalogue


@pytest.fixture(params=["cg", "cholesky"])
def model(request):
    events, catalogue = two_kinds(np.random.default_rng(3))
    return ec.ALS(factors=8, solver=request.param).fit(events, item_features=catalogue)


COLD = [f"i{n:02}" for n in range(8)]


def test_new_items_are_recommended_by_their_features(model):
    found = model.recommend(["10", "11"], k=4, candidates=COLD)
    assert not found["fallback"].any()
    for user, wanted in (("10", {"i00", "i02", "i04", "i06"}), ("11", {"i01", "i03", "i05", "i07"})):
        assert set(found.filter(pl.col("user_id") == user)["item_id"]) == wanted


def test_new_items_have_similar_ones_and_are_kept_when_saved(model, tmp_path):
    found = model.similar_items("i03", k=20)
    assert (found["item_id"].str.slice(1).cast(int) % 2 == 1).all()
    model.save(tmp_path / "m")
    assert_frame_equal(ec.load(tmp_path / "m").similar_items("i03", k=20), found, check_exact=True)


def test_reasons_still_sum_to_the_score(model):
    for item in ("i04", "i21"):
        reasons, score = model.explain("10", item), model.score("10", [item])["score"][0]
        assert reasons["contribution"].sum() == pytest.approx(score, rel=1e-3, abs=1e-4)


def test_new_users_get_what_their_features_make_probable():
    events, _ = two_kinds(np.random.default_rng(3))
    people = pl.DataFrame({"user_id": [*map(str, range(80)), "new", "nobody"]}).with_columns(
        taste=pl.Series([*(["even", "odd"] * 40), "odd", None])
    )
    model = ec.ALS(factors=8, feature_regularization=1).fit(events, user_features=people)
    found = model.recommend("new", k=10)
    assert not found["fallback"].any()
    assert (found["item_id"].str.slice(1).cast(int) % 2 == 1).all()
    assert model.recommend("unheard-of", k=3)["fallback"].all()
    both = model.recommend(["new", "10"], k=10)
    assert both.filter(pl.col("user_id") == "new")["item_id"].to_list() == found["item_id"].to_list()


def test_features_do_not_change_with_threads_or_order():
    events, catalogue = two_kinds(np.random.default_rng(5))
    fits = [
        ec.ALS(factors=8, threads=threads).fit(events, item_features=table)
        for threads, table in ((1, catalogue), (2, catalogue), (1, catalogue[::-1]))
    ]
    assert all(np.array_equal(fits[0].item_factors_, other.item_factors_) for other in fits[1:])


def test_features_that_say_nothing_change_little():
    matrix = sparse.random_array((60, 40), density=0.2, rng=np.random.default_rng(1), format="csr", dtype=np.float32)
    data = Interactions.from_matrix(matrix)
    plain = ec.ALS(factors=8, feature_regularization=1e9).fit(data)
    other = ec.ALS(factors=8, feature_regularization=1e9).fit(data, item_features=pl.DataFrame({"item_id": range(40)}))
    scores = (m.user_factors_ @ m.item_factors_.T for m in (plain, other))
    np.testing.assert_allclose(*scores, atol=1e-3)


def test_a_table_without_ids_is_refused_and_the_model_stays():
    events, catalogue = two_kinds(np.random.default_rng(3))
    model = ec.ALS(factors=8, epochs=2).fit(events)
    before = model.recommend("10", k=5)
    with pytest.raises(DataError, match="no column 'item_id'"):
        model.fit(events, item_features=catalogue.rename({"item_id": "sku"}))
    assert_frame_equal(model.recommend("10", k=5), before, check_exact=True)
