import polars as pl
from polars.testing import assert_frame_equal

from endcap.shop import Shop

ORDERS = """customer,sku,action,date,qty,price,order,visitor
ann,a-1,purchase,2026-01-05T10:00:00,2,9.5,o1,c-7
ann,a-1,purchase,2026-01-05T10:00:00,2,9.5,o1,c-7
,b-2,view_item,2026-01-04T09:00:00,,,,c-7
bob,b-2,refund,2026-02-01T12:30:00,1,3,o2,
"""


def test_export_and_import_give_the_same_rows(endcap, tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS)
    (tmp_path / "items.csv").write_text('sku,name,price,colour\na-1,"Cup, ""big""",9.5,red\nb-2,Pot,3,\n')
    (tmp_path / "users.csv").write_text("customer,city\nann,Oslo\nbob,\n")
    (tmp_path / "who.csv").write_text("visitor id,customer\nc-9,bob\n")
    first, second, files = tmp_path / "first", tmp_path / "second", tmp_path / "out"
    named = ("--anonymous", "visitor", "--event", "action", "--transaction", "order")
    assert endcap("init", first, tmp_path / "orders.csv", *named).code == 0
    given = [f"--{name}={tmp_path / file}.csv" for name, file in (("items", "items"), ("users", "users"))]
    done = endcap("import", *given, "--identities", tmp_path / "who.csv", "--shop", first)
    assert done.code == 0, done.err
    assert "Visitors merged into users: 1 new." in done.out
    done = endcap("export", files, "--shop", first)
    assert done.code == 0, done.err
    assert f"endcap import {files}/events.parquet --items {files}/items.parquet" in done.out
    assert endcap("init", second, files / "events.parquet").code == 0
    others = [f"--{name}={files / name}.parquet" for name in ("items", "users", "identities")]
    assert endcap("import", *others, "--shop", second).code == 0
    one, other = Shop(first), Shop(second)
    assert_frame_equal(one.store.events.read_all(), other.store.events.read_all(), check_column_order=False)
    assert_frame_equal(one.items, other.items, check_column_order=False)
    assert_frame_equal(one.store.catalogue.users(), other.store.catalogue.users())
    assert one.store.shoppers.identities().drop("at").equals(other.store.shoppers.identities().drop("at"))
    assert one.events.frame["user_id"].to_list() == ["ann", "ann", "ann", "bob"]
    again = endcap("import", files / "events.parquet", "--shop", first, "--json")
    assert again.code == 0, again.err
    again = again.json
    assert (again["new"], again["known"]) == (0, 4)


def test_an_empty_shop_has_nothing_to_export(endcap, trained, tmp_path):
    from endcap.config import Config

    Shop.create(tmp_path / "empty", Config(name="empty"))
    done = endcap("export", tmp_path / "out", "--shop", tmp_path / "empty")
    assert done.code == 0
    assert "Nothing to write" in done.out
    assert not (tmp_path / "out").exists()


def test_a_visitor_gets_what_is_for_the_user(endcap, orders, orders_csv, tmp_path):
    shop = tmp_path / "shop"
    assert endcap("init", shop, orders_csv).code == 0
    Shop(shop).train()
    Shop(shop).store.shoppers.merge(99_999, 100)
    both = Shop(shop).recommend([99_999, 100], k=3)
    own, visitors = (both.filter(pl.col("user_id") == user).drop("user_id") for user in (100, 99_999))
    assert_frame_equal(own, visitors)
    assert len(own) == 3
