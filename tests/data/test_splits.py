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


def shopping(rows, **more):
    """Return events of (user, item, day) with other columns."""
    users, items, days = zip(*rows, strict=True)
    time = [START + timedelta(days=d) for d in days]
    return ec.read_events(pl.DataFrame({"user_id": users, "item_id": items, "timestamp": time, **more}))


def test_the_last_basket_is_held_out():
    # Out of order, user 1 having three baskets, user 2 two and user 3 one.
    events = shopping([(1, 7, 5), (2, 4, 1), (1, 1, 0), (1, 2, 3), (1, 8, 5), (3, 1, 9), (2, 5, 2)])
    train, test = ec.split_last_basket(events)
    assert train.frame["item_id"].to_list() == [4, 1, 2, 1]
    assert test.frame["item_id"].to_list() == [7, 8, 5]
    train, test = ec.split_last_basket(events, min_baskets=3)
    assert test.frame["item_id"].to_list() == [7, 8]
    assert len(train) == 5


def test_a_transaction_is_a_basket_whatever_its_moments():
    events = shopping([(1, 1, 0), (1, 2, 1), (1, 3, 2), (1, 4, 2)], transaction_id=["a", "b", "b", "c"])
    train, test = ec.split_last_basket(events)
    assert test.frame["item_id"].to_list() == [4]
    assert train.frame["item_id"].to_list() == [1, 2, 3]


def test_views_are_no_basket_and_those_after_its_beginning_are_left_out():
    kinds = ["purchase", "view_item", "view_item", "purchase", "view_item"]
    events = shopping([(1, 1, 0), (1, 2, 1), (1, 3, 2), (1, 4, 2), (1, 5, 3)], event=kinds)
    train, test = ec.split_last_basket(events)
    assert train.frame["item_id"].to_list() == [1, 2]
    assert test.frame["item_id"].to_list() == [4]


def test_without_a_last_basket_an_error_says_so():
    with pytest.raises(DataError, match="no user has 2 baskets"):
        ec.split_last_basket(shopping([(1, 1, 0), (2, 1, 4)]))
    with pytest.raises(DataError, match="needs events with a timestamp"):
        ec.split_last_basket(ec.read_events(pl.DataFrame({"user": [1], "item": [1]})))
