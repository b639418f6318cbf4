"""The demo: a shop made of a grocery retailer's year."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from endcap.config import Config, Prepare
from endcap.errors import ShopError
from endcap.shop import Shop

DEMO_NAME = "endcap demo"

MOST_PRODUCTS_FOR_EASE = 4000
"""EASE over all 68,509 products would need more than the minute and the 2 GB that the demo may take."""


def make_demo_shop(folder: Path) -> Shop:
    """Make a shop of the demo data; a demo already in the folder is replaced, anything else is left alone.

    Raises
    ------
    DataError
        Where the package with the data isn't installed.
    ShopError
        Where the folder holds something that is not a demo.
    """
    from endcap.data.demo import load_demo

    events, items = load_demo()
    if folder.exists() and any(folder.iterdir()):
        try:
            is_demo = Config.read(folder).name == DEMO_NAME
        except ShopError:
            is_demo = False
        if not is_demo:
            raise ShopError(
                f"{folder} holds something that isn't a demo; give another place: endcap demo --folder NAME"
            )
        shutil.rmtree(folder)
    config = Config(
        name=DEMO_NAME,
        prepare=Prepare(half_life="120d"),
        models={"EASE": {"max_items": MOST_PRODUCTS_FOR_EASE}},
    )
    shop = Shop.create(folder, config)
    shop.add_events(events)
    shop.import_items(items)
    return shop


def households_to_show(shop: Shop) -> list[Any]:
    """Return two households: one that buys as much as most do, and one that buys a lot."""
    counts = shop.events.frame["user_id"].value_counts().sort("count", "user_id")
    return [counts["user_id"][int(share * (len(counts) - 1))] for share in (0.5, 0.9)]
