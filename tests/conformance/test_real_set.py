"""On a small real set, groceries of a year, every model that knows its shopper is better than best-sellers."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.data.demo import load_demo
from endcap.errors import DataError
from endcap.models.popular import Popular

MADE_FOR_ELSE = {
    "BoughtTogether": "what goes with a product, not what comes next",
    "Markov": "the next step of a session, not of a month",
    "SequentialRules": "the next step of a session, not of a month",
    "SessionKNN": "the next step of a session, not of a month",
    "VMISKNN": "the next step of a session, not of a month",
}


@pytest.fixture(scope="module")
def groceries():
    """The 300 most bought products in 300 households; the last four weeks are the test."""
    try:
        frame = load_demo()[0].frame
    except DataError as error:
        pytest.skip(str(error))
    frame = frame.filter(pl.col("user_id").is_in(frame["user_id"].unique().sort().head(300).implode()))
    most = frame["item_id"].value_counts().sort("count", "item_id", descending=True)["item_id"].head(300)
    frame = frame.filter(pl.col("item_id").is_in(most.implode()))
    start = frame["timestamp"].max() - timedelta(weeks=4)
    train = ec.Interactions.from_events(frame.filter(pl.col("timestamp") <= start), log=True)
    late = frame.filter(pl.col("timestamp") > start).select("user_id", "item_id").unique()
    return train, late.join(pl.DataFrame({"user_id": train.users.ids}), on="user_id", how="semi")


@pytest.fixture(scope="module")
def baskets(groceries):
    """Of each basket of the test weeks with three of the products or more: one product at random, and the others."""
    frame = load_demo()[0].frame
    start, known = frame["timestamp"].max() - timedelta(weeks=4), groceries[0].items.ids
    late = frame.filter(pl.col("timestamp") > start, pl.col("item_id").is_in(known.implode()))
    whole = late.group_by("transaction_id", maintain_order=True).agg(pl.col("item_id").unique(maintain_order=True))
    found = whole.filter(pl.col("item_id").list.len() >= 3)["item_id"].to_list()
    rng = np.random.default_rng(3)
    return [(basket, basket.pop(rng.integers(len(basket)))) for basket in found]


def hit_share(model, groceries):
    """Return the share of ten recommended products that were bought, repeats included."""
    train, late = groceries
    shoppers = late["user_id"].unique(maintain_order=True)
    found = model.fit(train).recommend(shoppers, k=10, exclude_seen=False)
    return len(found.join(late, on=["user_id", "item_id"], how="semi")) / len(found)


def test_it_is_better_than_best_sellers(make, groceries):
    model = type(make())()  # with its defaults
    name = type(model).__name__
    if name in MADE_FOR_ELSE:
        pytest.skip(MADE_FOR_ELSE[name])
    if not model._personal:
        pytest.skip("does not look at the shopper")
    assert hit_share(model, groceries) > 1.1 * hit_share(Popular(), groceries)


@pytest.mark.parametrize("name", ["BoughtTogether", "SessionKNN", "VMISKNN"])
def test_it_completes_a_basket_better_than_best_sellers(name, groceries, baskets):
    def hits(model):
        found = model.fit(groceries[0]).recommend(history=[own for own, _ in baskets], k=10, exclude_seen=True)
        wanted = pl.DataFrame({"query": range(len(baskets)), "item_id": [left_out for _, left_out in baskets]})
        return len(found.join(wanted.cast({"query": found.schema["query"]}), on=["query", "item_id"]))

    assert hits(getattr(ec, name)()) > 1.1 * hits(Popular())


@pytest.mark.parametrize("name", ["Markov", "SequentialRules", "SessionKNN", "VMISKNN"])
def test_it_goes_on_with_a_session_better_than_best_sellers(name, public_data):
    clicks = public_data("bol_example").rename({"session_id": "user_id"})
    train, test = (clicks.filter(pl.col("split") == part).drop("split") for part in ("train", "test"))
    data = ec.Interactions.from_events(train, log=True)

    def hit_rate(model):
        return ec.evaluate_sessions(model.fit(data), test, k=20).table.filter(metric="hit_rate")["value"].item()

    assert hit_rate(getattr(ec, name)()) > 10 * hit_rate(Popular())
