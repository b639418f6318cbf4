import pytest

from endcap.exploration.activity import activity, returning, sessions
from endcap.exploration.size import size


def test_size(rows):
    lines = [("a", 1, 0), ("a", 2, 0), ("a", 1, 3), ("b", 1, 4)]
    made = size(rows(lines, price=[2.0, 1.0, 2.0, None], quantity=[3, 1, None, 1]), has_orders=True)
    assert (made.events, made.users, made.items, made.orders) == (4, 2, 2, 3)
    assert made.order_lines == pytest.approx(4 / 3)
    assert (made.revenue, made.order_value) == (9.0, 2.0)  # orders of 7, 2 and 0
    assert made.days == 4
    bare = size(rows([line[:2] for line in lines]), has_orders=False)
    assert (bare.orders, bare.revenue, bare.first, bare.days) == (None, None, None, None)


def test_kinds(rows):
    made = size(rows([("a", 1), ("a", 1), ("b", 2)], event=["view_item", "purchase", "view_item"]), has_orders=False)
    assert made.kinds.rows() == [("view_item", 2, 2, 2), ("purchase", 1, 1, 1)]


def test_activity(rows):
    made = activity(rows([("a", n, 0) for n in range(9)] + [("b", 1, 0)]))
    assert (made.shoppers, made.median, made.mean) == (2, 5, 5)
    assert made.top_10_percent == 0.9
    assert made.classes["users"].sum() == 2
    assert made.classes.row(-1) == (8, 15, 1)


def test_days_between(rows):
    made = returning(
        rows([("a", 1, 0), ("a", 2, 0.5), ("a", 1, 3), ("a", 1, 10), ("b", 1, 2), ("c", 1, 0), ("c", 1, 95)])
    )
    assert (made.shoppers, made.one_time, made.width, made.beyond) == (3, pytest.approx(1 / 3), 1, 1)
    assert made.gaps.filter(made.gaps["times"] > 0).rows() == [(3, 1), (7, 1)]
    assert (made.quarter, made.median, made.three_quarters) == (5, 7, 51)


def test_long_pauses_are_counted_in_weeks(rows):
    made = returning(rows([("a", 1, 0), ("a", 1, 100), ("a", 1, 214), ("b", 1, 0), ("b", 1, 105)]))
    assert made.width == 7
    assert made.gaps.filter(made.gaps["times"] > 0).rows() == [(105, 2), (119, 1)]


def test_nobody_came_back(rows):
    made = returning(rows([("a", 1, 0), ("b", 1, 0)]))
    assert (made.one_time, made.median, made.gaps["times"].sum()) == (1, None, 0)


def test_sessions(rows):
    minute = 1 / 1440
    lines = [("a", 1, 0), ("a", 2, 20 * minute), ("a", 3, 51 * minute), ("b", 1, 51.5 * minute)]
    made = sessions(rows(lines))
    assert (made.sessions, made.named, made.single) == (3, False, 0.5)
    assert made.events == pytest.approx(4 / 3)
    named = sessions(rows(lines, session_id=["x", "x", "x", "y"]))
    assert (named.sessions, named.named, named.single) == (2, True, 1)
    assert sessions(rows([line[:2] for line in lines])) is None
