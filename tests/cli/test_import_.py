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


def test_a_file_that_grew_adds_its_new_rows(endcap, orders_csv, tmp_path):
    shop, file = tmp_path / "shop", tmp_path / "orders.csv"
    file.write_text(orders_csv.read_text())
    assert endcap("init", shop, file).code == 0
    with file.open("a") as more:
        more.write("100,sku-00,2026-06-01T09:00:00.000000\n,sku-00,2026-06-01T09:00:00.000000\n")
    done = endcap("import", file, "--shop", shop)
    assert done.code == 0, done.err
    assert "Events: 1 new, 1,440 were there before." in done.out
    assert "Set aside: 1 rows, user_id is empty" in done.out
    assert f"Next: endcap train --shop {shop}" in done.out
    again = endcap("import", file, "--shop", shop, "--json").json
    assert (again["read"], again["new"], again["known"]) == (1442, 0, 1441)


def test_a_damaged_file_is_read_as_far_as_it_can_be(endcap, orders_csv, tmp_path):
    shop, file = tmp_path / "shop", tmp_path / "orders.csv"
    lines = orders_csv.read_text().splitlines()
    lines[700:700] = ['7,"sku-00,2026-06-01T09:00:00.000000', "7,caf\u00e9,2026-06-01T09:00:00.000000"]
    file.write_bytes("\n".join(lines).encode("latin-1"))
    done = endcap("init", shop, file)
    assert done.code == 0, done.err
    assert "Events: 1,441 new." in done.out
    words = " ".join(done.out.split())
    assert "Set aside: 1 rows, a quotation mark is out of place or never closed;" in words
    assert "is not UTF-8: line 702 was read as Windows-1252" in words
    kept = pl.read_csv(next((shop / "quarantine").iterdir()))
    assert kept.select("row", "line").rows() == [(701, '7,"sku-00,2026-06-01T09:00:00.000000')]
    again = endcap("import", file, "--shop", shop, "--json").json
    assert (again["new"], again["known"]) == (0, 1441)


def test_numbers_go_into_a_shop_with_text_ids(endcap, tmp_path):
    (tmp_path / "a.csv").write_text("user,item\nu-1,a\n")
    (tmp_path / "b.csv").write_text("user,item\n17,a\n")
    assert endcap("init", tmp_path / "shop", tmp_path / "a.csv").code == 0
    assert endcap("import", tmp_path / "b.csv", "--shop", tmp_path / "shop").code == 0
    assert Shop(tmp_path / "shop").events.frame["user_id"].to_list() == ["u-1", "17"]


def test_products_and_shoppers(endcap, orders_csv, tmp_path):
    shop = tmp_path / "shop"
    assert endcap("init", shop, orders_csv).code == 0
    (tmp_path / "p.csv").write_text("sku,name,price,stock_status\nsku-00,Cup,12.50 EUR,In stock\nsku-01,Pot,,0\n")
    (tmp_path / "s.csv").write_text("customer_id,city\n100,Oslo\n")
    done = endcap("import", "--items", tmp_path / "p.csv", "--users", tmp_path / "s.csv", "--shop", shop)
    assert done.code == 0, done.err
    assert "Products: 2 new, 0 changed." in done.out
    assert Shop(shop).items.rows() == [("sku-00", "Cup", 12.5, "in_stock"), ("sku-01", "Pot", None, "out_of_stock")]
    assert Shop(shop).store.catalogue.users().rows() == [(100, "Oslo")]
    (tmp_path / "p.csv").write_text("sku,name,price\nsku-00,Cup,10\nsku-02,Pan,3\n")
    again = endcap("import", "--items", tmp_path / "p.csv", "--shop", shop, "--json")
    assert again.json == {"products": {"new": 1, "changed": 1}}
    assert endcap("import", "--shop", shop).code == 2
