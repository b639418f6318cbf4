from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError
from endcap.exploration.summary import concentration, summarise


def events(users, items, days=None):
    columns = {"user_id": users, "item_id": items}
    if days is not None:
        columns["timestamp"] = [datetime(2026, 1, 1) + timedelta(days=d) for d in days]
    return ec.Events(pl.DataFrame(columns))


def test_figures_worked_by_hand():
    summary = summarise(events([1, 1, 1, 2, 3], [7, 7, 8, 7, 9]))
    assert (summary.events, summary.users, summary.items, summary.pairs) == (5, 3, 3, 4)
    assert summary.density == pytest.approx(4 / 9)
    assert summary.repeat_share == pytest.approx(1 / 5)
    assert summary.one_time_users == pytest.approx(2 / 3)
    assert summary.lonely_items == pytest.approx(2 / 3)
    assert summary.best_sellers.rows() == [(7, 2), (8, 1), (9, 1)]
    assert summary.activity.rows() == [(1, 1, 2), (2, 3, 1)]
    assert summary.periods is None


def test_full_weeks_are_counted_back_from_the_last_event():
    # 10 weeks and 3 days: the first 3 days aren't shown; a week without events is.
    summary = summarise(events([1, 1, 2, 2], [1] * 4, [0, 73 - 7 * 3, 72.5, 73]))
    assert summary.period == "week"
    assert summary.periods.height == 10
    assert summary.periods["events"].to_list() == [0] * 6 + [1, 0, 0, 2]
    assert summary.periods["users"].to_list()[-1] == 1


def test_a_short_time_is_shown_by_day():
    assert summarise(events([1, 1], [1, 2], [0, 30])).period == "day"
    assert summarise(events([1, 1], [1, 2], [0, 1])).periods is None


def test_concentration():
    even = concentration(np.full(100, 3))
    assert even.gini == pytest.approx(0)
    assert even.top_10_percent == pytest.approx(0.1)
    one = concentration(np.array([97, 1, 1, 1]))
    assert one.gini == pytest.approx(0.72)  # half the mean absolute difference, over the mean
    assert (one.items[0], one.items[-1], one.events[-1]) == (0, 1, pytest.approx(1))


def test_no_events():
    with pytest.raises(DataError, match="no events"):
        summarise(ec.Events(pl.DataFrame({"user_id": [], "item_id": []})))
