import pytest

from endcap.compat import surprise as ours


def test_trainset_is_as_in_surprise(both):
    (_, theirs, _), (_, mine, _) = both
    assert mine.ur == theirs.ur
    assert mine.ir == theirs.ir
    assert mine.ur[999] == []
    assert list(mine.all_ratings()) == list(theirs.all_ratings())
    assert mine.global_mean == pytest.approx(theirs.global_mean)
    assert mine.build_testset() == theirs.build_testset()
    assert mine.build_anti_testset(fill=2) == theirs.build_anti_testset(fill=2)
    for name in ("n_users", "n_items", "n_ratings", "rating_scale"):
        assert getattr(mine, name) == getattr(theirs, name)
    assert [mine.to_raw_uid(u) for u in mine.all_users()] == [theirs.to_raw_uid(u) for u in theirs.all_users()]
    assert [mine.to_inner_iid(mine.to_raw_iid(i)) for i in mine.all_items()] == list(mine.all_items())
    assert mine.knows_user(0)
    assert not mine.knows_user("UKN__x")
    assert not mine.knows_item(mine.n_items)


@pytest.mark.parametrize("ask", ["to_inner_uid", "to_inner_iid", "to_raw_uid", "to_raw_iid"])
def test_unknown_ids_are_value_errors(data, ask):
    with pytest.raises(ValueError, match="9999"):
        getattr(data.build_full_trainset(), ask)(9999)


def test_the_last_rating_of_a_pair_counts():
    raw = [("a", 1, 1.0, None), ("b", 1, 2.0, None), ("a", 1, 5.0, None)]
    trainset = ours.Trainset.of(raw, (1, 5))
    assert trainset.n_ratings == 3
    assert trainset.ratings.repeats == 1
    assert trainset.ratings.matrix.toarray().tolist() == [[5.0], [2.0]]
    assert trainset.build_anti_testset() == []


def test_no_ratings():
    with pytest.raises(ValueError, match="no ratings"):
        ours.SVD().fit(ours.Trainset.of([], (1, 5)))
