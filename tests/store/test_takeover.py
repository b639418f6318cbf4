"""A shop of an earlier version kept Parquet files: they go into the store at the first use."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from endcap.errors import ShopError


@pytest.fixture
def earlier(place):
    folder = place.folder / "events"
    folder.mkdir(parents=True)
    first = pl.DataFrame({"user_id": [1, 1], "item_id": ["a", "a"], "event": "purchase"})
    second = pl.DataFrame({"user_id": [1], "item_id": ["a"], "event": "purchase", "quantity": [2]})
    first.write_parquet(folder / "000001-0123456789abcdef.parquet")
    second.write_parquet(folder / "000002-0123456789abcdee.parquet")
    pl.DataFrame({"item_id": ["a"], "title": ["Cup"]}).write_parquet(place.folder / "items.parquet")
    return pl.concat([first, second], how="diagonal_relaxed").with_columns(pl.col("quantity").cast(pl.Float64))


def test_nothing_is_lost_and_the_files_go(place, earlier):
    for _ in range(2):
        store = place.open()
        assert_frame_equal(store.events.read().frame, earlier)
        assert store.catalogue.items().rows() == [("a", "Cup")]
        assert not (place.folder / "events").exists()
        assert not (place.folder / "items.parquet").exists()


def test_stopped_before_the_files_were_removed(place, earlier, monkeypatch):
    with monkeypatch.context() as stopped:
        stopped.setattr("endcap.store.takeover.shutil.rmtree", lambda folder: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            place.open()
    assert_frame_equal(place.open().events.read().frame, earlier)


def test_a_damaged_file_is_named(place, earlier):
    (place.folder / "events" / "000002-0123456789abcdee.parquet").write_bytes(b"x")
    with pytest.raises(ShopError, match=r"of an earlier version in .* are damaged"):
        place.open()
    assert (place.folder / "events").exists()
