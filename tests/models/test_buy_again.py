"""BuyAgain: own repeats only, by frequency and recency."""

import numpy as np
import pytest
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import ParameterError

DAY = 86_400_000_000


def shop(days_ago=None):
    """Return two shoppers: 0 took item 0 once, 2 four times and 3 twice; 1 took 1 and 2 once."""
    data = Interactions.from_matrix(sparse.csr_array(np.array([[1, 0, 4, 2, 0], [0, 1, 1, 0, 0]], np.float32)))
    if days_ago is None:
        return data
    return Interactions(data.matrix, data.users, data.items, 1_700_000_000_000_000 - np.array(days_ago) * DAY)


def test_the_most_often_taken_comes_first():
    found = ec.BuyAgain().fit(shop()).recommend(0, k=3)
    assert found["item_id"].to_list() == [2, 3, 0]
    assert found["score"].to_list() == [4, 2, 1]
    assert not found["fallback"].any()


def test_what_was_taken_lately_comes_before_what_was_taken_often():
    # Weight 4 of 60 days ago is worth 1 with a half-life of 30 days, weight 2 of 30 days ago as well.
    model = ec.BuyAgain(half_life="30d").fit(shop([3, 60, 30, 0, 0]))
    found = model.recommend(0, k=3)
    assert found["item_id"].to_list() == [2, 3, 0]
    assert found["score"].to_list() == pytest.approx([1, 1, 0.5 ** (3 / 30)])
    sooner = ec.BuyAgain(half_life="30d").fit(shop([3, 61, 30, 0, 0])).recommend(0, k=3)
    assert sooner["item_id"].to_list() == [3, 2, 0]


def test_without_a_half_life_age_does_not_matter():
    model = ec.BuyAgain(half_life=None).fit(shop([0, 900, 400, 0, 0]))
    assert model.recommend(0, k=3)["score"].to_list() == [4, 2, 1]


def test_ties_go_to_the_lower_position():
    assert ec.BuyAgain().fit(shop()).recommend(1, k=2)["item_id"].to_list() == [1, 2]


def test_only_own_items_and_then_best_sellers_as_a_fallback():
    found = ec.BuyAgain().fit(shop()).recommend(1, k=5)
    assert found["item_id"].to_list() == [1, 2, 0, 3, 4]
    assert found["fallback"].to_list() == [False, False, True, True, True]


def test_exclusions_and_candidates_are_honoured():
    model = ec.BuyAgain().fit(shop())
    assert model.recommend(0, k=1, exclude=[2])["item_id"].to_list() == [3]
    assert model.recommend(0, k=1, exclude_seen=True)["fallback"].all()
    for candidates in ([0, 3, 4], [[0, 3, 4]]):
        found = model.recommend([0], k=3, candidates=candidates)
        assert found["item_id"].to_list() == [3, 0, 4]
        assert found["fallback"].to_list() == [False, False, True]


def test_everyone_is_answered_like_one_at_a_time():
    rng = np.random.default_rng(4)
    matrix = sparse.csr_array(sparse.random_array((80, 60), density=0.1, rng=rng))
    model = ec.BuyAgain().fit(matrix)
    everyone = model.recommend(k=4)
    for user in range(0, 80, 7):
        alone = model.recommend(user, k=4)
        assert everyone.filter(everyone["user_id"] == user).drop("user_id").equals(alone)


def test_a_visitor_who_mentions_an_item_twice():
    found = ec.BuyAgain().fit(shop([3, 60, 30, 0, 0])).recommend(history=[4, 1, 4], k=2)
    assert found["item_id"].to_list() == [4, 1]
    assert found["score"].to_list() == [2, 1]


def test_the_reason_is_the_item_itself():
    model = ec.BuyAgain().fit(shop())
    assert model.explain(0, 2).rows() == [(2, 4.0)]
    assert len(model.explain(0, 4)) == 0
    assert model.score(0, [4, 2]).rows() == [(4, 0.0), (2, 4.0)]


def test_nothing_is_similar():
    assert len(ec.BuyAgain().fit(shop()).similar_items(0, k=3)) == 0


def test_events_without_time_are_noted():
    assert "no time" in ec.BuyAgain().fit(shop()).notes_[0]
    assert ec.BuyAgain(half_life=None).fit(shop()).notes_ == ()
    assert ec.BuyAgain().fit(shop([0, 0, 0, 0, 0])).notes_ == ()


def test_a_wrong_half_life_is_refused():
    with pytest.raises(ParameterError, match="length of time"):
        ec.BuyAgain(half_life="soon").fit(shop())
