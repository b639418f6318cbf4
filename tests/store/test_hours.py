"""Sums by hour."""

from datetime import UTC, datetime

import polars as pl
import pytest

from endcap.store import hours
from endcap.store.answers import Feedback, Given

AT = datetime(2026, 3, 6, 12, 30)
MICRO = int(AT.replace(tzinfo=UTC).timestamp() * 1_000_000)


def events(*rows):
    columns = ["event_id", "user_id", "item_id", "event", "timestamp"]
    return pl.DataFrame([(f"e{row[0]}", *row[1:]) for row in rows], schema=columns, orient="row")


def sums(store):
    return {(name, kind): value for _, name, kind, value in store.hours.read(0).iter_rows()}


def test_all_is_counted_once_however_often_one_counts(store, add, monkeypatch):
    monkeypatch.setattr(hours, "_MOST", 2)
    add(store, pl.DataFrame({"user_id": ["ann"], "item_id": ["x"], "event": ["purchase"], "timestamp": [AT]}))
    store.events.append(events((0, "ann", "a", "view_item", AT)))
    store.catalogue.add_items(pl.DataFrame({"item_id": ["a", "b"]}))
    store.hours.count([])
    store.events.append(
        events(
            (1, "ann", "a", "view_item", AT), (2, "bob", "nowhere", "view_item", AT), (3, "bob", "b", "purchase", AT)
        )
    )
    for _ in range(3):
        store.hours.count([])
    assert sums(store) == {
        ("events", "view_item"): 3, ("events", "purchase"): 1, ("named", ""): 4, ("unknown", ""): 1
    }, "imported events aren't counted"  # fmt: skip
    assert store.hours.read(0)["hour"].unique().to_list() == [datetime(2026, 3, 6, 12)]
    assert store.hours.read(MICRO + 2 * hours.HOUR).is_empty()


def test_answers_and_what_came_of_them(store):
    store.answers.add(
        [
            Given("r1", MICRO, "home", "v1", None, "ann", True, {}, [], short=True),
            Given("r2", MICRO, "home", "v1", None, "ann", False, {}, ["a"]),
            Given("r3", MICRO, "cart", "v1", None, "ann", False, {}, ["a"]),
        ]
    )
    told = [("f1", "r2", "impression"), ("f2", "r2", "click"), ("f3", "r3", "click"), ("f4", None, "click")]
    store.answers.add_feedback([Feedback(id_, MICRO, r, event, "ann", "a") for id_, r, event in told])
    store.hours.count(["home"])
    store.hours.count(["home"])
    found = sums(store)
    assert {name: found["" + name, "home"] for name in ("answers", "fallback", "short", "empty")} == {
        "answers": 2, "fallback": 1, "short": 1, "empty": 1
    }  # fmt: skip
    assert (found["impression", "v1"], found["click", "v1"]) == (1, 1)


def test_two_who_count_at_once_count_once(store, monkeypatch):
    store.events.append(events((1, "ann", "a", "view_item", AT)))
    other = store.hours
    first = hours._events

    def interrupted(connection, *given):
        found = first(connection, *given)
        monkeypatch.setattr(hours, "_events", first)
        other.count([])
        return found

    monkeypatch.setattr(hours, "_events", interrupted)
    store.hours.count([])
    assert sums(store)["events", "view_item"] == 1


@pytest.mark.parametrize("names", [["answers"], []])
def test_some_names_can_be_asked_for(store, names):
    store.events.append(events((1, "ann", "a", "view_item", AT)))
    store.hours.count([])
    assert store.hours.read(0, names).is_empty() == bool(names)
