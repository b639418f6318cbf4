"""A shop that never knows who comes: every visit has a new id."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from endcap.config import Config, Train
from endcap.data.events import Events
from endcap.shop import Shop

START = datetime(2026, 1, 1)


def visits(first: int, last: int) -> pl.DataFrame:
    """40 visits a day, each of products of one of six tastes, the next one after the last."""
    draws = np.random.default_rng(first)
    rows = []
    for visit in range(40 * first, 40 * last):
        taste, place = draws.integers(0, 6), draws.integers(0, 50)
        rows += [
            (visit, int(taste * 50 + (place + step) % 50), START + timedelta(days=visit / 40, seconds=30 * step))
            for step in range(draws.integers(2, 7))
        ]
    return pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp"], orient="row").with_columns(
        event=pl.lit("view_item")
    )


@pytest.fixture
def shop(tmp_path):
    shop = Shop.create(tmp_path / "shop", Config(train=Train(minutes=0, candidates=["Popular", "ItemKNN"])))
    shop.add_events(Events(visits(0, 60)))
    done = shop.train()
    assert done.comparison.details.visitors
    assert type(done.model).__name__ == "ItemKNN"
    return Shop(shop.folder)


def test_a_normal_week_passes_the_gate(shop):
    shop.add_events(Events(visits(60, 67)))
    done = shop.train()
    assert done.promoted, done.reason


def test_shuffled_visits_do_not(shop):
    good = shop.models.champion()
    frame = pl.concat([visits(0, 60), visits(60, 67)])
    shop.__dict__["events"] = Events(frame.with_columns(pl.col("item_id").shuffle(seed=1)))
    assert not shop.train().promoted
    assert shop.models.champion() == good


def test_a_visitor_gets_what_goes_on_from_there(shop):
    told = shop.recommend(history=[10, 11, 12], k=5)["item_id"].to_list()
    assert {13, 14} <= set(told)


def test_the_next_training_begins_with_what_the_last_one_found(shop):
    shop.train(minutes=0.1)
    found = shop.models.manifest(shop.models.versions()[-1])["metrics"]["tuned"]
    assert found["ItemKNN"]
    assert shop._tuned_before() == found
    (shop.models.folder / shop.models.versions()[0] / "manifest.json").write_text("{")  # a damaged one is passed over
    assert shop._tuned_before() == found


def test_where_known_shoppers_turn_into_visitors_the_model_in_use_stays(tmp_path):
    shop = Shop.create(tmp_path / "shop", Config(train=Train(minutes=0, candidates=["Popular", "ItemKNN"])))
    known = visits(0, 60).with_columns(pl.col("user_id") % 200)
    shop.add_events(Events(known))
    assert not shop.train().comparison.details.visitors
    good = shop.models.champion()
    late = pl.col("timestamp") > START + timedelta(days=30)
    ids = pl.when(late).then(pl.int_range(pl.len()) // 3 + 10**6).otherwise(pl.col("user_id"))
    shop.__dict__["events"] = Events(known.with_columns(user_id=ids))
    done = shop.train()
    assert done.comparison.details.visitors
    assert not done.promoted
    assert "what was measured before can't be now" in done.reason
    assert shop.models.champion() == good
