"""Popular: best-sellers of all time, of a window, or with decay."""

import numpy as np
import pytest
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import ParameterError
from endcap.models.queries import Queries

DAY = 86_400_000_000


def shop(dense, days_ago=None):
    data = Interactions.from_matrix(sparse.csr_array(np.array(dense, np.float32)))
    if days_ago is None:
        return data
    return Interactions(data.matrix, data.users, data.items, 1_700_000_000_000_000 - np.array(days_ago) * DAY)


def test_users_are_counted_and_not_their_purchases():
    model = ec.Popular().fit(shop([[9, 1, 0], [0, 1, 0], [0, 1, 1]]))
    found = model.recommend(0, k=3, exclude_seen=False)
    assert found["item_id"].to_list() == [1, 0, 2]
    assert found["score"].to_list() == [3, 1, 1]


def test_ties_go_to_the_lower_position():
    found = ec.Popular().fit(shop([[1, 1, 1, 1]])).recommend(0, k=4, exclude_seen=False)
    assert found["item_id"].to_list() == [0, 1, 2, 3]


def test_everyone_gets_the_same_list_less_what_they_have():
    model = ec.Popular().fit(shop([[1, 0, 0], [1, 1, 0], [1, 1, 1]]))
    found = model.recommend(k=3)
    assert found.select("user_id", "item_id").rows() == [(0, 1), (0, 2), (1, 2)]
    assert not found["fallback"].any()


def test_a_window_counts_only_what_is_new():
    # Item 0: two users, 40 and 29 days ago; item 1: one user now.
    data = shop([[1, 0], [1, 0], [0, 1]], [40, 29, 0])
    assert ec.Popular().fit(data).recommend(0, k=2, exclude_seen=False)["score"].to_list() == [2, 1]
    model = ec.Popular(window="4w").fit(data)
    found = model.recommend(0, k=2, exclude_seen=False)
    assert found["item_id"].to_list() == [1, 0]
    assert found["score"].to_list() == [1, 0]
    assert ec.Popular(window="29d").fit(data).score(0, [0])["score"][0] == 1


def test_a_half_life_counts_what_is_old_less():
    data = shop([[1, 0], [1, 0], [0, 1]], [30, 30, 0])
    model = ec.Popular(half_life="15d").fit(data)
    assert model.recommend(0, k=2, exclude_seen=False)["item_id"].to_list() == [1, 0]
    assert model.score(0, [0, 1])["score"].to_list() == pytest.approx([0.5, 1])


def test_window_and_half_life_together():
    data = shop([[1, 0], [1, 0], [0, 1]], [10, 30, 0])
    model = ec.Popular(window="20d", half_life="10d").fit(data)
    assert model.score(0, [0, 1])["score"].to_list() == pytest.approx([0.5, 1])


@pytest.mark.parametrize("values", [{"window": "4w"}, {"half_life": "30d"}])
def test_time_is_needed_where_it_counts(values):
    with pytest.raises(ParameterError, match="timestamp"):
        ec.Popular(**values).fit(shop([[1, 1]]))


@pytest.mark.parametrize("values", [{"window": "long"}, {"half_life": "0d"}])
def test_a_wrong_length_of_time_is_refused(values):
    with pytest.raises(ParameterError):
        ec.Popular(**values).fit(shop([[1, 1]], [0, 0]))


def test_the_most_similar_to_an_item_is_the_best_seller():
    model = ec.Popular().fit(shop([[1, 1, 0], [0, 1, 1], [0, 1, 1]]))
    assert model.similar_items(1, k=3)["item_id"].to_list() == [2, 0]
    assert model.similar_items(0, k=1)["item_id"].to_list() == [1]


def test_exactly_k_of_the_candidates():
    model = ec.Popular().fit(shop([[1, 1, 0, 0, 1], [0, 1, 1, 0, 0], [0, 1, 1, 0, 0]]))
    for candidates in ([4, 2, 3], [[4, 2, 3]]):
        found = model.recommend([0], k=2, candidates=candidates, exclude=[2], exclude_seen=False)
        assert found["item_id"].to_list() == [4, 3]
    assert len(model.recommend(0, k=99, exclude_seen=False)) == 5


def test_many_users_with_long_exclusions_still_get_k():
    # More rows than one block of the filling, and exclusions of the very best-sellers.
    rng = np.random.default_rng(2)
    dense = (rng.random((5000, 30)) < np.linspace(0.9, 0.05, 30)).astype(np.float32)
    dense[:, 0] = 1
    model = ec.Popular().fit(shop(dense))
    top, fallback = model.answer(Queries.of_everyone(model.interactions_), 10)
    seen = dense.astype(bool)
    order = model.popularity_
    for row in range(0, 5000, 97):
        expected = [i for i in order if not seen[row, i]][:10]
        assert top.items[row][top.items[row] >= 0].tolist() == expected
    assert not fallback[top.items >= 0].any()
