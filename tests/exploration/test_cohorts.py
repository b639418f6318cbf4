from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.exploration.cohorts import cohorts
from endcap.exploration.rows import as_rows

from .conftest import make_events

# From 5 January: day 30 is 4 February, day 60 is 6 March.


def test_months_worked_by_hand(rows):
    made = cohorts(
        rows([("a", 1, 0), ("a", 1, 1), ("a", 1, 30), ("b", 1, 2), ("b", 1, 60), ("c", 1, 31), ("c", 1, 60)])
    )
    assert made.sizes.rows() == [(date(2026, 1, 1), 2), (date(2026, 2, 1), 1)]
    january = [row[1:] for row in made.table.rows() if row[0] == date(2026, 1, 1)]
    assert january == [(0, 2, 1.0), (1, 1, 0.5), (2, 1, 0.5)]
    # March isn't over, so all that is known for certain is that one of two came in February.
    assert made.curve.rows() == [(1, 2, 0.5)]
    assert made.share_after(1) == 0.5
    assert made.share_after(2) is None


def test_a_last_month_that_is_over_counts(rows):
    made = cohorts(rows([("a", 1, 0), ("b", 1, 0), ("a", 1, 54)]))  # 28 February
    assert made.curve.rows() == [(1, 2, 0.5)]


def test_one_month_has_no_cohorts(rows):
    assert cohorts(rows([("a", 1, 0), ("b", 1, 20)])) is None


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 400)), min_size=1, max_size=60))
def test_cohorts_add_up_to_the_shoppers(lines):
    made = cohorts(as_rows(make_events(lines)))
    if made is None:
        return
    assert made.sizes["shoppers"].sum() == len({line[0] for line in lines})
    assert made.table["share"].is_between(0, 1).all()
    start = made.table.filter(made.table["age"] == 0)
    assert start["share"].to_list() == pytest.approx([1.0] * len(start))
