"""Held-out users are unseen in training, and asked with half a history."""

import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError


def test_held_out_users_are_unseen_and_give_their_earlier_half(shopping):
    rows = [(user, item, (item * 7 + user) % 10) for user in range(10) for item in range(6)] + [(99, 0, 1)]
    train, given, test = ec.split_by_user(shopping(rows), 0.3, seed=4)
    assert train.frame["user_id"].n_unique() == 8  # seven, and the one with a single item
    held_out = set(given.frame["user_id"])
    assert held_out == set(test.frame["user_id"])
    assert len(held_out) == 3
    assert not held_out & set(train.frame["user_id"])
    for user in held_out:
        before, after = (s.frame.filter(pl.col("user_id") == user) for s in (given, test))
        assert len(before) == len(after) == 3
        assert before["timestamp"].max() <= after["timestamp"].min()


def test_items_stay_whole_and_seeds_decide():
    rows = [(u, i) for u in range(20) for i in range(5)] * 2
    events = ec.Events(pl.DataFrame(rows, ["user_id", "item_id"], orient="row"))
    train, given, test = ec.split_by_user(events, 0.2, given=0.9)
    assert (len(train), len(given), len(test)) == (160, 32, 8)  # all but one item at most
    assert not set(given.frame.iter_rows()) & set(test.frame.iter_rows())
    assert ec.split_by_user(events, 0.2, given=0.9).test.frame.equals(test.frame)
    assert not ec.split_by_user(events, 0.2, given=0.9, seed=1).test.frame.equals(test.frame)


def test_nobody_to_hold_out():
    with pytest.raises(DataError, match="leaves a side without users: of 2 users, 0 have"):
        ec.split_by_user(ec.Events(pl.DataFrame({"user_id": [1, 2], "item_id": [1, 1]})))


def test_visitors_are_evaluated_from_what_is_given():
    rows = [(u, i) for u in range(20) for i in range(6)]
    train, given, test = ec.split_by_user(ec.Events(pl.DataFrame(rows, ["user_id", "item_id"], orient="row")))
    found = ec.evaluate(ec.ItemKNN().fit(train), test, given=given, k=3)
    assert len(found.task.queries) == 4
    assert found.task.cold_users == 0
    assert found.table.filter(pl.col("metric") == "recall")["value"].item() == 1  # what is left is all there is
