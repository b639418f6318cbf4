"""Events from short lines of text."""

from datetime import datetime, timedelta

import polars as pl
import pytest

import endcap as ec
from endcap.exploration.rows import as_rows

START = datetime(2026, 1, 5)  # a Monday


def make_events(lines, **columns):
    """Return events from `(user, item, day)` or `(user, item)`; day counts from Monday, 5 January 2026."""
    table = {"user_id": [line[0] for line in lines], "item_id": [line[1] for line in lines]}
    if lines and len(lines[0]) > 2:
        table["timestamp"] = [START + timedelta(days=line[2]) for line in lines]
    return ec.Events(pl.DataFrame({**table, "event": columns.pop("event", ["purchase"] * len(lines)), **columns}))


@pytest.fixture
def make():
    return make_events


@pytest.fixture
def rows():
    """A function that returns the rows of such lines."""
    return lambda lines, **columns: as_rows(make_events(lines, **columns))
