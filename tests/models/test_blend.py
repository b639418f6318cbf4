import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import ParameterError
from endcap.models.queries import Queries


@pytest.fixture(scope="module")
def data():
    """200 shoppers of four tastes over 60 products."""
    rng = np.random.default_rng(4)
    taste = rng.integers(0, 4, 200)
    likes = np.where(taste[:, None] == np.arange(60) % 4, 0.35, 0.03)
    return Interactions.from_matrix(sparse.csr_array((rng.random((200, 60)) < likes).astype(np.float32)))


def test_scores_are_the_weighted_sum_of_scaled_scores(data):
    parts = [ec.ItemKNN().fit(data), ec.EASE().fit(data)]
    blend = ec.Blend(models=parts, weights=[1, 3]).fit(data)
    items = np.arange(60)
    expected = np.zeros(60)
    for part, weight in zip(parts, (0.25, 0.75), strict=True):
        best = part.recommend(7, k=60).filter(~pl.col("fallback"))["score"].to_numpy()
        expected += weight * part.score(7, items)["score"].to_numpy() / best.astype(float).std()
    assert np.allclose(blend.score(7, items)["score"], expected, rtol=1e-5, atol=1e-6)
    own = data.matrix[[7]].indices
    best_new = [i for i in np.argsort(-expected, kind="stable") if i not in own][:5]
    assert blend.recommend(7, k=5)["item_id"].to_list() == best_new


def test_ranks_are_fused_by_their_reciprocals(data):
    parts = [ec.ItemKNN().fit(data), ec.EASE().fit(data)]
    blend = ec.Blend(models=parts, weights=[0.5, 0.5], method="ranks", depth=60).fit(data)
    expected = np.zeros(60)
    for part in parts:
        top = part.recommend(7, k=60, exclude_seen=False).filter(~pl.col("fallback"))
        expected[top["item_id"].to_numpy()] += 0.5 / (60 + top["rank"].to_numpy())
    assert np.allclose(blend.score(7, np.arange(60))["score"], expected, rtol=1e-5)


def test_a_model_that_scores_all_alike_is_added_as_it_is(data):
    two = sparse.csr_array(np.array([[1.0, 0], [1, 1]], np.float32))
    blend = ec.Blend(models=[ec.ItemKNN()]).fit(two)  # one new item: no spread to divide by
    assert blend.recommend(0, k=1)["score"].to_list() == [1]


def test_scores_do_not_depend_on_what_is_asked_for(data):
    blend = ec.Blend(weights=[1, 2, 3]).fit(data)
    told = blend.recommend(7, k=8)
    among = blend.recommend(7, k=8, candidates=told["item_id"])
    assert among["item_id"].to_list() == told["item_id"].to_list()
    assert np.allclose(among["score"], told["score"], rtol=1e-5)
    assert np.allclose(blend.score(7, told["item_id"])["score"], told["score"], rtol=1e-5)


def test_the_weights_are_learned_and_a_bad_model_gets_none(data):
    blend = ec.Blend(models=[ec.Popular(), ec.EASE()]).fit(data)
    assert blend.weights_.sum() == pytest.approx(1)
    assert blend.weights_[1] > 0.8


def test_repeats_count_where_all_models_recommend_them():
    # everyone takes their own item every day, and a new one now and then
    rng = np.random.default_rng(0)
    users, days = (part.ravel() for part in np.meshgrid(np.arange(40), np.arange(30), indexing="ij"))
    items = np.where(rng.random(len(users)) < 0.8, users % 10, rng.integers(10, 30, len(users)))
    time = pl.Series(days * 86_400_000_000).cast(pl.Datetime("us"))
    events = ec.read_events(pl.DataFrame({"user_id": users, "item_id": items, "timestamp": time}))
    repeats = ec.Blend(models=[ec.Popular(), ec.BuyAgain()], repeats=True)
    assert repeats._needs_log
    assert repeats._recommends_seen
    assert repeats.fit(events).weights_[1] > 0.2
    assert not ec.Blend(models=[ec.Popular(), ec.BuyAgain()])._needs_log


def test_one_model_alone_ranks_as_it_does(data):
    alone = ec.EASE().fit(data).recommend(k=5)
    blend = ec.Blend(models=[ec.EASE()]).fit(data).recommend(k=5)
    assert_frame_equal(blend.drop("score"), alone.drop("score"))


def test_models_may_be_names_and_keep_their_parameters(data):
    blend = ec.Blend(models=["ItemKNN", ec.ALS(factors=3), ("EASE", {"regularization": 50.0})])
    assert [name for name, _ in blend.models] == ["ItemKNN", "ALS", "EASE"]
    blend.weights = [1.0, 1.0, 1.0]
    fitted = blend.fit(data).components_
    assert fitted[1].factors == 3
    assert fitted[2].regularization == 50


def test_a_model_of_the_event_log_gets_one(data, monkeypatch):
    assert not ec.Blend()._needs_log
    monkeypatch.setattr(ec.ItemKNN, "_needs_log", True)
    assert ec.Blend()._needs_log
    assert ec.Blend().fit(data).components_[0].interactions_.log is not None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"models": ["Blend"]}, "can't hold 'Blend'"),
        ({"models": ["Unheard"]}, "can't hold 'Unheard'; it takes ALS"),
        ({"models": ["EASE"], "weights": [1.0, 1.0]}, "give one for each"),
        ({"models": ["EASE"], "weights": [0.0]}, "one of them above 0"),
        ({"models": [("EASE", {"factors": 3})]}, "has no parameter 'factors'"),
    ],
)
def test_what_can_not_be_blended_is_said(data, values, message):
    with pytest.raises(ParameterError, match=message):
        ec.Blend(**values).fit(data)


def test_many_shoppers_are_answered_like_one(data, monkeypatch):
    blend = ec.Blend(weights=[1, 1, 1]).fit(data)
    whole = blend.answer(Queries.of_everyone(data), 6)[0]
    monkeypatch.setattr("endcap.models.blend._AT_ONCE", 7)
    parts = blend.answer(Queries.of_everyone(data), 6)[0]
    assert np.array_equal(whole.items, parts.items)
