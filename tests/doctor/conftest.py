"""A healthy shop, into which the tests plant faults."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

START = datetime(2026, 1, 5)


@pytest.fixture
def healthy():
    """Twenty weeks of 300 shoppers who look and buy by day, at most some clicks a minute."""
    rng = np.random.default_rng(8)
    n = 30_000
    day = rng.integers(0, 140, n)
    hour = np.clip(rng.normal(15, 3, n), 0, 23.9)
    users = (rng.power(0.6, n) * 300).astype(int)
    times = [START + timedelta(days=int(d), hours=float(h)) for d, h in zip(day, hour, strict=True)]
    bought = rng.random(n) < 0.2
    return pl.DataFrame(
        {
            "user_id": [f"u{u:03}" for u in users],
            "item_id": [f"p{i:02}" for i in (rng.power(0.7, n) * 80).astype(int)],
            "event": np.where(bought, "purchase", "view_item"),
            "timestamp": pl.Series(times, dtype=pl.Datetime("us")).dt.truncate("1s"),
        }
    ).unique(maintain_order=True)
