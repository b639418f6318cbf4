"""A store in SQLite and one in PostgreSQL: every test that asks for `store` or `place` runs on both."""

import os
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import polars as pl
import pytest
import sqlalchemy as sa

from endcap.data.events import Events
from endcap.store.store import Store

POSTGRES = os.environ.get("ENDCAP_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")


@dataclass
class Place:
    """Where a store is, or can be made."""

    folder: Path
    url: str

    def open(self, **options):
        return Store(self.folder, self.url, **options)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        yield Place(tmp_path / "shop", "")
        return
    pytest.importorskip("psycopg")
    engine = sa.create_engine(POSTGRES, poolclass=sa.NullPool, connect_args={"connect_timeout": 3})
    schema = f"test_{uuid4().hex}"
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    except sa.exc.OperationalError as error:
        pytest.skip(f"no PostgreSQL answers at {POSTGRES} (set ENDCAP_TEST_POSTGRES): {error.orig}")
    yield Place(tmp_path / "shop", f"{POSTGRES}?options=-csearch_path%3D{schema}")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def store(place):
    return place.open()


@pytest.fixture
def add():
    """Store rows as one import; each positional argument is a file's table."""

    def into(store, *files, quarantine=None, **options):
        frames = [pl.DataFrame({"event": "purchase", **file} if isinstance(file, dict) else file) for file in files]
        summary = Events(frames[0].clear(), quarantine=pl.DataFrame() if quarantine is None else quarantine)
        batches = ((frame, number) for number, frame in enumerate(frames))
        return store.events.add(batches, lambda: summary, source="test", files=len(files), **options)

    return into
