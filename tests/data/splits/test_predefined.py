import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError


@pytest.fixture
def events(shopping):
    return shopping([(1, 1, 0), (1, 2, 1), (2, 3, 2), (3, 1, 3)])


def test_as_told(events):
    for told in (
        pl.col("user_id") >= 2,
        pl.Series([False, False, True, True]),
        np.array([0, 0, 1, 1], bool),
        [False, False, True, True],
    ):
        split = ec.split_predefined(events, told)
        assert split.test.frame["item_id"].to_list() == [3, 1]
        assert (split.cold_users, split.cold_items) == (2, 1)
    assert split.describe() == (
        "2 events to train on, 2 to test on; 2 of the test's 2 users and 1 of its 2 items are not in training"
    )


def test_values_that_do_not_fit(events):
    with pytest.raises(DataError, match="each of the 4 events, not 1 values"):
        ec.split_predefined(events, [True])
    with pytest.raises(DataError, match="Int64"):
        ec.split_predefined(events, [1, 0, 1, 0])
    with pytest.raises(DataError, match="1 empty"):
        ec.split_predefined(events, pl.Series([True, None, False, False]))
    with pytest.raises(DataError, match="leaves no event to test"):
        ec.split_predefined(events, [False] * 4)
