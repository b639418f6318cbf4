"""A shop's orders as a file, and the command line as a function."""

import json
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from endcap.cli import main


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def endcap(monkeypatch, capsys):
    """Run `endcap` with arguments, and return its exit code and what it said."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["endcap", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as leaving:
            code = leaving.code or 0
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run


def make_orders(*, shoppers=60, days=120, seed=4):
    """Return orders of shoppers of two tastes, who come back for what they took before."""
    rng = np.random.default_rng(seed)
    rows = []
    for shopper in range(shoppers):
        favourites = rng.choice(np.arange(20) * 2 + shopper % 2, 6, replace=False)
        for day in np.sort(rng.choice(days, 12, replace=False)):
            when = datetime(2026, 1, 1, 9) + timedelta(days=int(day), minutes=shopper)
            rows += [(shopper + 100, f"sku-{item:02}", when) for item in rng.choice(favourites, 2, replace=False)]
    return pl.DataFrame(rows, schema=["customer_id", "StockCode", "InvoiceDate"], orient="row").sort("InvoiceDate")


@pytest.fixture
def orders():
    return make_orders


@pytest.fixture(scope="session")
def orders_csv(tmp_path_factory):
    file = tmp_path_factory.mktemp("orders") / "orders.csv"
    make_orders().write_csv(file)
    return file


@pytest.fixture(scope="session")
def trained(tmp_path_factory, orders_csv):
    """A shop with a model; not to be changed."""
    from endcap.config import Config, Train
    from endcap.shop import Shop

    shop = Shop.create(tmp_path_factory.mktemp("shops") / "trained", Config(name="trained", train=Train(minutes=0)))
    shop.import_events([str(orders_csv)])
    skus = [f"sku-{n:02}" for n in range(40)]
    shop.import_items(pl.DataFrame({"item_id": skus, "title": [f"Product [{n}] & co" for n in range(40)]}))
    shop.train()
    return shop.folder
