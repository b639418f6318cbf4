from datetime import datetime, timedelta

import polars as pl
import pytest

from endcap.automatic.snapshot import Snapshot, data_checks
from endcap.data.events import Events

START = datetime(2026, 1, 1)


def events(users, items, days) -> Events:
    when = [START + timedelta(days=day) for day in days]
    return Events(pl.DataFrame({"user_id": users, "item_id": items, "timestamp": when}))


@pytest.fixture
def before():
    return Snapshot.of(events([n % 10 for n in range(100)], [n % 20 for n in range(100)], list(range(100))))


def failed(now: Snapshot, before: Snapshot) -> list[str]:
    return [one.name for one in data_checks(now, before) if not one.passed]


def changed(snapshot: Snapshot, **values) -> Snapshot:
    return Snapshot(**{**vars(snapshot), **values})


def test_what_is_counted(before):
    assert (before.events, before.users, before.items) == (100, 10, 20)
    assert before.newest == START + timedelta(days=99)
    assert before.widest_item == 0.1  # item i is taken by user i % 10 alone
    assert before.busiest_user == 0.1
    # 99 days, 19.8 of them the newest: 20 events there and 80 in the 79.2 before
    assert before.surge == pytest.approx((20 / 19.8) / (80 / 79.2))
    assert Snapshot.from_dict(before.to_dict()) == before


def test_events_without_time_or_without_anything():
    timeless = Snapshot.of(Events(pl.DataFrame({"user_id": [1, 1, 2], "item_id": [5, 5, 5]})))
    assert (timeless.newest, timeless.surge, timeless.widest_item) == (None, 1.0, 1.0)
    assert Snapshot.from_dict(timeless.to_dict()) == timeless
    nothing = Snapshot.of(Events(pl.DataFrame({"user_id": [], "item_id": []})))
    assert failed(nothing, timeless) == ["events"]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, []),
        ({"events": 80, "users": 8, "items": 16}, []),
        ({"events": 79}, ["events"]),
        ({"users": 7}, ["shoppers"]),
        ({"items": 15}, ["products"]),
        ({"newest": START + timedelta(days=98)}, ["newest event"]),
        ({"newest": None}, ["newest event"]),
        ({"surge": 3.1}, ["newest weeks"]),
        ({"widest_item": 0.2, "busiest_user": 0.2}, []),
        ({"widest_item": 0.21}, ["widest product"]),
        ({"widest_item": 0.99}, ["widest product"]),
        ({"busiest_user": 0.21}, ["busiest shopper"]),
        ({"events": 1000, "users": 100, "items": 90, "newest": START + timedelta(days=300)}, []),
    ],
)
def test_what_is_refused(before, values, names):
    assert failed(changed(before, **values), before) == names


def test_nothing_is_asked_for_where_it_is_not_known_what_was_before(before):
    assert failed(changed(before, events=3), None) == []
