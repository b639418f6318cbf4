"""A shop whose future can be known from its past."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest


def made_events(*, repeats, users=80, seed=2):
    """Return events of 100 days: users of two tastes, who take what they took before, or only new things."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        own = np.arange(30) * 2 + user % 2
        items = rng.choice(own[:8], 14) if repeats else rng.permutation(own)[:14]
        days = np.sort(rng.choice(100, 14, replace=False))
        start = datetime(2026, 1, 1)
        rows += [(user, int(i), start + timedelta(days=int(d))) for i, d in zip(items, days, strict=True)]
    return pl.DataFrame(rows, {"user_id": pl.Int64, "item_id": pl.Int64, "timestamp": pl.Datetime("us")}, orient="row")


@pytest.fixture(scope="session")
def new_things():
    return made_events(repeats=False)


@pytest.fixture(scope="session")
def same_things():
    return made_events(repeats=True)
