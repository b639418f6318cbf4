from datetime import datetime

import polars as pl
import pytest

from endcap.data.events import Events
from endcap.errors import DataError, ShopError, StorageError
from endcap.store.event_files import EventFiles


def events(users, **columns):
    return Events(pl.DataFrame({"user_id": users, "item_id": ["a"] * len(users), **columns}))


@pytest.fixture
def files(tmp_path):
    return EventFiles(tmp_path / "events")


def test_events_come_back_as_they_went_in(files):
    times = [datetime(2026, 1, 1, 12, 30), datetime(2026, 1, 2)]
    given = events([3, 5], timestamp=times, price=[1.5, None])
    assert files.add(given)
    assert files.read().frame.rows() == given.frame.select("user_id", "item_id", "timestamp", "price").rows()


def test_imports_add_up_and_columns_may_differ(files):
    files.add(events([1, 2]))
    files.add(events([3], quantity=[2.0]))
    assert files.read().frame["user_id"].to_list() == [1, 2, 3]
    assert files.read().frame["quantity"].to_list() == [None, None, 2.0]


def test_the_same_import_again_changes_nothing(files):
    assert files.add(events([1, 1]))
    assert not files.add(events([1, 1]))
    assert len(files.read()) == 2


def test_text_and_numbers_do_not_mix(files):
    files.add(events([1, 2]))
    with pytest.raises(DataError, match="user_id is numbers in the events imported before, but text in this file"):
        files.add(events(["x"]))
    assert len(files.read()) == 2


def test_no_events_yet_says_what_to_do(files):
    with pytest.raises(ShopError, match="endcap import"):
        files.read()


def test_a_folder_that_can_not_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="can't write"):
        EventFiles(tmp_path / "file" / "events").add(events([1]))
