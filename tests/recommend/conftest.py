"""A small shop with everything that a surface looks at."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.models.item_knn import ItemKNN
from endcap.recommend.engine import Engine
from endcap.recommend.prepared import Prepared
from endcap.recommend.shelf import Shelf
from endcap.recommend.surfaces import BUILT_IN


def make_events(*, users=80, items=60, seed=0):
    """Return views and purchases, in baskets, of shoppers who like one half of the products or the other."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        for order in range(int(rng.integers(1, 6))):
            when = datetime(2026, 1, 1) + timedelta(days=int(rng.integers(100)), hours=order)
            for item in rng.choice(np.arange(items // 2) * 2 + user % 2, 4, replace=False):
                kind = "purchase" if rng.random() < 0.6 else "view_item"
                rows.append((f"u{user}", f"i{item:02}", kind, when, f"{user}-{order}"))
    columns = ["user_id", "item_id", "event", "timestamp", "transaction_id"]
    return Events(pl.DataFrame(rows, schema=columns, orient="row"))


def make_items(*, items=66, seed=1):
    """Return a catalogue with variants, types, prices, some products that can't be had and six that nobody bought."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "item_id": [f"i{n:02}" for n in range(items)],
            "title": [f"Product {n}" for n in range(items)],
            "product_type": [None if n % 11 == 0 else f"Type {n % 5}" for n in range(items)],
            "brand": rng.choice(["A", "B", "C"], items),
            "price": rng.uniform(1, 100, items).round(2),
            "availability": rng.choice(["in_stock", "out_of_stock", "preorder"], items, p=[0.7, 0.2, 0.1]),
            "item_group_id": [f"g{n // 3}" if n % 2 else None for n in range(items)],
            "hidden": rng.random(items) < 0.05,
        }
    )


@pytest.fixture(scope="session")
def world():
    """A function that makes an engine on a catalogue, with the pieces that tests look at."""
    events = make_events()
    data, log = Interactions.from_events(events), Interactions.from_events(events, log=True)
    model = ItemKNN().fit(data)
    prepared = Prepared.make(model, events, log, 0, True)

    def make(items=None, surfaces=BUILT_IN, *, prepared=prepared):
        items = make_items() if items is None else items
        return Engine(model, prepared, Shelf(items, data.items.ids), surfaces, version="v1")

    make.events, make.model, make.prepared, make.items = events, model, prepared, make_items
    return make
