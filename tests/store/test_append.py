"""Events as they happen, and news of them."""

import polars as pl
import pytest

from endcap.errors import DataError


def events(*ids, user="ann", start=0):
    times = pl.Series(range(start, start + len(ids))).cast(pl.Datetime("us"))
    rows = {"user_id": [user] * len(ids), "item_id": ["a"] * len(ids), "event": "purchase", "event_id": list(ids)}
    return pl.DataFrame(rows).with_columns(timestamp=times)


def test_what_was_sent_before_is_left_out(store):
    assert store.events.append(events("1", "2", "2", "3")) == [True, True, False, True]
    assert store.events.append(events("3", "4")) == [False, True]
    assert store.events.read_all()["event_id"].to_list() == ["1", "2", "3", "4"]


def test_many_become_columns(store, place, monkeypatch):
    monkeypatch.setattr("endcap.store.segments.FEWEST", 5)
    for n in range(4):
        store.events.append(events(*(f"{n}-{m}" for m in range(3))))
    assert len(list((place.folder / "columns").glob("*.parquet"))) == 2
    assert len(place.open().events.read_all()) == 12


def test_news_since_a_number(store, add):
    add(store, {"user_id": ["bob"], "item_id": ["z"]})
    assert store.events.last() == 1
    store.events.append(events("1", "2"))
    frame, newest = store.events.since(1)
    assert frame["event_id"].to_list() == ["1", "2"]
    assert newest == store.events.last() == 3
    assert store.events.since(3)[0].is_empty()
    assert store.events.last_until(0) == 2, "what has no time, and the first of the two"


def test_ids_of_another_type_are_refused(store):
    store.events.append(events("1"))
    with pytest.raises(DataError, match="numbers in this file"):
        store.events.append(events("2", user=7))
    assert store.events.last() == 1


def test_a_watch_sees_what_others_write(store, place, monkeypatch):
    monkeypatch.setattr("endcap.store.database.Watch.EVERY", 0.0)
    watch = place.open().database.watch()
    assert watch.facts().get("next event") is None
    store.events.append(events("1"))
    assert watch.facts()["next event"] == "2"
    watch.close()


def test_sqlites_watch_tells_silence_from_news(tmp_path):
    from endcap.store.store import Store

    store = Store(tmp_path)
    watch = store.database.watch()
    assert watch.facts() is not None
    assert watch.facts() is None
    store.events.append(events("1"))
    assert watch.facts() is not None
    assert watch.facts() is None
    watch.close()


def test_products_are_removed(store):
    store.catalogue.add_items(pl.DataFrame({"item_id": ["a", "b"], "price": [1.0, 2.0]}))
    assert store.catalogue.remove_items(["a", "x"]) == 1
    assert store.catalogue.items()["item_id"].to_list() == ["b"]
    assert store.catalogue.offers()["item_id"].to_list() == ["b"]
    since = store.catalogue.changed(0)
    assert since["item_id"].to_list() == ["b"]
    assert store.catalogue.changed(2**60) is None
