"""The last basket of every user."""

import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError


def test_the_last_basket_is_held_out(shopping):
    # Out of order, user 1 having three baskets, user 2 two and user 3 one.
    events = shopping([(1, 7, 5), (2, 4, 1), (1, 1, 0), (1, 2, 3), (1, 8, 5), (3, 1, 9), (2, 5, 2)])
    train, test = ec.split_last_basket(events)
    assert train.frame["item_id"].to_list() == [4, 1, 2, 1]
    assert test.frame["item_id"].to_list() == [7, 8, 5]
    train, test = ec.split_last_basket(events, min_baskets=3)
    assert test.frame["item_id"].to_list() == [7, 8]
    assert len(train) == 5


def test_a_transaction_is_a_basket_whatever_its_moments(shopping):
    events = shopping([(1, 1, 0), (1, 2, 1), (1, 3, 2), (1, 4, 2)], transaction_id=["a", "b", "b", "c"])
    train, test = ec.split_last_basket(events)
    assert test.frame["item_id"].to_list() == [4]
    assert train.frame["item_id"].to_list() == [1, 2, 3]


def test_views_are_no_basket_and_those_after_its_beginning_are_left_out(shopping):
    kinds = ["purchase", "view_item", "view_item", "purchase", "view_item"]
    events = shopping([(1, 1, 0), (1, 2, 1), (1, 3, 2), (1, 4, 2), (1, 5, 3)], event=kinds)
    train, test = ec.split_last_basket(events)
    assert train.frame["item_id"].to_list() == [1, 2]
    assert test.frame["item_id"].to_list() == [4]


def test_without_a_last_basket_an_error_says_so(shopping):
    with pytest.raises(DataError, match="no user has 2 baskets"):
        ec.split_last_basket(shopping([(1, 1, 0), (2, 1, 4)]))
    with pytest.raises(DataError, match="needs events with a timestamp"):
        ec.split_last_basket(ec.read_events(pl.DataFrame({"user": [1], "item": [1]})))
