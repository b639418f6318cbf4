"""The columnar copy is derived: whatever happens to it, the events stay what the database says."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from endcap.store import segments


def many(start, rows):
    return pl.DataFrame({"user_id": range(start, start + rows), "item_id": "a", "event": "view_item"}).with_columns(
        timestamp=pl.lit(datetime(2026, 1, 1)) + pl.col("user_id") * timedelta(seconds=1)
    )


@pytest.fixture
def files(place, monkeypatch):
    monkeypatch.setattr(segments, "FEWEST", 100)
    return lambda: sorted((place.folder / "columns").iterdir()) if (place.folder / "columns").exists() else []


def test_few_rows_make_no_file_and_many_small_imports_make_one(store, add, files):
    for start in range(0, 90, 30):
        add(store, many(start, 30))
    assert files() == []
    add(store, many(90, 30))
    assert len(files()) == 1
    assert_frame_equal(store.events.read().frame, many(0, 120))


def test_a_large_import_after_small_ones(store, add, files):
    add(store, many(0, 10))
    add(store, many(10, 200))
    add(store, many(210, 5))
    assert len(files()) == 2
    assert_frame_equal(store.events.read().frame, many(0, 215))


@pytest.mark.parametrize("damage", ["lost", "cut off", "nonsense"])
def test_lost_or_damaged_files_are_made_again(store, add, files, damage):
    add(store, many(0, 200))
    (file,) = files()
    content = file.read_bytes()
    if damage == "lost":
        file.unlink()
    else:
        file.write_bytes(content[:-100] if damage == "cut off" else b"x" * 50)
    assert_frame_equal(store.events.read().frame, many(0, 200))
    assert file.exists()
    assert len(pl.read_parquet(file)) == 200


def test_rows_already_stored_are_found_in_the_files(store, add, files):
    add(store, many(0, 200))
    done = add(store, many(100, 150))
    assert (done.new, done.known) == (50, 100)


def test_files_that_no_import_named_are_removed(store, add, files, place):
    add(store, many(0, 200))
    stray = place.folder / "columns" / "000000000001-0123456789abcdef.parquet"
    many(0, 7).write_parquet(stray)
    assert len(store.events.read()) == 200
    add(store, many(200, 10))
    assert len(files()) == 1
