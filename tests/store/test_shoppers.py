"""Visitors become users, and shoppers are forgotten, in both databases."""

import json

import polars as pl
import pytest

from endcap.errors import DataError
from endcap.store.answers import Feedback, Given

EVENTS = pl.DataFrame(
    {
        "user_id": ["c1", "c1", "ann", "ann", "bob", "c2", "ann", "bob"],
        "item_id": ["a", "b", "a", "c", "d", "d", "e", "e"],
        "event": "view_item",
        "anonymous_id": ["c1", "c1", "c1", None, None, "c2", "till", "till"],
    }
)


def merged_users(store):
    return store.shoppers.merged(store.events.read_all())["user_id"].to_list()


def test_a_log_in_brings_the_history_along(store, add):
    add(store, EVENTS)
    assert merged_users(store) == ["ann", "ann", "ann", "ann", "bob", "c2", "ann", "bob"]
    assert store.events.read_all()["user_id"].to_list() == EVENTS["user_id"].to_list()  # the rows stay


def test_a_device_that_people_share_is_nobodys(store, add):
    add(store, EVENTS.with_columns(user_id=pl.Series(["c1", "c1", "ann", "ann", "c2", "c2", "ann", "till"])))
    add(store, pl.DataFrame({"user_id": ["bob"], "item_id": ["a"], "event": ["view_item"], "anonymous_id": ["till"]}))
    assert "till" in merged_users(store)


def test_merges_by_hand(store, add):
    add(store, EVENTS)
    assert store.shoppers.merge("c2", "bob")
    assert not store.shoppers.merge("c2", "bob")
    assert merged_users(store)[5] == "bob"
    assert store.shoppers.identities().drop("at").rows() == [("c2", "bob")]
    with pytest.raises(DataError, match="'c2' was merged into 'bob' before, so it can't be merged into 'ann' as well"):
        store.shoppers.merge("c2", "ann")


def test_merges_are_followed_to_their_end(store, add):
    add(store, EVENTS)
    store.shoppers.merge("ann", "anna@example.org")
    store.shoppers.merge("anna@example.org", "A-17")
    assert merged_users(store)[:4] == ["A-17"] * 4
    with pytest.raises(DataError, match="makes a ring"):
        store.shoppers.merge("A-17", "ann")
    with pytest.raises(DataError, match="makes a ring"):
        store.shoppers.merge("A-17", "A-17x") and store.shoppers.merge("A-17x", "ann")


def test_a_ring_among_log_ins_is_left_alone(store, add):
    ring = {"user_id": ["b", "a", "c"], "item_id": ["x", "y", "z"], "anonymous_id": ["a", "b", None]}
    add(store, pl.DataFrame({**ring, "event": "view_item"}))
    assert merged_users(store) == ["b", "a", "c"]


def test_ids_of_another_type_are_refused(store, add):
    add(store, EVENTS)
    with pytest.raises(DataError, match="text in what was imported before, but numbers"):
        store.shoppers.merge(7, 8)


def test_numbers(store, add):
    add(store, pl.DataFrame({"user_id": [1, 2], "item_id": [5, 6], "event": "view_item", "anonymous_id": [1, 1]}))
    assert merged_users(store) == [2, 2]
    store.shoppers.merge(2, 3)
    assert merged_users(store) == [3, 3]


def test_all_that_is_stored_of_a_shopper(store, add):
    add(store, EVENTS, quarantine=pl.DataFrame({"file": ["f"], "row": [3], "reason": ["no item"], "user": ["ann"]}))
    store.catalogue.add_users(pl.DataFrame({"user_id": ["ann", "bob"], "city": ["Oslo", "Bari"]}))
    found = store.shoppers.about("ann")
    assert found["ids"] == ["ann", "c1"]
    assert found["attributes"] == {"city": "Oslo"}
    assert [one["item_id"] for one in found["events"]] == ["a", "b", "a", "c", "e"]
    assert found["set_aside"] == [{"file": "f", "row": 3, "content": {"user": "ann"}}]
    json.dumps(found, default=str)
    empty = {name: [] for name in ("events", "set_aside", "answers", "feedback")}
    assert store.shoppers.about("nobody") == {"ids": ["nobody"], "attributes": {}, **empty}


def test_a_shopper_is_forgotten(store, add, place):
    add(store, EVENTS, quarantine=pl.DataFrame({"file": ["f"], "row": [3], "reason": ["no item"], "user": ["ann"]}))
    store.catalogue.add_users(pl.DataFrame({"user_id": ["ann", "bob"], "city": ["Oslo", "Bari"]}))
    store.shoppers.merge("c2", "ann")
    store.answers.add([Given("r1", 5, "cart", "v1", None, "c2", False, {"user": "c2"}, ["a"])])
    for user in ("ann", "bob"):
        store.answers.add_feedback([Feedback(f"e-{user}", 6, "r1", "click", user, "a")])
    aside = place.folder / "quarantine" / "import-000001.csv"
    aside.parent.mkdir(parents=True)
    aside.write_text("file,row,reason,user\nf,3,no item,ann\nf,4,no item,bob\n")
    assert store.shoppers.forget("ann").to_dict() == {
        "ids": ["ann", "c1", "c2"], "events": 6, "attributes": 1, "identities": 1, "set_aside": 1,
        "answers": 1, "feedback": 1,
    }  # fmt: skip
    again = place.open()
    assert again.answers.find("r1") is None
    assert again.answers.feedback()["user_id"].to_list() == ["bob"]
    assert again.events.read_all()["user_id"].to_list() == ["bob", "bob"]
    assert again.catalogue.users()["user_id"].to_list() == ["bob"]
    assert aside.read_text() == "file,row,reason,user\nf,4,no item,bob\n"
    assert store.shoppers.forget("ann").events == 0
    assert all(b"ann" not in file.read_bytes() for file in place.folder.glob("store.sqlite*"))


def test_columns_forget_as_well(store, add, place, monkeypatch):
    monkeypatch.setattr("endcap.store.segments.FEWEST", 4)
    add(store, EVENTS)
    add(store, EVENTS.with_columns(item_id=pl.lit("z")))
    assert list((place.folder / "columns").glob("*.parquet"))
    store.shoppers.forget("bob")
    files = [pl.read_parquet(file) for file in (place.folder / "columns").glob("*.parquet")]
    assert all("bob" not in frame["user_id"] for frame in files)
    assert len(place.open().events.read_all()) == 12
    add(store, pl.DataFrame({"user_id": ["bob"], "item_id": ["new"], "event": ["view_item"]}))
    assert place.open().events.read_all()["user_id"].to_list().count("bob") == 1
