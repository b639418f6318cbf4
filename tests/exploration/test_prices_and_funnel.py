import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.exploration.funnel import funnel
from endcap.exploration.prices import prices
from endcap.exploration.rows import as_rows

from .conftest import make_events


def test_bands(rows):
    lines = [("a", n) for n in range(10)] + [("b", 9)]
    made = prices(rows(lines, price=[float(n + 1) for n in range(10)] + [10.0]))
    assert made.bands["products"].to_list() == [2] * 5
    assert made.bands.row(0)[:2] == (1, 2)
    assert made.bands.row(-1) == (9, 10, 2, 3, 29.0, 3 / 11, 29 / 65)
    assert made.median == 6


def test_one_price_is_one_band(rows):
    made = prices(rows([("a", 1), ("a", 2)], price=[5.0, 5.0]))
    assert made.bands.row(0)[:3] == (5, 5, 2)
    assert made.loyalty is None
    assert prices(rows([("a", 1)], price=[None])) is None
    assert prices(rows([("a", 1)], price=[0.0])) is None
    assert prices(rows([("a", 1)])) is None


def test_loyalty_to_a_level_of_prices(rows):
    lines = [(user, item) for user in range(4) for item in range(10 * user, 10 * user + 10)]
    keeps = prices(rows(lines, price=[10.0 ** (1 + user) * (1 + item % 2 / 10) for user, item in lines]))
    assert keeps.loyalty > 0.99
    mixes = prices(rows(lines, price=[10.0 ** (1 + item % 4) for _, item in lines]))
    assert mixes.loyalty < 0.01


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), st.floats(0.01, 1e4)), min_size=1, max_size=40))
def test_shares_of_the_bands_add_up(lines):
    made = prices(as_rows(make_events([line[:2] for line in lines], price=[line[2] for line in lines])))
    assert made.bands["taken_share"].sum() == pytest.approx(1)
    assert made.bands["revenue_share"].sum() == pytest.approx(1)
    assert made.bands["products"].sum() == len({line[1] for line in lines})
    assert (made.bands["low"] <= made.bands["high"]).all()
    assert made.loyalty is None or 0 <= made.loyalty <= 1


def test_funnel(rows):
    done = [("a", 1, "view_item"), ("a", 1, "view_item"), ("a", 1, "add_to_cart"), ("a", 1, "purchase")]
    done += [
        ("a", 2, "view_item"),
        ("b", 1, "view_item"),
        ("b", 2, "view_item"),
        ("b", 2, "add_to_cart"),
        ("c", 1, "purchase"),
    ]
    made = funnel(rows([line[:2] for line in done], event=[line[2] for line in done]))
    assert made.steps.rows() == [("view_item", 2, 4, 1.0), ("add_to_cart", 2, 2, 0.5), ("purchase", 2, 2, 0.25)]
    assert made.unannounced == 0.5
    assert funnel(rows([("a", 1)])) is None


def test_a_funnel_of_two_steps(rows):
    made = funnel(rows([("a", 1), ("a", 1)], event=["add_to_cart", "purchase"]))
    assert made.steps["event"].to_list() == ["add_to_cart", "purchase"]
