"""The demo: a shop made of a grocery retailer's year."""

from __future__ import annotations

import shutil
from pathlib import Path

from endcap.config import Config, Prepare, Train
from endcap.errors import ShopError
from endcap.shop import Import, Shop

DEMO_NAME = "endcap demo"

MOST_PRODUCTS_FOR_EASE = 10_000
"""EASE over all products would need more than the minute and the 2 GB that the demo may take."""


def make_demo_shop(folder: Path) -> tuple[Shop, Import]:
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
        train=Train(minutes=0),  # tuning would take longer than the minute that the demo may take
        models={"EASE": {"max_items": MOST_PRODUCTS_FOR_EASE}},
    )
    shop = Shop.create(folder, config)
    imported = shop.add_events(events)
    shop.import_items(items)
    return shop, imported
