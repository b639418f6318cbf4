"""How a surface does."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest

from endcap.monitor.performance import performance, wilson


def test_wilsons_interval_by_hand_and_at_the_ends():
    low, high = wilson(np.array([0.0, 5.0, 10.0]), np.array([10.0, 10.0, 10.0]))
    assert low == pytest.approx([0.0, 0.2366, 0.7225], abs=1e-4)
    assert high == pytest.approx([0.2775, 0.7634, 1.0], abs=1e-4)
    assert np.isnan(wilson(np.array([0.0]), np.array([0.0]))[0]).all()


def test_it_covers_the_true_share_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = rng.binomial(200, 0.1, 4000).astype(float)
    low, high = wilson(hits, np.full(4000, 200.0))
    assert 0.93 < ((low <= 0.1) & (high >= 0.1)).mean() < 0.97


def answers(*rows):
    names = ["recommendation_id", "surface", "model", "fallback", "items"]
    none = pl.lit(None, pl.String)
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(experiment=none, variant=none)


def credited(*rows):
    names = ["event_id", "event", "recommendation_id", "item_id", "price", "quantity", "share"]
    types = dict(zip(names, [pl.String] * 4 + [pl.Float64] * 3, strict=True))
    return pl.DataFrame(rows, schema=types, orient="row").with_columns(at=datetime(2026, 1, 1), user_id=pl.lit("u"))


def test_a_table_by_hand():
    given = answers(
        ("r1", "cart", "m1", 0, '["a", "b"]'), ("r2", "cart", "m1", 1, "[]"), ("r3", "home", "m1", 0, "[1, 2]")
    )
    found = performance(
        given,
        credited(
            ("1", "impression", "r1", "a", None, None, 1.0),
            ("2", "impression", "r1", "a", None, None, 1.0),
            ("3", "impression", "r1", "b", None, None, 1.0),
            ("4", "click", "r1", "a", None, None, 1.0),
            ("5", "purchase", "r1", "a", 10.0, 3.0, 0.5),
            ("6", "purchase", "gone", "a", 99.0, 1.0, 1.0),
        ),
        products=10,
    )
    cart, home = found.iter_rows(named=True)
    assert (cart["answers"], cart["empty"], cart["fallback"]) == (2, 0.5, 0.5)
    assert (cart["impressions"], cart["clicks"], cart["click_through"]) == (2, 1, 0.5)
    assert (cart["purchases"], cart["revenue"], cart["conversion"]) == (0.5, 15.0, 0.5)
    assert cart["revenue_low"] < 15 < cart["revenue_high"]
    assert cart["coverage"] == 0.2
    assert (home["answers"], home["impressions"], home["coverage"]) == (1, 0, 0.2)
    assert np.isnan(home["click_through"])
    assert home["conversion"] == 0


def test_impressions_may_come_apart_and_count_once_whichever_way():
    given = answers(("r1", "cart", "m1", 0, '["a", "b"]'), ("r2", "home", "m1", 0, '["a"]'))
    told = credited(
        ("1", "impression", "r1", "a", None, None, 1.0),
        ("2", "click", "r1", "b", None, None, 1.0),
        ("3", "click", "r1", "b", None, None, 1.0),
    )
    shown = pl.DataFrame({"recommendation_id": ["r1", "r1", "r1", "r2"], "item_id": ["a", "b", "b", "a"]})
    cart, home = performance(given, told, shown).iter_rows(named=True)
    assert (cart["impressions"], cart["clicks"]) == (2, 1)
    assert (home["impressions"], home["clicks"]) == (1, 0)


def test_variants_are_rows_of_their_own():
    given = answers(*((f"r{n}", "home", "m1", 0, "[1]") for n in range(3)))
    named = given.with_columns(experiment=pl.lit("x"), variant=pl.Series(["a", "b", "b"]))
    found = performance(named, credited(("1", "purchase", "r1", "a", 10.0, 1.0, 1.0)))
    assert found.select("experiment", "variant", "answers", "revenue").rows() == [
        ("x", "a", 1, 0.0),
        ("x", "b", 2, 10.0),
    ]
