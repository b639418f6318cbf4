import polars as pl
import pytest

from endcap.config import Config
from endcap.models.persistence import read_manifest
from endcap.shop import Shop


def test_the_winner_is_kept_with_its_figures(endcap, orders_csv, tmp_path):
    shop = tmp_path / "shop"
    endcap("init", shop, orders_csv)
    done = endcap("train", "--shop", shop, "--minutes", 0)
    assert done.code == 0, done.err
    for model in ("Popular", "BuyAgain", "ItemKNN", "EASE", "ALS"):
        assert model in done.out
    version = Shop(shop).models.champion()
    assert version in done.out
    again = endcap("train", "--shop", shop, "--minutes", 0, "--json")
    assert again.json["version"] == Shop(shop).models.champion()
    assert {row["model"] for row in again.json["comparison"]["table"]} >= {"Popular", "BuyAgain"}


def test_within_a_budget_models_are_proposed_and_tuned(endcap, orders_csv, tmp_path):
    shop = tmp_path / "shop"
    endcap("init", shop, orders_csv)
    done = endcap("train", "--shop", shop, "--minutes", 0.1)
    assert done.code == 0, done.err
    assert "why it was tried" in done.out
    assert "which nothing was chosen by" in done.out
    version = Shop(shop).models.champion()
    found = read_manifest(shop / "models" / version)["metrics"]
    assert version.split("-")[2] == found["chosen"]
    assert found["chosen"] in {row["model"] for row in found["contest"]}
    assert all(row["reason"] for row in found["contest"])
    assert max(row["trials"] for row in found["contest"]) > 1
    assert endcap("recommend", "--shop", shop, "--all").code == 0


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (lambda orders: orders.head(5), ""),
        (lambda orders: orders.head(1), "leaves a side empty"),
        (lambda orders: orders.head(1).drop("InvoiceDate"), "leaves a side empty"),
    ],
)
def test_too_little_to_compare_takes_the_safe_model_and_says_so(endcap, orders, tmp_path, table, why):
    table(orders()).write_csv(tmp_path / "few.csv")
    assert endcap("init", tmp_path / "shop", tmp_path / "few.csv").code == 0
    done = endcap("train", "--shop", tmp_path / "shop")
    assert done.code == 0, done.err
    assert "can't be compared" in done.out
    assert why in done.out
    assert "Popular" in Shop(tmp_path / "shop").models.champion()
    assert endcap("recommend", "--shop", tmp_path / "shop", "--all", "--repeats").code == 0


@pytest.mark.parametrize(
    "table",
    [
        lambda orders: orders.drop("InvoiceDate"),
        lambda orders: orders.with_columns(InvoiceDate=pl.lit("2026-01-01")),
    ],
    ids=["no times", "one time for all"],
)
def test_without_times_it_is_chosen_on_random_parts_and_that_is_said(endcap, orders, tmp_path, table):
    shop = tmp_path / "shop"
    table(orders()).write_csv(tmp_path / "timeless.csv")
    assert endcap("init", shop, tmp_path / "timeless.csv").code == 0
    done = endcap("train", "--shop", shop, "--minutes", 0.05)
    assert done.code == 0, done.err
    assert "can't be compared" not in done.out
    said = " ".join(done.out.split())
    assert "a part drawn by chance" in said
    assert "with times the choice is better" in said
    again = endcap("train", "--shop", shop, "--minutes", 0.05)  # through the gate
    assert again.code == 0, again.err
    assert endcap("evaluate", "--shop", shop).code == 0
    assert "drawn by chance" in (shop / "evaluation.html").read_text()
    assert endcap("tune", "ItemKNN", "--trials", 3, "--shop", shop).code == 0


def test_a_wrong_candidate_is_named(endcap, orders_csv, tmp_path):
    shop = tmp_path / "shop"
    endcap("init", shop, orders_csv)
    config = Config.read(shop)
    config.train.candidates = ["Popular", "Magic"]
    config.write(shop)
    done = endcap("train", "--shop", shop)
    assert done.code == 4
    assert "'Magic'" in done.err
    config.train.candidates = ["ALS"]
    config.models = {"ALS": {"factors": 0}}
    config.write(shop)
    done = endcap("train", "--shop", shop)
    assert done.code == 4
    assert "[models.ALS]: ALS: factors=0" in done.err
