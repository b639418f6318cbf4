"""What all tests share."""

import os
from pathlib import Path

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
