import shutil

import pytest

from endcap.config import Config
from endcap.shop import Shop


@pytest.fixture
def shop(trained, tmp_path):
    """A shop with three versions, the second one in use after the first."""
    folder = shutil.copytree(trained, tmp_path / "shop")
    opened = Shop(folder)
    popular = opened.new_model("Popular").fit(opened.interactions())
    for _ in range(2):
        opened.models.add(popular, metrics={})
    opened.models.promote(opened.models.versions()[1], "a try")
    return folder


@pytest.fixture
def versions(shop):
    return Shop(shop).models.versions()


def test_all_versions_are_listed(endcap, shop, versions):
    done = endcap("models", "list", "--shop", shop)
    assert done.code == 0, done.err
    assert all(version in done.out for version in versions)
    assert done.out.count("in use") == 1
    rows = endcap("models", "list", "--shop", shop, "--json").json
    assert [row["version"] for row in rows] == versions
    assert [row["in_use"] for row in rows] == [False, True, False]
    assert rows[0]["ndcg"] > 0
    assert rows[0]["events"] == 1440


def test_no_model_yet_is_said(endcap, orders_csv, tmp_path):
    endcap("init", tmp_path / "new", orders_csv)
    assert "train one" in endcap("models", "list", "--shop", tmp_path / "new").out
    assert endcap("models", "rollback", "--shop", tmp_path / "new").code == 4


def test_a_version_is_shown_with_what_was_decided(endcap, shop, versions):
    done = endcap("models", "show", versions[0], "--shop", shop)
    assert done.code == 0, done.err
    for told in ("the first model of this shop", "NDCG@10", "60 shoppers, 40 products", "1,440 events", "fingerprint"):
        assert told in done.out
    shown = endcap("models", "show", versions[1], "--shop", shop, "--json").json
    assert shown["manifest"]["class"] == "Popular"
    assert [(one["action"], one["before"], one["reason"]) for one in shown["decisions"]] == [
        ("promoted", versions[0], "a try")
    ]


def test_rolled_back_promoted_pinned_and_all_of_it_in_the_log(endcap, shop, versions):
    assert endcap("models", "rollback", "--shop", shop, "--reason", "complaints").code == 0
    assert Shop(shop).models.champion() == versions[0]
    assert endcap("models", "promote", versions[2], "--shop", shop, "--json").json["in_use"] == versions[2]
    assert endcap("models", "pin", versions[1], "--shop", shop, "--json").json["pinned"] == [versions[1]]
    assert endcap("models", "unpin", versions[1], "--shop", shop, "--json").json["pinned"] == []
    log = endcap("models", "log", "--shop", shop, "--json").json
    assert [(one["action"], one["version"]) for one in log] == [
        ("promoted", versions[0]),
        ("promoted", versions[1]),
        ("rolled back", versions[0]),
        ("promoted", versions[2]),
        ("pinned", versions[1]),
        ("unpinned", versions[1]),
    ]
    assert "complaints" in endcap("models", "log", "--shop", shop).out


def test_the_beginning_of_a_name_is_enough_where_it_is_clear(endcap, shop, versions):
    assert endcap("models", "promote", versions[0][:-1], "--shop", shop).code == 0
    assert Shop(shop).models.champion() == versions[0]
    several = endcap("models", "show", "2", "--shop", shop)
    assert several.code == 4
    assert "several versions begin with '2'" in several.err
    unknown = endcap("models", "pin", "1999", "--shop", shop)
    assert unknown.code == 4
    assert f"there is no version '1999'; there are: {versions[0]}" in unknown.err


def test_two_versions_are_put_side_by_side(endcap, shop, versions):
    done = endcap("models", "compare", versions[0], versions[1], "--shop", shop, "--user", 103, "-k", 4)
    assert done.code == 0, done.err
    assert "103: " in done.out
    assert "Product [" in done.out
    found = endcap("models", "compare", *versions[:2], "--shop", shop, "--user", 103, "-k", 4, "--json").json
    assert [row["rank"] for row in found["shoppers"]] == [1, 2, 3, 4]
    assert [one["version"] for one in found["versions"]] == versions[:2]


def test_golden_shoppers_are_looked_at_where_nobody_is_named(endcap, shop, versions):
    config = Config.read(shop)
    config.train.golden = ["101", "102"]
    config.write(shop)
    found = endcap("models", "compare", *versions[:2], "--shop", shop, "--json").json
    assert {row["user_id"] for row in found["shoppers"]} == {"101", "102"}
