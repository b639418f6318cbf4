from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.data.events import Events


def _shop(days: int = 100, users: int = 40, items: int = 30, seed: int = 0) -> Events:
    draws = np.random.default_rng(seed)
    n = days * 20
    return ec.read_events(
        pl.DataFrame(
            {
                "user_id": draws.integers(0, users, n),
                "item_id": np.minimum(draws.geometric(3 / items, n), items),
                "timestamp": [datetime(2026, 1, 1) + timedelta(days=float(d)) for d in np.sort(draws.random(n)) * days],
            }
        )
    )


@pytest.fixture(scope="session")
def shop() -> Callable[..., Events]:
    """Makes a shop where chance and best-sellers are all there is."""
    return _shop


def _ratings(users: int = 60, items: int = 40, n: int = 3000, seed: int = 0) -> Events:
    draws = np.random.default_rng(seed)
    user, item = draws.integers(0, users, n), draws.integers(0, items, n)
    generous, liked = draws.normal(0, 1.0, users), draws.normal(0, 0.7, items)
    rating = np.clip(np.round(3 + generous[user] + liked[item] + draws.normal(0, 0.6, n)), 1, 5)
    when = [datetime(2026, 1, 1) + timedelta(minutes=int(minute)) for minute in range(n)]
    return ec.read_events(pl.DataFrame({"user_id": user, "item_id": item, "rating": rating, "timestamp": when}))


@pytest.fixture(scope="session")
def ratings() -> Callable[..., Events]:
    """Makes ratings by users who differ in how generous they are, of items that differ in how they are liked."""
    return _ratings
