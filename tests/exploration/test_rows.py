import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError
from endcap.exploration.rows import as_rows


def test_rows_are_in_order_of_shopper_and_time(rows):
    made = rows([("b", "x", 2), ("a", "y", 1), ("b", "z", 0), ("a", "x", 1)])
    assert made.events.select("user", "item").rows() == [(0, 1), (0, 0), (1, 2), (1, 0)]  # ties as in the source
    assert made.items.ids.to_list() == ["x", "y", "z"]
    assert (made.users, made.word, made.all_taken) == (2, "purchases", True)


def test_baskets_by_order_number_by_moment_and_line_by_line(rows):
    lines = [("a", 1, 0), ("a", 2, 0), ("a", 3, 1), ("b", 1, 0)]
    assert rows(lines).taken["basket"].n_unique() == 3
    assert rows(lines, transaction_id=[7, 8, 7, 7]).taken["basket"].n_unique() == 3  # 7 and 8 of a, 7 of b
    assert rows([line[:2] for line in lines]).taken["basket"].n_unique() == 4
    # Without a number, the moment tells.
    assert rows(lines, transaction_id=[7, None, None, None]).taken["basket"].n_unique() == 4
    two = rows([("a", 1, 0), ("a", 2, 1), ("a", 3, 2)], transaction_id=[7, 7, None]).taken["basket"]
    assert two.to_list()[0] == two.to_list()[1] != two.to_list()[2]


def test_purchases_count_where_there_are_any(rows):
    lines = [("a", 1, 0), ("a", 1, 1), ("a", 2, 2)]
    made = rows(lines, event=["view_item", "purchase", "refund"])
    assert made.taken["item"].to_list() == [0]
    assert len(made.events) == 3
    viewed = rows(lines, event=["view_item", "view_item", "remove_from_cart"])
    assert (viewed.word, len(viewed.taken), viewed.has_purchases) == ("views", 2, False)
    assert rows(lines, event=["view_item", "add_to_cart", "view_item"]).word == "events"
    assert rows(lines, event=["rate"] * 3).word == "ratings"


def test_nothing_to_explore(rows):
    with pytest.raises(DataError, match="no events"):
        as_rows(ec.Events(pl.DataFrame({"user_id": [], "item_id": [], "event": []})))
    with pytest.raises(DataError, match="nothing but refund"):
        rows([("a", 1)], event=["refund"])
