from datetime import datetime, timedelta

import polars as pl

from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.evaluation.protocol import Protocol, few_return

WEEK = timedelta(days=7)
START = datetime(2026, 1, 1)


def events(*rows: tuple[str, str, int]) -> Events:
    """Events as user, item, day."""
    users, items, days = zip(*rows, strict=True)
    times = [START + timedelta(days=day) for day in days]
    return Events(pl.DataFrame({"user_id": users, "item_id": items, "timestamp": times}))


def sessions(n: int = 60, returning: int = 0) -> Events:
    """Visits of two products a day, each with a new id but for some of the last days, who were there before."""
    rows = [(f"s{day}", item, day) for day in range(n) for item in ("a", "b")]
    return events(*rows, *((f"s{day}", "c", n - 1) for day in range(returning)))


def test_where_hardly_anyone_comes_back_visitors_are_asked():
    assert few_return(sessions(), WEEK)
    assert not few_return(sessions(returning=3), WEEK)
    protocol = Protocol.of(sessions(), WEEK)
    assert protocol.visitors
    assert protocol.exclude_seen
    assert "hardly anyone comes back" in protocol.reason


def test_newcomers_with_a_single_product_cannot_be_asked_and_so_do_not_count():
    known = [("one", "a", 0), ("one", "b", 59)]
    newcomers = [(f"n{day}", "a", day) for day in range(1, 60)]
    assert not few_return(events(*known, *newcomers), WEEK)


def test_shoppers_who_come_back_are_asked_and_their_repeats_count():
    regular = events(*((user, "milk", day) for day in range(60) for user in ("x", "y")))
    protocol = Protocol.of(regular, WEEK)
    assert not protocol.visitors
    assert not protocol.exclude_seen
    assert protocol.repeat_share == 1.0


def test_what_was_asked_for_holds():
    assert not Protocol.of(sessions(), WEEK, exclude_seen=False).exclude_seen
    assert Protocol.of(sessions(), WEEK, exclude_seen=False).visitors
    without_times = Protocol.of(sessions(), None)
    assert without_times.exclude_seen
    assert not without_times.visitors


def test_a_visitor_is_asked_with_the_first_half_of_the_visit_for_the_rest():
    train = events(("old", "a", 0), ("old", "b", 1), ("other", "c", 1), ("other", "d", 1))
    window = events(
        ("new", "b", 10),
        ("new", "a", 9),  # given, as the earlier half is
        ("new", "z", 9),  # nobody had it before: given, but no model knows of it
        ("new", "c", 11),
        ("single", "a", 10),
        ("old", "c", 10),  # known
    )
    task = Protocol(True, "", visitors=True).task(Interactions.from_events(train, log=True), window)
    items = ["a", "b", "c", "d"]
    assert [items[i] for i in task.queries.histories.indices] == ["a"]
    assert [items[i] for i in task.relevant.indices] == ["b", "c"]
    assert task.queries.rows.tolist() == [-1]
    assert task.cold_users == 2
