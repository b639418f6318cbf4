from datetime import datetime, timedelta

import polars as pl
import pytest

import endcap as ec
from endcap.data.splits import split_by_time, split_shuffle
from endcap.data.splits.in_order import have_order, split_in_order
from endcap.errors import DataError


def events(times):
    table = pl.DataFrame({"user_id": [1, 1, 1, 2, 2, 2, 3, 3, 3, 3], "item_id": list(range(10))})
    return ec.read_events(table if times is None else table.with_columns(timestamp=pl.Series(times)))


DAYS = [datetime(2026, 1, 1) + timedelta(days=d) for d in range(10)]


@pytest.mark.parametrize(("times", "known"), [(None, False), ([DAYS[0]] * 10, False), (DAYS, True)])
def test_an_order_needs_times_that_differ(times, known):
    assert have_order(events(times)) is known


def test_by_time_where_there_is_one_else_by_chance():
    ordered = split_in_order(events(DAYS), 0.3)
    assert ordered.test.frame.equals(split_by_time(events(DAYS), test=0.3).test.frame)
    assert split_in_order(events(DAYS), timedelta(days=2)).test.frame["item_id"].to_list() == [8, 9]
    hidden = split_in_order(events(None), 0.3, seed=4)
    assert hidden.test.frame.equals(split_shuffle(events(None), test=0.3, seed=4).test.frame)


def test_a_length_of_time_needs_times():
    with pytest.raises(DataError, match="needs events with a timestamp"):
        split_in_order(events(None), "4w")
