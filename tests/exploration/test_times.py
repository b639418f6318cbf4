"""Rhythms, and what is new at any time."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.exploration.newcomers import newcomers
from endcap.exploration.rows import as_rows
from endcap.exploration.seasons import seasons

from .conftest import make_events


def test_weekdays_and_hours(rows):
    # 21 days from a Monday: 2 on every Monday at 9, 1 on the first Sunday at 18.
    lines = [(n, 1, day + 9 / 24) for day in (0, 7, 14) for n in (1, 2)] + [(1, 1, 6.75), (1, 1, 20.5)]
    made = seasons(rows(lines))
    assert made.weekdays["days"].to_list() == [3] * 7
    assert made.weekdays["a_day"].to_list() == [2, 0, 0, 0, 0, 0, 2 / 3]
    assert made.weekday_swing is None
    assert made.hours.filter(pl.col("taken") > 0).rows() == [(1, 9, 6), (7, 12, 1), (7, 18, 1)]
    assert made.months.select("days", "taken").rows() == [(21, 8)]
    assert not made.whole_year


def test_days_without_a_clock_have_no_hours(rows):
    made = seasons(rows([("a", 1, day) for day in range(14)]))
    assert made.hours is None
    assert made.weekday_swing == 1
    assert seasons(rows([("a", 1, 0), ("a", 1, 12)])) is None


def test_all_months_of_a_year(rows):
    assert seasons(rows([("a", 1, 0), ("a", 1, 365)])).whole_year


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.just("a"), st.just(1), st.floats(0, 100)), min_size=1, max_size=40))
def test_seasons_count_everything_once(lines):
    made = seasons(as_rows(make_events(lines)))
    if made is not None:
        assert made.weekdays["taken"].sum() == made.months["taken"].sum() == len(lines)
        assert made.weekdays["days"].sum() == made.months["days"].sum()
        assert made.hours is None or made.hours["taken"].sum() == len(lines)


def test_who_is_new_in_each_week(rows):
    # The weeks end with the last event: (0, 7], (7, 14], (14, 21], (21, 28].
    lines = [
        ("a", 1, 0),
        ("a", 1, 8),
        ("b", 2, 9),
        ("b", 3, 10),
        ("a", 3, 15),
        ("b", 1, 16),
        ("a", 1, 28),
        ("c", 9, 28),
    ]
    made = newcomers(rows(lines))
    assert made.period == "week"
    table = made.periods.select("taken", "new_users", "new_items", "either").rows()
    assert table == [(1, 1, 1, 1), (0, None, None, None), (3, 2 / 3, 2 / 3, 2 / 3), (2, 0, 0, 0), (2, 0.5, 0.5, 0.5)]
    assert (made.new_users, made.new_items, made.either) == (0.25, 0.25, 0.25)  # the later half: the last two weeks
    assert newcomers(rows([("a", 1, 0), ("b", 1, 27)])) is None


def test_a_product_that_was_only_viewed_is_known(rows):
    lines = [("a", 1, 0), ("a", 1, 29), ("b", 2, 30)]
    made = newcomers(rows(lines, event=["view_item", "purchase", "purchase"]))
    assert made.periods.row(-1)[1:] == (2, 0.5, 0.5, 0.5)


def test_more_than_a_year_is_cut_into_four_weeks(rows):
    assert newcomers(rows([("a", 1, 0), ("a", 1, 401)])).period == "four weeks"


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0, 90)), min_size=2, max_size=40))
def test_every_shopper_and_product_is_new_at_least_once(lines):
    made = newcomers(as_rows(make_events(lines)))
    if made is None:
        return
    table = made.periods.drop_nulls()
    assert table["taken"].sum() == len(lines)
    new = (table["taken"] * table["new_users"]).sum()
    assert len({line[0] for line in lines}) <= round(new) <= len(lines)
    assert (table["either"] >= table["new_items"]).all()
