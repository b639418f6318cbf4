"""The future never leaks into the past."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError, ParameterError

START = datetime(2024, 1, 1)


@pytest.fixture(scope="module")
def events():
    days = [START + timedelta(days=d) for d in range(100)]
    return ec.read_events(pl.DataFrame({"user": range(100), "item": range(100), "time": days}))


@pytest.mark.parametrize("make", [lambda t: t, lambda t: t.lazy(), lambda t: t.to_arrow(), lambda t: t.to_pandas()])
def test_a_table_is_taken_like_events(events, make):
    pytest.importorskip("pandas")
    own = events.frame.select("user_id", "item_id", "timestamp")
    train, test = ec.split_by_time(make(own), test="4w")
    assert (len(train), len(test)) == (72, 28)
    assert test.frame["user_id"].to_list() == ec.split_by_time(events, test="4w").test.frame["user_id"].to_list()


@pytest.mark.parametrize(
    ("test", "held_out"),
    [
        ("4w", 28),
        ("1d", 1),
        (timedelta(days=10), 10),
        (0.2, 20),
        (date(2024, 4, 1), 9),
        (datetime(2024, 4, 1), 9),
        (datetime(2024, 4, 1, tzinfo=UTC), 9),
    ],
)
def test_the_latest_are_held_out(events, test, held_out):
    train, future = ec.split_by_time(events, test=test)
    assert (len(train), len(future)) == (100 - held_out, held_out)
    assert train.frame["timestamp"].max() < future.frame["timestamp"].min()
    assert pl.concat([train.frame, future.frame]).equals(events.frame)


def test_a_share_keeps_moments_together():
    days = [START] * 5 + [START + timedelta(days=1)] * 5
    events = ec.read_events(pl.DataFrame({"user": range(10), "item": range(10), "time": days}))
    assert len(ec.split_by_time(events, test=0.6)[1]) == 5
    assert len(ec.split_by_time(events, test=0.9)[0]) == 5


def test_what_can_not_be_split_is_told(events):
    with pytest.raises(
        DataError, match=r"leaves no event to train on: the events reach from 2024-01-01 00:00 to 2024-04"
    ):
        ec.split_by_time(events, test="52w")
    with pytest.raises(DataError, match="leaves no event to test on"):
        ec.split_by_time(events, test=date(2025, 1, 1))
    with pytest.raises(DataError, match="needs events with a timestamp"):
        ec.split_by_time(ec.read_events(pl.DataFrame({"user": [1], "item": [1]})))
    for wrong in (0, 1.0, True, -1, "soon"):
        with pytest.raises(ParameterError):
            ec.split_by_time(events, test=wrong)
