import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.exploration.repeats import repeats
from endcap.exploration.rows import as_rows
from endcap.exploration.together import together

from .conftest import make_events

TEA, JAM, SOAP = 0, 1, 2
CATEGORIES = pl.DataFrame(
    {"item": [TEA, JAM, SOAP], "category": ["food", "food", "home"]}, schema_overrides={"item": pl.UInt32}
)


def test_repeats_by_category(rows):
    lines = [("a", TEA, 0), ("a", TEA, 0), ("a", TEA, 1), ("a", TEA, 2), ("a", SOAP, 2), ("b", JAM, 0)]
    made = repeats(rows(lines), CATEGORIES)
    # Tea twice at once is one line: 5 lines, 2 of them repeats.
    assert (made.share, made.shoppers) == (pytest.approx(2 / 5), 0.5)
    assert made.categories.rows() == [("food", 4, 2, 0.5), ("home", 1, 1, 0.0)]
    assert repeats(rows(lines), None).categories is None


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=40))
def test_repeats_by_counting(lines):
    made = repeats(as_rows(make_events(lines)), None)
    distinct = set(lines)
    assert made.share == pytest.approx(1 - len({line[:2] for line in distinct}) / len(distinct))


def orders(*baskets):
    return [(f"u{n}", item, n) for n, basket in enumerate(baskets) for item in basket]


def test_pairs_worked_by_hand(rows):
    made = together(rows(orders(*[(TEA, JAM)] * 12, *[(TEA,)] * 12, *[(SOAP,)] * 36)), CATEGORIES)
    assert (made.unit, made.units, made.several, made.needed, made.products) == ("order", 60, 0.2, 10, 3)
    # Jam is in 12 of 60 orders, tea in 24, both in 12: 12 * 60 / (12 * 24).
    assert made.pairs.rows() == [(JAM, TEA, 12, 2.5, 1.0)]
    assert made.pairs_found == 1
    assert len(made.across) == 0  # both are food


def test_pairs_across_categories(rows):
    made = together(rows(orders(*[(TEA, SOAP)] * 12, *[(JAM,)] * 36)), CATEGORIES)
    assert made.across.rows() == made.pairs.rows() == [(SOAP, TEA, 12, 4.0, 1.0)]
    soap = CATEGORIES.vstack(pl.DataFrame({"item": [SOAP], "category": ["food"]}, schema=CATEGORIES.schema))
    assert len(together(rows(orders(*[(TEA, SOAP)] * 12, *[(JAM,)] * 36)), soap).across) == 0


def test_too_few_orders_prove_nothing(rows):
    made = together(rows(orders(*[(TEA, JAM)] * 9, *[(SOAP,)] * 30)), None)
    assert (len(made.pairs), made.pairs_found, made.categories) == (0, 0, None)


def test_single_orders_are_put_together_by_shopper(rows):
    lines = [(f"u{n}", item, day) for n in range(12) for day, item in enumerate((TEA, JAM))]
    lines += [(f"v{n}", SOAP, 0) for n in range(30)]
    made = together(rows(lines), None)
    assert (made.unit, made.units, made.pairs_found) == ("shopper", 42, 1)


def test_an_order_of_hundreds_is_left_out(rows):
    made = together(rows(orders(range(501), (1, 2), (3,))), None)
    assert made.too_big == 1
    assert made.units == 3


def test_categories_by_counting_every_first_and_second(rows):
    rng = np.random.default_rng(3)
    kinds = np.array(["x", "y", "z"])[rng.integers(0, 3, 9)]
    baskets = [tuple(rng.choice(9, rng.integers(1, 5), replace=False)) for _ in range(40)]
    table = pl.DataFrame({"item": range(9), "category": kinds}, schema_overrides={"item": pl.UInt32})
    made = together(rows(orders(*baskets, tuple(range(9)))), table).categories
    several = [basket for basket in [*baskets, tuple(range(9))] if len(basket) > 1]
    lines = [item for basket in several for item in basket]
    for first, second, lift in made.iter_rows():
        seconds = [
            np.mean([kinds[b] == second for b in basket if b != a])
            for basket in several
            for a in basket
            if kinds[a] == first
        ]
        assert lift == pytest.approx(np.mean(seconds) / np.mean([kinds[item] == second for item in lines]))
    assert len(made) == len(set(kinds)) ** 2


def test_a_product_of_two_categories_is_not_its_own_companion(rows):
    both = pl.DataFrame(
        {"item": [TEA, TEA, JAM], "category": ["hot", "food", "food"]}, schema_overrides={"item": pl.UInt32}
    )
    made = together(rows(orders((TEA, SOAP), (JAM, SOAP), (TEA, JAM))), both).categories
    lift = {(a, b): value for a, b, value in made.iter_rows()}
    assert lift["hot", "hot"] == 0  # tea is the only hot one
    assert lift["hot", "food"] == pytest.approx((1 / 2) / (4 / 6))
