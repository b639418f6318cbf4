"""Sums by day against loops over shoppers."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from endcap.monitor.moments import as_user, first_seen, moments, outcomes

DAY = datetime(2026, 1, 1)
NOBODY = pl.DataFrame(schema={"anonymous_id": pl.String, "user_id": pl.String})


@pytest.mark.parametrize("once", [True, False])
def test_against_loops(world, once):
    shoppers, done = world(0, per_day=20, days=12)
    done = done.with_columns(at=pl.col("at") - timedelta(days=1))  # some before they saw anything
    found = moments(shoppers, done, ["a", "b", "c"], DAY, 12, once=once)
    seen = {row["user_id"]: row for row in shoppers.iter_rows(named=True)}
    for row in found.iter_rows(named=True):
        end = DAY + timedelta(days=row["day"] + 1)
        own = {u: 0.0 for u, s in seen.items() if s["variant"] == row["variant"] and s["at"] < end}
        for user, at, amount in done.iter_rows():
            if user in own and seen[user]["at"] <= at < end:
                own[user] = 1.0 if once else own[user] + amount
        assert row["shoppers"] == len(own)
        assert row["total"] == pytest.approx(sum(own.values()))
        assert row["squares"] == pytest.approx(sum(v * v for v in own.values()))
        assert row["active"] == sum(v > 0 for v in own.values())


def test_a_shopper_is_of_the_variant_that_was_seen_first():
    seen = pl.DataFrame(
        {"user_id": ["c1", "ann", "ann", "bob", "c2"], "variant": ["b", "a", "a", "a", "b"], "at": [1, 2, 9, 5, 4]}
    )
    aliases = pl.DataFrame({"anonymous_id": ["c1", "c2"], "user_id": ["ann", "bob"]})
    assert sorted(first_seen(seen, aliases).rows()) == [("ann", "b", 1, True), ("bob", "b", 4, True)]
    assert sorted(first_seen(seen, NOBODY)["user_id"]) == ["ann", "bob", "c1", "c2"]


def test_ids_that_are_numbers_are_text():
    aliases = pl.DataFrame({"anonymous_id": [900], "user_id": [7]})
    assert as_user(pl.DataFrame({"user_id": [900, 8]}), aliases)["user_id"].to_list() == ["7", "8"]
    assert as_user(pl.DataFrame({"user_id": ["900", "8"]}), aliases)["user_id"].to_list() == ["7", "8"]


def test_what_each_metric_counts():
    events = pl.DataFrame(
        {
            "user_id": ["u"] * 5,
            "event": ["purchase", "view_item", "refund", "purchase", "purchase"],
            "timestamp": [DAY] * 5,
            "price": [10.0, 5.0, 10.0, None, 4.0],
            "quantity": [2.0, None, 1.0, 1.0, None],
        }
    )
    clicks = pl.DataFrame({"user_id": ["u"], "at": [DAY], "count": [3]})
    assert outcomes("revenue", events, clicks)["amount"].to_list() == [20.0, -10.0, 4.0]
    assert len(outcomes("conversion", events, clicks)) == 3
    assert len(outcomes("clicks", events, clicks)) == 1
    assert outcomes("revenue", events.drop("price", "quantity"), clicks).is_empty()
