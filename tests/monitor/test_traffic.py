"""Events of the last hours against the same hours of past weeks."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from endcap.monitor.reading import Bounds
from endcap.monitor.traffic import events_per_hour

NOW = datetime(2026, 3, 6, 15, 20)
BOUNDS = Bounds(0.5, 0.1, low_is_bad=True)


def history(weeks, by_day=100.0, by_night=0.0, kind="view_item"):
    """Hours of some weeks up to the last whole one: shoppers come from 8 to 20 o'clock."""
    last = NOW.replace(minute=0)
    hours = [last - timedelta(hours=n) for n in range(1, weeks * 7 * 24 + 1)]
    return [(hour, "events", kind, by_day if 8 <= hour.hour < 20 else by_night) for hour in hours]


def judged(rows, now=NOW):
    return events_per_hour("events", frame(rows), now, BOUNDS)


def frame(rows):
    types = {"hour": pl.Datetime("us"), "name": pl.String, "kind": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema=types, orient="row")


def with_last(rows, share, kind="view_item"):
    since = NOW.replace(minute=0) - timedelta(hours=3)
    return [(h, n, k, v * share if h >= since and k == kind else v) for h, n, k, v in rows]


@pytest.mark.parametrize(
    ("share", "state"), [(1, "fine"), (0.6, "fine"), (0.4, "warn"), (0.05, "alarm"), (0, "alarm"), (12, "warn")]
)
def test_hours_are_compared_with_their_like(share, state):
    found = judged(with_last(history(5), share))
    assert found.state == state
    assert found.figure == pytest.approx(share)


def test_the_night_is_quiet_and_no_alarm():
    night = NOW.replace(hour=4)
    rows = [row for row in history(5) if row[0] < night]
    assert judged(rows, night).state == "unknown"


def test_the_kind_that_is_missing_is_named():
    rows = history(3) + with_last(history(3, by_day=20.0, kind="purchase"), 0, "purchase")
    found = judged(rows)
    assert found.state == "alarm"
    assert found.told.startswith("0 purchase in 3 hours, where past weeks had 60")


def test_a_new_shop_is_given_a_week():
    assert judged([]).state == "unknown"
    assert judged(history(1)).state == "unknown"
    assert judged(history(2)).state == "fine"
