import polars as pl
import pytest

from endcap.config import Config
from endcap.shop import Shop


@pytest.fixture
def shop(endcap, orders, tmp_path):
    """A shop with a model of its first hundred days, and the orders of the other twenty as a file."""
    table = orders()
    cut = table["InvoiceDate"].min() + pl.Series([100 * 86_400_000_000]).cast(pl.Duration("us"))[0]
    table.filter(pl.col("InvoiceDate") < cut).write_csv(tmp_path / "first.csv")
    table.filter(pl.col("InvoiceDate") >= cut).write_csv(tmp_path / "new.csv")
    folder = tmp_path / "shop"
    endcap("init", folder, tmp_path / "first.csv")
    config = Config.read(folder)
    config.train.minutes = 0
    config.train.golden = ["101"]
    config.write(folder)
    assert endcap("retrain", "--shop", folder).code == 0
    return folder


def test_nothing_new_is_no_work(endcap, shop):
    champion = Shop(shop).models.champion()
    done = endcap("retrain", "--shop", shop)
    assert (done.code, done.out.strip()) == (0, f"Nothing new since {champion}; in use: {champion}")
    assert endcap("retrain", "--shop", shop, "--json").json["nothing_new"] is True
    assert Shop(shop).models.versions() == [champion]


def test_new_events_bring_a_new_model_into_use(endcap, shop, tmp_path):
    before = Shop(shop).models.champion()
    endcap("import", tmp_path / "new.csv", "--shop", shop)
    done = endcap("retrain", "--shop", shop, "--json")
    assert done.code == 0, done.err
    assert done.json["promoted"] is True, done.json["reason"]
    assert done.json["in_use"] == done.json["version"] != before
    assert all(check["passed"] for check in done.json["checks"])
    assert {row["user_id"] for row in done.json["golden"]} == {"101"}


def test_spoilt_events_leave_the_model_and_the_exit_code_is_0(endcap, shop, orders, tmp_path):
    before = Shop(shop).models.champion()
    flood = orders(shoppers=3, days=14, seed=5).with_columns(customer_id=pl.lit(100))
    pl.concat([flood.with_columns(StockCode=pl.lit(f"junk-{n}")) for n in range(40)]).write_csv(tmp_path / "junk.csv")
    endcap("import", tmp_path / "junk.csv", "--shop", shop)
    done = endcap("retrain", "--shop", shop)
    assert done.code == 0, done.err
    assert "Kept, not in use: " in done.out
    assert "busiest shopper: one shopper makes" in done.out
    assert f"In use as before: {before}" in done.out
    assert Shop(shop).models.champion() == before
    train = endcap("train", "--shop", shop)
    assert train.code == 0
    assert "failed  busiest shopper" in train.out
    assert "endcap models promote" in train.out
    assert "101: " in train.out
    forced = endcap("train", "--shop", shop, "--force", "--json")
    assert forced.json["promoted"] is True
    assert forced.json["reason"].startswith("forced")
    assert Shop(shop).models.champion() == forced.json["version"]
