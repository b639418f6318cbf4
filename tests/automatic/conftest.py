from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.data.events import Events


@pytest.fixture(scope="session")
def taste_shop():
    return _taste_shop


def _taste_shop(users: int = 300, days: int = 120, seed: int = 0, per_taste: int = 200) -> Events:
    """Each shopper belongs to one of six tastes and takes what is new of it, and now and then anything."""
    draws = np.random.default_rng(seed)
    taste = np.arange(users) % 6
    n = users * 30
    user = draws.integers(0, users, n)
    item = taste[user] * per_taste + draws.integers(0, per_taste, n)
    anything = draws.random(n) < 0.1
    item = np.where(anything, draws.integers(0, 6 * per_taste, n), item)
    when = [datetime(2026, 1, 1) + timedelta(days=float(d)) for d in np.sort(draws.random(n)) * days]
    return ec.read_events(pl.DataFrame({"user_id": user, "item_id": item, "timestamp": when}))
