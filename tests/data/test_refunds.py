"""A refund cancels its purchase, and nothing else."""

from datetime import datetime, timedelta

import polars as pl
import pytest

import endcap as ec
from endcap.data.refunds import cancel_refunds

START = datetime(2024, 1, 1)


def table(*rows):
    """(day, event, quantity, transaction) of one user and item."""
    days, events, quantities, transactions = zip(*rows, strict=True)
    return pl.DataFrame(
        {
            "user_id": 1, "item_id": "a", "event": events, "timestamp": [START + timedelta(days=d) for d in days],
            "quantity": quantities, "transaction_id": transactions,
        },
        schema_overrides={"quantity": pl.Int64, "transaction_id": pl.String},
    )  # fmt: skip


def left(*rows):
    made = cancel_refunds(table(*rows)).filter(pl.col("event") == "purchase")
    return [((when - START).days, pieces) for when, pieces in made.select("timestamp", "quantity").iter_rows()]


def test_the_transaction_says_which():
    bought = [(0, "purchase", 1, "A"), (1, "purchase", 1, "B")]
    assert left(*bought, (2, "refund", 1, "A")) == [(1, 1)]
    assert left(*bought, (2, "refund", 1, "B")) == [(0, 1)]
    # more than that order held: other orders keep theirs
    assert left(*bought, (2, "refund", 9, "A")) == [(1, 1)]


def test_else_the_latest_earlier_purchases():
    bought = [(0, "purchase", 3, None), (4, "purchase", 2, None), (9, "purchase", 1, None)]
    assert left(*bought, (5, "refund", 1, None)) == [(0, 3), (4, 1), (9, 1)]
    assert left(*bought, (5, "refund", 4, "C1")) == [(0, 1), (9, 1)]
    assert left(*bought, (5, "refund", 1, None), (6, "refund", 1, None)) == [(0, 3), (9, 1)]


def test_of_an_unknown_quantity_the_whole_purchase():
    assert left((0, "purchase", 3, None), (1, "purchase", 3, None), (2, "refund", None, None)) == [(0, 3)]
    assert left((0, "purchase", None, None), (2, "refund", 1, None)) == []


def test_a_refund_before_any_purchase_changes_nothing():
    assert left((1, "refund", 1, None), (2, "purchase", 1, None)) == [(2, 1)]
    assert left((2, "purchase", 1, None), (2, "refund", 1, None)) == []


def test_other_events_stay():
    events = table((0, "view_item", 1, None), (1, "purchase", 1, None), (2, "refund", 1, None))
    assert cancel_refunds(events)["event"].to_list() == ["view_item", "refund"]
    assert ec.Interactions.from_events(events).matrix.toarray().tolist() == [[pytest.approx(0.2)]]


def test_a_refund_may_count_against_taste_too():
    events = table((0, "purchase", 1, None), (1, "purchase", 1, None), (2, "refund", 1, None))
    assert ec.Interactions.from_events(events).matrix.data.tolist() == [1]
    assert ec.Interactions.from_events(events, event_weights={"refund": -0.5}).matrix.data.tolist() == [0.5]


def test_without_refunds_nothing_is_copied():
    events = table((0, "purchase", 1, None))
    assert cancel_refunds(events) is events
    bare = pl.DataFrame({"user_id": [1], "item_id": [2]})
    assert cancel_refunds(bare) is bare


def test_without_times_the_order_of_the_source_counts():
    events = pl.DataFrame({"user_id": [1, 1, 1], "item_id": [5, 5, 5], "event": ["purchase", "refund", "purchase"]})
    assert cancel_refunds(events)["event"].to_list() == ["refund", "purchase"]


def test_cancellations_of_a_real_shop(public_data):
    events = ec.read_events(public_data("online_retail"))
    kept = cancel_refunds(events.frame).filter(pl.col("event") == "purchase")
    bought = events.frame.filter(pl.col("event") == "purchase")
    returned = events.frame.filter(pl.col("event") == "refund")["quantity"].sum()
    taken_back = bought["quantity"].sum() - kept["quantity"].sum()
    assert 0 < taken_back <= returned
    assert taken_back / returned > 0.9  # the rest are of purchases before the data begin
