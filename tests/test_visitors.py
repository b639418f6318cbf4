"""A shop that never knows who comes: every visit has a new id."""

from datetime import datetime, timedelta
from html import unescape

import polars as pl
import pytest

from endcap.config import Config, Train
from endcap.data.events import Events
from endcap.report.models_section import method_section
from endcap.shop import Shop

START = datetime(2026, 1, 1)


@pytest.fixture
def shop(tmp_path, visits):
    shop = Shop.create(tmp_path / "shop", Config(train=Train(minutes=0, candidates=["Popular", "ItemKNN"])))
    shop.add_events(Events(visits(0, 60)))
    done = shop.train()
    assert done.comparison.details.visitors
    assert type(done.model).__name__ == "ItemKNN"
    return Shop(shop.folder)


def test_a_normal_week_passes_the_gate(shop, visits):
    shop.add_events(Events(visits(60, 67)))
    done = shop.train()
    assert done.promoted, done.reason


def test_shuffled_visits_do_not(shop, visits):
    good = shop.models.champion()
    frame = pl.concat([visits(0, 60), visits(60, 67)])
    shop.__dict__["events"] = Events(frame.with_columns(pl.col("item_id").shuffle(seed=1)))
    assert not shop.train().promoted
    assert shop.models.champion() == good


def test_the_report_says_who_was_asked(shop):
    told = method_section(shop.compare())
    assert "visitors whom training doesn't know, given the first half of what they did, were measured" in unescape(told)


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


def test_where_known_shoppers_turn_into_visitors_the_model_in_use_stays(tmp_path, visits):
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
