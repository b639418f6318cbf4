import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError, ParameterError


@pytest.fixture
def month(shopping):
    return shopping([(day % 3, day, day) for day in range(28)])


def test_windows_follow_each_other_and_never_see_ahead(month):
    splits = list(ec.split_rolling(month, "1w", windows=3))
    assert [(len(train), len(test)) for train, test in splits] == [(7, 7), (14, 7), (21, 7)]
    for train, test in splits:
        assert train.frame["timestamp"].max() < test.frame["timestamp"].min()
    tested = pl.concat([test.frame for _, test in splits])["item_id"].to_list()
    assert tested == list(range(7, 28))
    (one,) = ec.split_rolling(month, "1w", windows=1)
    assert len(one.train) == 21
    assert one.test.frame.equals(ec.split_by_time(month, "1w")[1].frame)


def test_training_may_reach_back_only_so_far_and_windows_may_overlap(month):
    splits = list(ec.split_rolling(month, "1w", windows=2, step="2d", train="5d"))
    assert [s.train.frame["item_id"].to_list() for s in splits] == [[14, 15, 16, 17, 18], [16, 17, 18, 19, 20]]
    assert [s.test.frame["item_id"].to_list() for s in splits] == [list(range(19, 26)), list(range(21, 28))]


def test_windows_that_do_not_fit_are_refused_before_the_first(month):
    with pytest.raises(DataError, match=r"leaves nothing to train on.*fewer or shorter windows"):
        ec.split_rolling(month, "1w", windows=4)
    with pytest.raises(ParameterError, match="windows=0"):
        ec.split_rolling(month, windows=0)
    with pytest.raises(DataError, match="timestamps"):
        ec.split_rolling(ec.read_events(pl.DataFrame({"user": [1], "item": [1]})))
