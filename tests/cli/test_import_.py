import polars as pl

from endcap.shop import Shop


def test_more_events_are_added_once(endcap, orders, orders_csv, tmp_path):
    shop = tmp_path / "shop"
    assert endcap("init", shop, orders_csv).code == 0
    orders(seed=9).write_csv(tmp_path / "more.csv")
    done = endcap("import", tmp_path / "more.csv", "--shop", shop, "--json")
    assert done.code == 0, done.err
    assert (done.json["new"], done.json["known"]) == (1425, 15)  # by chance the same shopper, product and minute
    again = endcap("import", tmp_path / "more.csv", "--shop", shop)
    assert again.code == 0
    assert "nothing was changed" in again.out
    assert len(Shop(shop).events) == 2865


def test_ids_of_another_type_are_refused(endcap, orders, orders_csv, tmp_path):
    shop = tmp_path / "shop"
    assert endcap("init", shop, orders_csv).code == 0
    orders().with_columns(pl.format("c{}", "customer_id").alias("customer_id")).write_csv(tmp_path / "other.csv")
    done = endcap("import", tmp_path / "other.csv", "--shop", shop)
    assert done.code == 3
    assert "user_id is numbers in what was imported before, but text in this file" in done.err


def test_no_shop_here(endcap, orders_csv, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = endcap("import", orders_csv)
    assert done.code == 4
    assert "endcap init" in done.err
