import numpy as np
import pytest
from scipy import sparse

from endcap.evaluation.random_items import Random


@pytest.fixture
def taken():
    return sparse.csr_array(sparse.random_array((300, 40), density=0.3, rng=np.random.default_rng(1)))


def test_every_item_is_as_likely_and_none_comes_twice(taken):
    lists = Random(seed=2).fit(taken).recommend(k=10, exclude_seen=False)
    assert len(lists) == 3000
    assert lists.select("user_id", "item_id").is_unique().all()
    counts = lists["item_id"].value_counts()["count"]
    assert len(counts) == 40
    assert counts.std() < 2 * np.sqrt(3000 / 40)


def test_what_was_had_before_is_left_out_and_the_catalogue_is_used_up(taken):
    model = Random().fit(taken)
    lists = model.recommend(k=40, exclude_seen=True)
    sizes = lists.group_by("user_id").len().sort("user_id")["len"].to_numpy()
    np.testing.assert_array_equal(sizes, 40 - np.diff(taken.indptr))
    few = model.recommend(7, k=5, candidates=[1, 2, 3], exclude_seen=False)
    assert set(few["item_id"]) == {1, 2, 3}


def test_the_seed_decides(taken):
    one, again, other = (Random(seed=s).fit(taken).recommend(k=5)["item_id"] for s in (1, 1, 2))
    assert one.equals(again)
    assert not one.equals(other)
