import polars as pl
import pytest

from endcap.shop import Shop


def test_one_shopper(endcap, trained):
    done = endcap("recommend", "--shop", trained, "--user", 142, "-k", 5)
    assert done.code == 0, done.err
    assert "Product [" in done.out
    assert "because" in done.out
    rows = endcap("recommend", "--shop", trained, "--user", 142, "-k", 5, "--json").json
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]
    assert {row["user_id"] for row in rows} == {142}
    assert all(row["title"] for row in rows)


def test_several_and_an_unknown_one(endcap, trained):
    rows = endcap("recommend", "--shop", trained, "--user", 142, "--user", 999, "-k", 2, "--json").json
    assert [row["user_id"] for row in rows] == [142, 142, 999, 999]
    assert all(row["fallback"] or row["reason"] == "best_seller" for row in rows[2:])


def test_a_visitor(endcap, trained):
    rows = endcap("recommend", "--shop", trained, "--history", "sku-02, sku-04", "-k", 3, "--json").json
    assert len(rows) == 3


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_everyone_into_a_file(endcap, trained, tmp_path, suffix):
    file = tmp_path / f"recs.{suffix}"
    done = endcap("recommend", "--shop", trained, "--all", "-k", 4, "-o", file)
    assert done.code == 0, done.err
    assert "240 recommendations for 60 shoppers" in done.out
    read = {"parquet": pl.read_parquet, "csv": pl.read_csv, "jsonl": pl.read_ndjson}[suffix]
    table = read(file)
    assert len(table) == 240
    assert {"user_id", "item_id", "title", "score", "rank", "reason", "reason_text"} <= set(table.columns)


def test_what_a_shopper_had_is_left_out_or_not(endcap, trained):
    def items(*options):
        return {r["item_id"] for r in endcap("recommend", "--shop", trained, "--user", 142, "--json", *options).json}

    own = {r["item_id"] for r in Shop(trained).events.frame.filter(pl.col("user_id") == 142).to_dicts()}
    assert items("--repeats") & own
    assert not items("--no-repeats") & own


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "say for whom"),
        (("--user", "1", "--all"), 2, "say for whom"),
        (("--user", "anna"), 5, "'anna'"),
        (("--user", "142", "-k", "0"), 2, "k"),
        (("--all", "-o", "recs.xlsx"), 2, ".parquet, .csv or .jsonl"),
        (("--all", "-o", "/dev/null/recs.csv"), 6, "can't write"),
    ],
)
def test_what_can_not_be_is_told(endcap, trained, arguments, code, message):
    done = endcap("recommend", "--shop", trained, *arguments)
    assert done.code == code
    assert message in done.err


def test_before_training(endcap, orders_csv, tmp_path):
    endcap("init", tmp_path / "shop", orders_csv)
    done = endcap("recommend", "--shop", tmp_path / "shop", "--all")
    assert done.code == 4
    assert "endcap train" in done.err


def test_the_shop_is_found(endcap, trained, monkeypatch):
    for place in (trained, trained / "models", trained.parent):
        monkeypatch.chdir(place)
        assert endcap("recommend", "--user", 142, "--json").code == 0
