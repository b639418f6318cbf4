"""BoughtTogether: the numbers of its rules, and that coincidence isn't shown."""

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.errors import UnknownIdError
from endcap.models.baskets import Baskets
from endcap.models.cooccurrence import frequent_pairs


def events(carts):
    lines = [(f"s{n % 7}", f"o{n:05}", item) for n, cart in enumerate(carts) for item in cart]
    return pl.DataFrame(lines, schema=["user_id", "transaction_id", "item_id"], orient="row")


CARTS = [["bread", "butter"]] * 8 + [["bread", "butter", "jam"]] * 6 + [["bread"]] * 6 + [["tea", "milk"]] * 20


def test_a_rule_has_the_numbers_of_its_baskets():
    rules = ec.BoughtTogether().fit(events(CARTS)).rules("bread")
    assert rules["with_item_id"].to_list() == ["butter", "jam"]
    butter = rules.row(0, named=True)
    assert butter["count"] == 14
    assert butter["support"] == pytest.approx(14 / 40)
    assert butter["confidence"] == pytest.approx(14 / 20)
    assert butter["lift"] == pytest.approx(14 / 20 / (14 / 40))
    assert butter["p_value"] < 1e-5
    # Knowing of bread, butter is in 70 % of the baskets and not in 30 %; else in 35 % and 65 %.
    assert butter["score"] == pytest.approx(0.7 * np.log(0.7 / 0.35) + 0.3 * np.log(0.3 / 0.65))


@pytest.mark.parametrize(("measure", "expected"), [("confidence", 14 / 20), ("lift", 2.0)])
def test_other_measures(measure, expected):
    found = ec.BoughtTogether(measure=measure).fit(events(CARTS)).similar_items("bread")
    assert found.filter(pl.col("item_id") == "butter")["score"][0] == pytest.approx(expected)


def test_rules_go_both_ways_and_each_items_come_best_first():
    rules = ec.BoughtTogether().fit(events(CARTS)).rules()
    pairs = set(rules.select("item_id", "with_item_id").rows())
    assert pairs == {(b, a) for a, b in pairs}
    assert ("tea", "milk") in pairs
    assert not any({"tea", "bread"} == set(pair) for pair in pairs)
    assert rules["item_id"].is_sorted()
    assert rules.filter(pl.col("item_id") == "butter")["score"].is_sorted(descending=True)


def test_an_item_counts_once_a_basket():
    carts = [["bread", "bread", "butter", "butter"]] * 10 + [["tea"]] * 30
    assert ec.BoughtTogether().fit(events(carts)).rules("bread")["count"].to_list() == [10]


def test_a_cart_is_completed():
    model = ec.BoughtTogether().fit(events(CARTS))
    found = model.recommend(history=["bread", "butter"], k=1)
    assert found.select("item_id", "fallback").row(0) == ("jam", False)
    parts = model.explain(history=["bread", "butter"], item="jam")
    assert sorted(parts["item_id"]) == ["bread", "butter"]
    assert parts["contribution"].sum() == pytest.approx(found["score"][0])
    twice = model.recommend(history=["bread", "bread", "butter"], k=1)
    assert twice["score"][0] == found["score"][0]


def test_coincidence_is_not_shown():
    """Where baskets are drawn at random, (nearly) no rule is found, though thousands of pairs are frequent enough."""
    rng = np.random.default_rng(8)
    popular = 1 / np.arange(1, 151)
    carts = [np.unique(rng.choice(150, 8, p=popular / popular.sum())).tolist() for _ in range(4000)]
    data = ec.Interactions.from_events(ec.read_events(events(carts)), log=True)
    pairs = list(frequent_pairs(Baskets.of_log(data.log, 150).matrix, 5))
    together, buyers = sum(len(p.first) for p in pairs), sum(p.together.sum() for p in pairs)
    assert together > 2000
    assert buyers / together > 10
    assert len(ec.BoughtTogether().fit(data).rules()) <= 4


def test_what_is_planted_among_coincidences_is_found():
    rng = np.random.default_rng(9)
    carts = [rng.choice(100, 6, replace=False).tolist() for _ in range(3000)]
    for n, cart in enumerate(carts):
        if n % 10 == 0:
            cart.extend([200 + n % 50, 300 + n % 50])
    rules = ec.BoughtTogether().fit(events(carts)).rules([200, 210, 220])
    best = rules.group_by("item_id", maintain_order=True).first()
    assert best["with_item_id"].to_list() == [300, 310, 320]


def test_rarer_than_expected_is_no_rule():
    carts = [["a", "x"]] * 30 + [["b"]] * 50 + [["a", "b"]] * 6
    rules = ec.BoughtTogether(false_discovery_rate=0.9).fit(events(carts)).rules("a")
    assert rules["with_item_id"].to_list() == ["x"]


def test_without_baskets_of_two_whole_histories_count_and_a_note_says_so():
    rows = [(f"s{n}", f"o{n}{item}", item) for n in range(30) for item in (["a", "b"] if n % 2 else ["c", "d"])]
    single = pl.DataFrame(rows, schema=["user_id", "transaction_id", "item_id"], orient="row")
    model = ec.BoughtTogether().fit(single)
    assert model.similar_items("a")["item_id"].to_list() == ["b"]
    assert "what a shopper ever took" in model.notes_[0]
    assert ec.BoughtTogether().fit(events(CARTS)).notes_ == ()


def test_views_are_in_no_basket():
    bought = events(CARTS).with_columns(event=pl.lit("purchase"))
    seen = events([["bread", "tea"]] * 30).with_columns(event=pl.lit("view_item"))
    rules = ec.BoughtTogether().fit(pl.concat([bought, seen])).rules("bread")
    assert "tea" not in rules["with_item_id"]


def test_an_unknown_item_is_named():
    with pytest.raises(UnknownIdError, match="caviar"):
        ec.BoughtTogether().fit(events(CARTS)).rules("caviar")


def test_gifts_that_go_together(public_data):
    orders = public_data("online_retail").filter(pl.col("Quantity") > 0, pl.col("CustomerID").is_not_null())
    columns = {
        "user_id": "CustomerID",
        "item_id": "StockCode",
        "transaction_id": "InvoiceNo",
        "timestamp": "InvoiceDate",
    }
    model = ec.BoughtTogether().fit(orders.select(**columns))
    names = dict(orders.select("StockCode", "Description").iter_rows())
    tea_cup = next(code for code, name in names.items() if name == "GREEN REGENCY TEACUP AND SAUCER")
    found = [names[code] for code in model.similar_items(tea_cup, k=2)["item_id"]]
    assert sorted(found) == ["PINK REGENCY TEACUP AND SAUCER", "ROSES REGENCY TEACUP AND SAUCER"]
