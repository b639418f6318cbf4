"""Shares of a day's answers and events."""

import polars as pl

from endcap.monitor.reading import Bounds
from endcap.monitor.shares import share_of_answers, unknown_items

BOUNDS = Bounds(0.05, 0.25)


def sums(*rows):
    return pl.DataFrame(rows, schema=["name", "kind", "value"], orient="row")


def test_the_worst_surface_is_named_and_the_others_that_warn():
    found = share_of_answers(
        "short_answers",
        sums(("answers", "cart", 200.0), ("short", "cart", 60.0), ("answers", "trending", 1000.0),
             ("short", "trending", 60.0), ("answers", "best-sellers", 1000.0), ("short", "best-sellers", 1.0)),
        "short", BOUNDS, None,
    )  # fmt: skip
    assert (found.state, found.figure) == ("alarm", 0.3)
    assert "of cart" in found.told
    assert "trending as well" in found.told
    assert "best-sellers" not in found.told
    assert "What to do" in found.told


def test_few_answers_say_nothing_and_other_surfaces_arent_asked():
    rows = sums(("answers", "cart", 99.0), ("fallback", "cart", 99.0), ("answers", "trending", 500.0))
    assert share_of_answers("fallbacks", rows, "fallback", BOUNDS, ["cart"]).state == "unknown"
    assert share_of_answers("fallbacks", rows, "fallback", BOUNDS, None).figure == 0


def test_unknown_items():
    found = unknown_items("unknown_items", sums(("named", "", 300.0), ("unknown", "", 30.0)), BOUNDS)
    assert (found.state, found.figure) == ("warn", 0.1)
    assert unknown_items("unknown_items", sums(("named", "", 50.0), ("unknown", "", 50.0)), BOUNDS).state == "unknown"
