"""A shop that is served, in process."""

import shutil

import polars as pl
import pytest

pytest.importorskip("fastapi")


@pytest.fixture(scope="session")
def trained_shop(tmp_path_factory):
    from datetime import datetime, timedelta

    import numpy as np

    from endcap.config import Config, Train
    from endcap.data.events import Events
    from endcap.shop import Shop

    rng = np.random.default_rng(3)
    rows = []
    for user in range(60):
        for order in range(6):
            when = datetime(2026, 1, 1) + timedelta(days=int(rng.integers(100)), hours=order)
            items = rng.choice(np.arange(15) * 2 + user % 2, 4, replace=False)
            rows += [(f"u{user}", f"i{item:02}", "purchase", when, f"{user}-{order}") for item in items]
    columns = ["user_id", "item_id", "event", "timestamp", "transaction_id"]
    shop = Shop.create(tmp_path_factory.mktemp("served") / "shop", Config(name="served", train=Train(minutes=0)))
    shop.add_events(Events(pl.DataFrame(rows, schema=columns, orient="row")))
    shop.import_items(
        pl.DataFrame(
            {
                "item_id": [f"i{n:02}" for n in range(32)],
                "title": [f"Product {n}" for n in range(32)],
                "product_type": [f"Type {n % 4}" for n in range(32)],
                "price": [1.0 + n for n in range(32)],
                "availability": ["in_stock"] * 32,
            }
        )
    )
    shop.train()
    return shop.folder


@pytest.fixture
def folder(trained_shop, tmp_path):
    """A copy of the shop, to be changed."""
    return shutil.copytree(trained_shop, tmp_path / "shop")


@pytest.fixture
def client(folder):
    from fastapi.testclient import TestClient

    from endcap.serve.app import create_app

    with TestClient(create_app(folder), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client
