"""What sells, how it moves, what becomes of what is new."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from endcap.exploration.debuts import debuts
from endcap.exploration.rows import as_rows
from endcap.exploration.sellers import sellers
from endcap.exploration.trends import _binomial, _discoveries, trends

from .conftest import START, make_events


def test_best_sellers(rows):
    lines = [("a", 1, 0), ("a", 1, 1), ("a", 1, 2), ("b", 2, 0), ("c", 2, 0)]
    made = sellers(rows(lines, price=[1.0, 2.0, 3.0, 4.0, 5.0]))
    assert made.best.rows() == [(1, 2, 2, 2 / 3, 9.0), (0, 3, 1, 1 / 3, 6.0)]
    assert (made.products, made.pairs, made.density, made.lonely) == (2, 3, 0.5, 0.5)
    assert made.levels.rows() == [(1, 2, 1.0, 1.0), (2, 1, 0.5, 0.4), (5, 0, 0.0, 0.0)]


def test_views_are_evidence_about_what_is_bought(rows):
    lines = [("a", 1), ("b", 1), ("a", 1), ("c", 2)]
    made = sellers(rows(lines, event=["view_item", "view_item", "purchase", "purchase"]))
    assert made.levels.row(1) == (2, 1, 0.5, 0.5)  # two shoppers had to do with 1, one of two purchases


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8)), min_size=1, max_size=50))
def test_shares_stay_within_their_bounds(lines):
    made = sellers(as_rows(make_events(lines)))
    assert 0 <= made.tail.gini < 1
    assert made.tail.events[-1] == pytest.approx(1)
    assert (np.diff(made.tail.events) >= 0).all()
    assert made.best["share"].is_between(0, 1).all()
    assert made.levels.row(0)[2:] == (1, 1)
    assert 0 < made.density <= 1


def steady_and_rising():
    """Return twelve weeks of 30 products; product 0 is taken five times as often in the last four."""
    lines = []
    for day in range(84):
        lines += [(f"u{day}-{n}", n, day) for n in range(30)]
        lines += [(f"v{day}-{n}", 0, day) for n in range(4)] if day >= 56 else []
    return lines


def test_one_product_rises_and_no_other_moves(rows):
    made = trends(rows(steady_and_rising()))
    assert made.window == timedelta(weeks=4)
    assert (made.risen, made.tested) == (1, 30)
    item, before, recent, change, p = made.rising.row(0)
    assert (item, before, recent) == (0, 28, 140)
    assert change == pytest.approx((140 / 952) / (28 / 840))
    assert p < 1e-9


def test_one_eager_shopper_is_no_trend(rows):
    lines = [(f"u{day}", day % 3, day) for day in range(56)] + [("eager", 0, 40 + n / 100) for n in range(500)]
    made = trends(rows(lines))
    assert made.risen == made.fallen == 0


def test_a_short_time_has_no_trends(rows):
    assert trends(rows([("a", 1, 0), ("a", 1, 13)])) is None
    assert trends(rows([("a", 1, 3), ("b", 1, 3)])) is None
    assert trends(rows([("a", 1, 0), ("a", 2, 14)])) is None  # nothing in the first of the two weeks


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 30), st.integers(0, 30), st.floats(0.05, 0.95))
def test_p_values_are_those_of_scipy(before, recent, share):
    if before + recent == 0:
        return
    p = _binomial(np.array([before]), np.array([recent]), share)[0]
    law = stats.binom(before + recent, share)
    assert p == pytest.approx(min(1, 2 * min(law.cdf(recent), law.sf(recent - 1))), abs=1e-9)


def test_discoveries_are_those_of_benjamini_and_hochberg():
    p = np.array([0.01, 0.04, 0.03, 0.005, 0.5])
    assert _discoveries(p, 0.05).tolist() == (stats.false_discovery_control(p) <= 0.05).tolist()
    assert _discoveries(np.array([0.9, 0.8]), 0.05).tolist() == [False, False]
    assert _discoveries(np.zeros(0), 0.05).tolist() == []


def test_new_products_are_followed(rows):
    # Sixteen weeks: the first four tell what is old, new products are followed for four.
    lines = [(f"u{day}", "old", day) for day in range(113)]
    lines += [("x", "one", 40), ("y", "one", 41), ("x", "two", 50), ("z", "two", 58), ("x", "late", 110)]
    made = debuts(rows(lines))
    assert made.since == START + timedelta(days=28)
    assert made.products == 2  # nobody knows yet what becomes of the late one
    assert made.weeks.rows() == [(1, 1.0, 1.5), (2, 0.5, 0.5), (3, 0.0, 0.0), (4, 0.0, 0.0)]
    assert made.found == 0
    assert made.young == pytest.approx(5 / (84 + 5))


def test_a_short_time_has_no_debuts(rows):
    assert debuts(rows([("a", 1, 0), ("a", 2, 55)])) is None
    only_old = debuts(rows([("a", 1, 0), ("a", 1, 100)]))
    assert (only_old.products, only_old.young) == (0, 0)
    assert only_old.since == datetime(2026, 1, 30)
