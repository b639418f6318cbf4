from datetime import datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from endcap.errors import DataError, ShopError

WHEN = datetime(2026, 1, 1, 12, 30, 0, 123456)


def test_events_come_back_as_they_went_in(store, add):
    given = pl.DataFrame(
        {
            "user_id": [3, 5, -7],
            "item_id": ["00123", 'quote " comma , line\nend', "x"],
            "event": ["purchase", "view_item", "share"],
            "timestamp": [WHEN, datetime(1970, 1, 1), datetime(2038, 6, 1)],
            "quantity": [1.0, None, 0.1 + 0.2],
            "price": [1e-9, 99.95, None],
            "session_id": ["s", None, "é"],
            "transaction_id": [None, "00001", "t"],
            "event_id": ["e1", None, "e3"],
        }
    )
    done = add(store, given)
    assert (done.number, done.new, done.known) == (1, 3, 0)
    assert_frame_equal(store.events.read().frame, given)


def test_imports_add_up_and_columns_may_differ(store, add):
    add(store, {"user_id": [1, 2], "item_id": ["a", "b"]})
    add(store, {"user_id": [3], "item_id": ["a"], "quantity": [2], "timestamp": [WHEN]})
    frame = store.events.read().frame
    assert frame["user_id"].to_list() == [1, 2, 3]
    assert frame["quantity"].to_list() == [None, None, 2.0]
    assert frame["timestamp"].to_list() == [None, None, WHEN]
    assert "price" not in frame.columns


def test_the_same_rows_again_change_nothing(store, add):
    rows = {"user_id": ["u", "u", "v"], "item_id": ["a", "a", "b"], "timestamp": [WHEN, WHEN, None]}
    assert add(store, rows).new == 3  # the first two are two purchases
    again = add(store, rows)
    assert (again.new, again.known) == (0, 3)
    assert len(store.events.read()) == 3


def test_a_file_that_grew_adds_what_is_new(store, add):
    old = pl.DataFrame({"user_id": [1, 1, 2], "item_id": [5, 5, 6], "event": "purchase", "timestamp": [WHEN] * 3})
    add(store, old)
    grown = pl.concat([old, old[:1], old.with_columns(item_id=pl.lit(9, pl.Int64))])
    done = add(store, grown)
    assert (done.new, done.known) == (4, 3)
    assert store.events.read().frame["item_id"].to_list() == [5, 5, 6, 5, 9, 9, 9]


def test_rows_are_counted_anew_in_each_file_of_an_import(store, add):
    day = {"user_id": [1, 1], "item_id": [5, 5], "timestamp": [WHEN, WHEN]}
    overlapping = {"user_id": [1, 1, 1], "item_id": [5, 5, 5], "timestamp": [WHEN, WHEN, WHEN]}
    assert add(store, day, overlapping, day).new == 3


def test_batches_of_one_file_are_counted_together(store, add):
    rows = pl.DataFrame({"user_id": [1] * 6, "item_id": [5] * 6, "event": "purchase", "timestamp": [WHEN] * 6})
    add(store, rows[:4])
    batches = [(rows[:3], 0), (rows[3:], 0)]
    done = store.events.add(batches, lambda: pl_events(rows), source="")
    assert (done.new, done.known) == (2, 4)


def pl_events(rows):
    from endcap.data.events import Events

    return Events(rows.clear())


def test_an_event_id_is_stored_once(store, add):
    add(store, {"user_id": [1, 1], "item_id": [5, 6], "event_id": ["e1", None]})
    done = add(store, {"user_id": [1, 2, 2, 1], "item_id": [7, 7, 8, 6], "event_id": ["e1", "e2", "e2", None]})
    assert (done.new, done.known) == (1, 3)
    assert store.events.read().frame["item_id"].to_list() == [5, 6, 7]


@pytest.mark.parametrize(("first", "second"), [([1], ["x"]), (["x"], [1])])
def test_text_and_numbers_do_not_mix(store, add, first, second):
    add(store, {"user_id": first, "item_id": ["a"]})
    kinds = "numbers in what was imported before, but text" if first == [1] else "text in what .* but numbers"
    with pytest.raises(DataError, match=f"user_id is {kinds} in this file; .* a shop of its own"):
        add(store, {"user_id": second, "item_id": ["a"]})
    assert store.events.read().frame["user_id"].to_list() == first


def test_an_import_that_fails_half_way_leaves_nothing(store, add, place):
    add(store, {"user_id": [1], "item_id": ["a"]})

    def batches():
        yield pl.DataFrame({"user_id": range(60_000), "item_id": "b", "event": "purchase"}), 0
        raise DataError("the file is damaged further down")

    with pytest.raises(DataError):
        store.events.add(batches(), lambda: None, source="", fingerprint="f")
    assert len(place.open().events.read()) == 1
    assert store.events.find("f") is None


def test_fingerprints_tell_what_was_imported(store, add):
    assert store.events.find("abc") is None
    add(store, {"user_id": [1], "item_id": ["a"]}, fingerprint="abc")
    assert store.events.find("abc").events == 1


def test_no_events_yet_says_what_to_do(store):
    with pytest.raises(ShopError, match="endcap import"):
        store.events.read()


def test_the_newest_events_alone(store, add, monkeypatch):
    from datetime import datetime, timedelta

    from endcap.store import segments

    monkeypatch.setattr(segments, "FEWEST", 10)
    day = datetime(2026, 1, 1)
    for n in range(4):
        times = [day + timedelta(days=10 * n, hours=hour) for hour in range(11)]
        add(store, {"user_id": ["u"] * 11, "item_id": [f"i{n}"] * 11, "timestamp": times})
    add(store, {"user_id": ["v", "v"], "item_id": ["late", "never"], "timestamp": [day + timedelta(days=40), None]})
    since = int((day + timedelta(days=20, hours=5) - datetime(1970, 1, 1)).total_seconds() * 1e6)
    found = store.events.read_since(since)
    assert found["item_id"].to_list() == ["i2"] * 6 + ["i3"] * 11 + ["late"]
    assert store.events.read_since(since * 2).is_empty()
    assert (
        store.events.read_since(0)
        .sort("timestamp")
        .equals(store.events.read_all().drop_nulls("timestamp").sort("timestamp"))
    )
