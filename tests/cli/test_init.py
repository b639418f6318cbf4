import polars as pl

from endcap.config import Config


def test_a_shop_is_made_and_says_what_it_took_for_what(endcap, orders_csv, tmp_path):
    done = endcap("init", tmp_path / "shop", orders_csv)
    assert done.code == 0, done.err
    for name, column in (("user_id", "customer_id"), ("item_id", "StockCode"), ("timestamp", "InvoiceDate")):
        assert any(name in line and column in line for line in done.out.splitlines())
    assert "1,440 new" in done.out
    assert "endcap train" in done.out
    assert Config.read(tmp_path / "shop").name == "shop"


def test_columns_may_be_named(endcap, tmp_path):
    file = tmp_path / "odd.csv"
    pl.DataFrame({"wer": [1, 2], "was": ["a", "b"], "wann": ["2026-01-01", "2026-01-02"]}).write_csv(file)
    assert endcap("init", tmp_path / "shop", file).code == 3
    assert not (tmp_path / "shop").exists()
    done = endcap("init", tmp_path / "shop", file, "--user", "wer", "--item", "was", "--time", "wann", "--json")
    assert done.code == 0, done.err
    assert done.json["new"] == 2
    assert done.json["columns"]["user_id"] == "wer"
    assert Config.read(tmp_path / "shop").columns.user == "wer"


def test_a_shop_is_not_overwritten(endcap, orders_csv, tmp_path):
    assert endcap("init", tmp_path / "shop", orders_csv).code == 0
    done = endcap("init", tmp_path / "shop", orders_csv)
    assert done.code == 4
    assert "is a shop already" in done.err


def test_a_file_that_is_not_there(endcap, tmp_path):
    done = endcap("init", tmp_path / "shop", tmp_path / "nowhere.csv")
    assert done.code == 3
    assert "nowhere.csv" in done.err
    assert not (tmp_path / "shop").exists()


def test_bad_rows_are_set_aside_and_counted(endcap, tmp_path):
    rows = ["customer_id,sku,date"] + [f"{n},a,2026-01-{n:02}" for n in range(1, 20)] + [",a,2026-01-02", "7,b,soon"]
    (tmp_path / "orders.csv").write_text("\n".join(rows))
    done = endcap("init", tmp_path / "shop", tmp_path / "orders.csv", "--json")
    assert done.code == 0, done.err
    assert done.json["new"] == 19
    assert sum(done.json["set_aside"].values()) == 2
    kept = pl.read_csv(done.json["quarantine"])
    assert kept["row"].to_list() == [21, 22]
