"""A file is written from bytes, and read as a shop's owner would: with nothing but its name."""

import io
import zipfile
from datetime import datetime

import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError

NOW = datetime(2024, 6, 1)


def parquet(columns):
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


def archive(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "<xml/>")
    return buffer.getvalue()


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def to(name, content):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    return to


def read(name, **options):
    return ec.read_events(name, now=NOW, **options)


def refusal(name, **options):
    with pytest.raises(DataError) as caught:
        read(name, **options)
    return str(caught.value)


def rows(events, *columns):
    return events.frame.select(columns or [name for name in events.frame.columns if name != "event"]).rows()
