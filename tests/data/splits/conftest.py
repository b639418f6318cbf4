from datetime import datetime, timedelta

import polars as pl
import pytest

import endcap as ec


@pytest.fixture
def shopping():
    """A function that returns events of (user, item, day) with other columns."""

    def made(rows, **more):
        users, items, days = zip(*rows, strict=True)
        time = [datetime(2024, 1, 1) + timedelta(days=d) for d in days]
        return ec.read_events(pl.DataFrame({"user_id": users, "item_id": items, "timestamp": time, **more}))

    return made
