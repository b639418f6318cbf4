"""The demo: a shop made of a grocery retailer's year."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from endcap.config import Config, Prepare, Train
from endcap.errors import EndcapError, ShopError
from endcap.shop import Import, Shop

DEMO_NAME = "endcap demo"

NO_GOODS = "^(FUEL|COUPON|MISCELLANEOUS|POSTAL|CHARITABLE|CNTRL|PROD-WHS|GM MERCH)|COUPON"
"""Product types that no page would offer: petrol, vouchers, bookings of the till. They are hidden on every surface."""
MOST_PRODUCTS_FOR_EASE = 10_000
"""EASE over all products would need more than the minute and the 2 GB that the demo may take."""


def is_ready(folder: Path) -> bool:
    """Return whether a folder holds a demo with a model in use."""
    try:
        return Config.read(folder).name == DEMO_NAME and bool(Shop(folder).models.champion())
    except EndcapError:
        return False


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
    no_goods = pl.col("product_type").str.contains(NO_GOODS).fill_null(True)
    shop.import_items(items.with_columns(hidden=pl.when(no_goods).then(True)))
    return shop, imported
