"""`endcap experiments`."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from endcap.shop import Shop
from endcap.store.answers import Given

DECLARED = """
[experiments.more]
surface = "recommended-for-you"
[experiments.more.variants.control]
[experiments.more.variants.twenty]
k = 20
"""


@pytest.fixture
def tried(trained, tmp_path):
    folder = shutil.copytree(trained, tmp_path / "tried")
    with (folder / "endcap.toml").open("a") as file:
        file.write(DECLARED)
    shop = Shop(folder)
    at = int((datetime.now(UTC) - timedelta(days=3)).timestamp() * 1e6)
    variants = ["control", "twenty"] * 30 + ["twenty"] * 60
    shop.store.answers.add(
        [Given(f"r{n}", at, "recommended-for-you", "v", v, str(100 + n), False, {}, [], "more")
         for n, v in enumerate(variants)]
    )  # fmt: skip
    return folder


def test_list_and_show(endcap, tried):
    listed = endcap("experiments", "list", "--shop", tried)
    assert listed.code == 0
    assert "more 4 days, since" in listed.out
    assert "invalid: control has 30 shoppers" in listed.out
    shown = endcap("experiments", "show", "more", "--shop", tried)
    assert "numbers of shoppers as planned: NO" in shown.out
    assert "twenty, revenue: too early to say" in shown.out
    [found] = endcap("experiments", "list", "--shop", tried, "--json").json
    assert found == endcap("experiments", "show", "more", "--shop", tried, "--json").json
    assert [row["shoppers"] for row in found["variants"]] == [30, 90]
    assert found["sample_ratio"]["valid"] is False
    wrong = endcap("experiments", "show", "less", "--shop", tried)
    assert wrong.code == 2
    assert "there are: more" in wrong.err


def test_power(endcap, trained):
    said = endcap("experiments", "power", "--lift", "50%", "--metric", "conversion", "--shop", trained)
    assert said.code == 0
    assert "at 50.0% lift: " in said.out
    found = endcap("experiments", "power", "--metric", "conversion", "--shop", trained, "--json").json
    assert [row["lift"] for row in found["lifts"]] == [0.01, 0.02, 0.05, 0.1, 0.2]
    days = [row["days"] for row in found["lifts"] if row["days"]]
    assert days == sorted(days, reverse=True)
    assert endcap("experiments", "power", "--lift", "much", "--shop", trained).code == 2
    no_price = endcap("experiments", "power", "--shop", trained)
    assert no_price.code == 3
    assert "no purchases with a price" in no_price.err


def test_none(endcap, trained):
    assert "[experiments.NAME]" in endcap("experiments", "list", "--shop", trained).out
