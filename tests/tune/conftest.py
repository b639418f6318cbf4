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
