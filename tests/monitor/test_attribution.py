"""Who is credited."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from endcap.monitor.attribution import attribute

DAY = datetime(2026, 5, 10)
NONE = {"event_id": pl.String, "timestamp": pl.Datetime("us"), "event": pl.String, "user_id": pl.String,
        "item_id": pl.String}  # fmt: skip


def told(*rows):
    names = ["event_id", "at", "event", "recommendation_id", "item_id"]
    types = dict.fromkeys(names, pl.String) | {"at": pl.Datetime("us")}
    frame = pl.DataFrame([(i, DAY + timedelta(days=d), *rest) for i, d, *rest in rows], schema=types, orient="row")
    blank = pl.lit(None, pl.Float64)
    return frame.with_columns(user_id=pl.lit("ann"), quantity=blank, price=blank)


def bought(*rows):
    frame = pl.DataFrame(
        [(i, DAY + timedelta(days=d), "purchase", "ann", item) for i, d, item in rows], schema=NONE, orient="row"
    )
    return frame.with_columns(price=pl.lit(10.0))


def credit(table, event_id):
    found = table.filter(pl.col("event_id") == event_id)
    return dict(found.select("recommendation_id", "share").iter_rows())


CLICKS = (("c1", 0, "click", "r1", "a"), ("c2", 1, "click", "r2", "a"), ("c3", 2, "click", "r3", "a"))


@pytest.mark.parametrize(
    ("touch", "expected"),
    [("last", {"r3": 1.0}), ("first", {"r1": 1.0}), ("linear", {"r1": 1 / 3, "r2": 1 / 3, "r3": 1 / 3})],
)
def test_of_several_clicks(touch, expected):
    assert credit(attribute(told(*CLICKS), bought(("p", 3, "a")), touch=touch), "p") == pytest.approx(expected)


def test_the_window_is_kept():
    found = attribute(told(*CLICKS), bought(("p", 8, "a"), ("q", 30, "a")), window=timedelta(days=7), touch="linear")
    assert credit(found, "p") == {"r3": 1.0}, "the second click is exactly seven days old"
    assert credit(found, "q") == {}


def test_a_click_after_it_or_on_something_else_is_no_reason():
    found = attribute(told(("c", 5, "click", "r1", "a"), ("d", 0, "click", "r2", "b")), bought(("p", 3, "a")))
    assert credit(found, "p") == {}


def test_what_names_its_answer_is_that_ones_and_counted_once():
    feedback = told(*CLICKS, ("p", 3, "purchase", "r1", "a"), ("p", 3, "purchase", "r1", "a"))
    found = attribute(feedback, bought(("p", 3, "a")))
    assert credit(found, "p") == {"r1": 1.0}
    assert found.filter(pl.col("event_id") == "p")["share"].sum() == 1.0


def test_nothing_told_is_nothing_credited():
    assert attribute(told(), bought(("p", 3, "a"))).is_empty()
    assert len(attribute(told(*CLICKS), bought())) == 3


def test_ids_that_are_numbers_are_compared_as_text():
    feedback = told(("c", 0, "click", "r1", "7")).with_columns(user_id=pl.lit("5"))
    events = bought(("p", 1, "a")).with_columns(user_id=pl.lit(5), item_id=pl.lit(7))
    assert credit(attribute(feedback, events), "p") == {"r1": 1.0}
