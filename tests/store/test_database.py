"""What goes wrong with a database is said in words that help, and changes nothing."""

import sqlite3

import polars as pl
import pytest

from endcap.errors import ShopError, StorageError
from endcap.store.store import Store


@pytest.mark.parametrize("url", ["nonsense", "mysql://root@localhost/shop", "sqlite:///other.db"])
def test_a_wrong_url(tmp_path, url):
    with pytest.raises(ShopError, match=r"endcap\.toml .*postgresql\+psycopg://USER@HOST:5432/DATABASE"):
        Store(tmp_path, url)


def test_a_server_that_is_down(tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(StorageError, match=r"can't reach the database at .*start the server, or correct store"):
        Store(tmp_path, "postgresql+psycopg://me:secret@127.0.0.1:1/shop")


def test_passwords_are_not_shown(tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(StorageError) as caught:
        Store(tmp_path, "postgresql+psycopg://me:secret@127.0.0.1:1/shop")
    assert "secret" not in str(caught.value)


def test_no_such_database(place):
    if not place.url:
        pytest.skip("of PostgreSQL only")
    with pytest.raises(ShopError, match=r"there is no such database, .*createdb"):
        Store(place.folder, place.url.replace("/test?", "/no_such_database?"))


def test_another_writer_is_waited_for_and_named(place, add):
    rows = {"user_id": [1], "item_id": ["a"]}
    first, second = place.open(), place.open(busy_seconds=0.2)
    with first.database.writing(), pytest.raises(StorageError, match=r"in use by another import; nothing was changed"):
        add(second, rows)
    assert add(second, rows).new == 1


def test_readers_go_on_while_another_writes(place, add):
    store = place.open(busy_seconds=0.2)
    add(store, {"user_id": [1], "item_id": ["a"]})
    with place.open().database.writing():
        assert len(store.events.read()) == 1


def test_a_full_disk(tmp_path, add, monkeypatch):
    store = Store(tmp_path)
    add(store, {"user_id": [1], "item_id": ["a"]})

    def limited(connection, _record):
        connection.execute("PRAGMA max_page_count = 40")

    from sqlalchemy import event

    event.listen(store.database._engine, "connect", limited)
    rows = {"user_id": range(100_000), "item_id": "b"}
    with pytest.raises(StorageError, match=r"the disk is full, .*nothing was changed: free some space"):
        add(store, rows)
    event.remove(store.database._engine, "connect", limited)
    assert len(store.events.read()) == 1
    assert add(store, rows).new == 100_000


def test_a_folder_that_may_not_be_written(tmp_path, add):
    store = Store(tmp_path)

    def read_only(connection, _record):  # file modes don't hold for root, who runs tests in containers
        connection.execute("PRAGMA query_only = ON")

    from sqlalchemy import event

    event.listen(store.database._engine, "connect", read_only)
    with pytest.raises(StorageError, match=r"can't write .*store\.sqlite; nothing was changed: check that its folder"):
        add(store, {"user_id": [1], "item_id": ["a"]})
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="can't write"):
        Store(tmp_path / "file" / "shop")


def test_a_damaged_file(tmp_path):
    Store(tmp_path)
    (tmp_path / "store.sqlite").write_bytes(b"no database at all" * 1000)
    with pytest.raises(ShopError, match=r"is damaged; put a copy of it in its place"):
        Store(tmp_path)


def test_sqlite_waits_for_the_disk(tmp_path):
    store = Store(tmp_path)
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_store_of_a_newer_version(place):
    store = place.open()
    with store.database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO schema_version VALUES (999)")
    with pytest.raises(ShopError, match=r"newer version of Endcap .*pip install -U endcap"):
        place.open()


def test_ids_may_look_like_numbers(tmp_path, add):
    store = Store(tmp_path)
    add(store, {"user_id": ["00123", "7"], "item_id": ["1e3", "0x1"]})
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        assert connection.execute("SELECT user_id, item_id FROM events").fetchall() == [("00123", "1e3"), ("7", "0x1")]
    connection.close()
    assert store.events.read().frame.schema["user_id"] == pl.String
