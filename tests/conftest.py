"""What all tests share."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from endcap import native

DATA = Path(os.environ.get("ENDCAP_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture
def public_data():
    """A function that reads a public data set, or skips the test where it isn't on this machine."""

    def read(name: str, table: str = "interactions") -> pl.DataFrame:
        file = DATA / name / f"{table}.parquet"
        if not file.is_file():
            pytest.skip(f"needs the public data set {name}: {file} is not there (set ENDCAP_DATA)")
        return pl.read_parquet(file)

    return read


@pytest.fixture(params=["baseline", "avx2", "avx512"])
def simd(request):
    """Run the test once with every instruction set that this CPU runs."""
    try:
        native.use_simd(request.param)
    except ValueError as error:
        pytest.skip(str(error))
    yield request.param
    native.use_simd(native.best_simd())


@pytest.fixture(scope="session")
def visits():
    """A function that makes a shop's events from one day to another, whose every visit has a new id."""
    return _visits


def _visits(first: int, last: int) -> pl.DataFrame:
    """40 visits a day, each of products of one of six tastes, the next one after the last."""
    draws = np.random.default_rng(first)
    rows = []
    for visit in range(40 * first, 40 * last):
        begin = datetime(2026, 1, 1) + timedelta(days=visit / 40)
        taste, place = draws.integers(0, 6), draws.integers(0, 50)
        rows += [
            (visit, int(taste * 50 + (place + step) % 50), begin + timedelta(seconds=30 * step))
            for step in range(draws.integers(2, 7))
        ]
    return pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp"], orient="row").with_columns(
        event=pl.lit("view_item")
    )
