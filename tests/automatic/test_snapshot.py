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


def test_the_past_does_not_grow(before):
    known = ([n % 10 for n in range(100)], [n % 20 for n in range(100)], list(range(100)))

    def with_more(late: int, new: int) -> Events:
        users, items = [n % 10 for n in range(late + new)], [n % 20 for n in range(late + new)]
        days = [50] * late + [100 + n for n in range(new)]
        return events(known[0] + users, known[1] + items, known[2] + days)

    def refused(more: Events) -> list[str]:
        return [one.name for one in data_checks(Snapshot.of(more), before, more) if not one.passed]

    assert refused(with_more(20, 30)) == []
    assert refused(with_more(21, 30)) == ["the past"]
    assert refused(with_more(0, 100)) == []


def test_times_that_became_one_are_refused(before):
    one_time = events([n % 10 for n in range(100)], [n % 20 for n in range(100)], [99] * 100)
    named = [one for one in data_checks(Snapshot.of(one_time), before, one_time) if one.name == "newest event"]
    assert not named[0].passed
    assert "all events are of 2026-04-10" in named[0].told


def test_nothing_is_asked_for_where_it_is_not_known_what_was_before(before):
    assert failed(changed(before, events=3), None) == []
