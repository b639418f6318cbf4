from datetime import datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from endcap.errors import DataError


def test_products_come_back_with_all_their_columns(store):
    items = pl.DataFrame(
        {
            "item_id": ["a", "b"],
            "title": ["Cup, large", None],
            "product_type": ["Home > Kitchen", "Home"],
            "price": [1.5, 2.0],
            "item_group_id": ["g", None],
            "colour": ["red", None],
            "weight": [0.25, 3.0],
            "vegan": [True, False],
        }
    )
    done = store.catalogue.add_items(items)
    assert (done.new, done.changed) == (2, 0)
    assert_frame_equal(store.catalogue.items(), items)


def test_a_later_catalogue_adds_changes_and_keeps(store):
    store.catalogue.add_items(pl.DataFrame({"item_id": [1, 2, 3], "title": ["a", "b", "c"], "price": [1.0, 2.0, 3.0]}))
    done = store.catalogue.add_items(
        pl.DataFrame({"item_id": [2, 3, 4], "title": ["b", "C", "d"], "price": [2.0, 3.0, 4.0]})
    )
    assert (done.new, done.changed) == (1, 1)
    assert store.catalogue.items().sort("item_id").rows() == [
        (1, "a", 1.0), (2, "b", 2.0), (3, "C", 3.0), (4, "d", 4.0)
    ]  # fmt: skip


def test_columns_that_are_not_given_stay(store):
    store.catalogue.add_items(pl.DataFrame({"item_id": [1], "title": ["a"], "colour": ["red"], "size": ["L"]}))
    store.catalogue.add_items(pl.DataFrame({"item_id": [1], "price": [2.0], "size": [None]}))
    assert store.catalogue.items().rows(named=True) == [{"item_id": 1, "title": "a", "price": 2.0, "colour": "red"}]


def test_prices_and_availability_have_a_history(store):
    for price, available in ((2.0, "in_stock"), (2.0, "in_stock"), (1.5, "in_stock"), (1.5, "out_of_stock")):
        store.catalogue.add_items(
            pl.DataFrame(
                {"item_id": ["a", "b"], "title": "x", "price": [price, 9.0], "availability": [available, None]}
            )
        )
    offers = store.catalogue.offers()
    assert offers.filter(item_id="a").select("price", "availability").rows() == [
        (2.0, "in_stock"), (1.5, "in_stock"), (1.5, "out_of_stock")
    ]  # fmt: skip
    assert offers.filter(item_id="b")["price"].to_list() == [9.0]
    assert offers["at"].is_sorted()
    store.catalogue.add_items(pl.DataFrame({"item_id": ["c"], "title": ["no offer"]}))
    assert len(store.catalogue.offers()) == 4


def test_shoppers_have_attributes(store):
    assert store.catalogue.users() is None
    users = pl.DataFrame({"user_id": [1, 2], "country": ["NL", None], "age": [30, None]})
    assert store.catalogue.add_users(users).new == 2
    assert_frame_equal(store.catalogue.users(), users)


def test_ids_are_of_the_type_that_events_have(store, add):
    add(store, {"user_id": [1], "item_id": ["a"]})
    with pytest.raises(DataError, match="item_id is text in what was imported before, but numbers"):
        store.catalogue.add_items(pl.DataFrame({"item_id": [1]}))
    with pytest.raises(DataError, match="user_id is numbers"):
        store.catalogue.add_users(pl.DataFrame({"user_id": ["x"]}))


def test_no_products_is_none(store):
    assert store.catalogue.items() is None


def test_a_history_of_offers_comes_back(store):
    for price in (2.0, 1.5, None):
        store.catalogue.add_items(pl.DataFrame({"item_id": ["a", "b"], "price": [price, 9.0]}))
    history, items = store.catalogue.offers(), store.catalogue.items()
    assert history.filter(item_id="a")["price"].to_list() == [2.0, 1.5, None]
    assert store.catalogue.add_offers(history) == 0
    store.catalogue.add_items(items)
    assert_frame_equal(store.catalogue.offers(), history)


def test_offers_of_before_do_not_hide_a_new_price(store):
    when = datetime(2020, 1, 1)
    offers = pl.DataFrame({"item_id": [1, 1], "at": [when, when + timedelta(days=1)], "price": [5.0, 4.0]})
    assert store.catalogue.add_offers(offers) == 2
    assert store.catalogue.add_offers(offers[1:]) == 0
    store.catalogue.add_items(pl.DataFrame({"item_id": [1, 2], "price": [4.0, 7.0]}))
    assert store.catalogue.offers().select("item_id", "price").rows() == [(1, 5.0), (1, 4.0), (2, 7.0)]
    store.catalogue.add_items(pl.DataFrame({"item_id": [1], "price": [5.0]}))
    assert store.catalogue.offers()["price"].to_list() == [5.0, 4.0, 7.0, 5.0]
    with pytest.raises(DataError, match="item_id is numbers"):
        store.catalogue.add_offers(pl.DataFrame({"item_id": ["x"], "at": [when]}))
