import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.automatic.guard_rails import Served, guard_rails


@pytest.fixture
def events():
    """Five tastes of ten products; product 0 is the best-seller of all."""
    draws = np.random.default_rng(3)
    users = draws.integers(0, 200, 4000)
    items = np.where(draws.random(4000) < 0.1, 0, (users % 5) * 10 + draws.integers(0, 10, 4000))
    return pl.DataFrame({"user_id": users, "item_id": items}).unique(maintain_order=True)


def failed(new, champion, items=None, *, exclude_seen=False, margin=0.02):
    rails = guard_rails(
        Served(new, exclude_seen), Served(champion, exclude_seen), k=5, items=items, margin=margin, seed=0
    )
    return [one.name for one in rails if not one.passed]


def test_a_model_that_does_the_same_passes(events):
    model = ec.ItemKNN().fit(events)
    assert failed(model, model) == []


def test_the_same_products_for_everyone_are_seen(events):
    new, champion = ec.Popular().fit(events), ec.ItemKNN().fit(events)
    assert failed(new, champion) == ["coverage", "one product for all"]
    assert failed(champion, new) == []


def test_a_model_for_other_shoppers_is_seen(events):
    champion = ec.ItemKNN().fit(events)
    for other in (pl.col("user_id") + 1000, pl.col("user_id").cast(pl.String)):
        assert failed(ec.ItemKNN().fit(events.with_columns(other)), champion) == ["shoppers known to both"]


def test_more_of_what_can_not_be_had_is_seen(events):
    champion = ec.ItemKNN().fit(events.filter(pl.col("item_id") % 2 == 0))
    new = ec.ItemKNN().fit(events)
    items = pl.DataFrame({"item_id": list(range(50)), "availability": ["in_stock", "out_of_stock"] * 25})
    assert "availability" in failed(new, champion, items)
    assert failed(champion, champion, items) == []
    assert "availability" not in failed(new, champion, items, margin=0.9)
    assert "availability" not in failed(new, champion, items.drop("availability"))
