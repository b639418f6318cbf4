"""Events over HTTP."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from endcap.errors import StorageError
from endcap.shop import Shop


def send(client, **event):
    answer = client.post("/api/v1/events", json={"event": "view_item", **event})
    assert answer.status_code == 200, answer.text
    return answer.json()


def shown(client, **body):
    return client.post("/api/v1/recommend", json=body).json()


def stored(folder):
    return Shop(folder).store.events.read_all()


def test_an_event_is_on_disk_and_changes_the_next_answer(client, folder):
    before = shown(client, user_id="newcomer")
    assert before["fallback_used"]
    said = send(client, user_id="newcomer", item_id="i03", event_id="e1", timestamp="2026-05-01T10:00:00+02:00")
    assert said == {"event_id": "e1", "status": "stored"}
    [row] = stored(folder).filter(pl.col("user_id") == "newcomer").to_dicts()
    assert (row["item_id"], row["event"], row["timestamp"]) == ("i03", "view_item", datetime(2026, 5, 1, 8))
    after = shown(client, user_id="newcomer")
    assert not after["fallback_used"]
    assert [one["item_id"] for one in after["results"]] != [one["item_id"] for one in before["results"]]
    assert shown(client, surface="recently-viewed", user_id="newcomer", k=1)["results"][0]["item_id"] == "i03"


def test_sent_twice_is_stored_once(client, folder):
    n = len(stored(folder))
    assert send(client, user_id="u1", item_id="i03", event_id="same")["status"] == "stored"
    assert send(client, user_id="u1", item_id="i03", event_id="same")["status"] == "known"
    assert len(stored(folder)) == n + 1


def test_of_a_batch_each_is_judged_for_itself(client, folder):
    n = len(stored(folder))
    events = [
        {"event": "purchase", "user_id": "u1", "item_id": "i01", "event_id": "a", "quantity": 2, "price": 3.5},
        {"event": "buy!", "user_id": "u1", "item_id": "i01"},
        {"event": "purchase", "item_id": "i01"},
        {"event": "purchase", "user_id": "u1", "item_id": "i01", "event_id": "a"},
        {"event": "view_item", "user_id": "u1", "item_id": "i02", "timestamp": 1.7e9},
        {"event": "view_item", "user_id": "u1", "item_id": "i02", "timestamp": "2099-01-01"},
        {"event": "view_item", "user_id": "u1", "item_id": "i02", "quantity": -1},
        "nonsense",
    ]
    said = client.post("/api/v1/events:batch", json={"events": events}).json()
    assert [one["status"] for one in said["results"]] == [
        "stored", "refused", "refused", "known", "stored", "refused", "refused", "refused",
    ]  # fmt: skip
    assert said["refused"] == 5
    assert "event 2: an event needs a user_id or an anonymous_id" in said["results"][2]["error"]
    assert "between 1990 and tomorrow" in said["results"][5]["error"]
    assert len(stored(folder)) == n + 2
    assert client.post("/api/v1/events:batch", json={"events": events * 200}).status_code == 422


def test_feedback_is_kept_apart(client, folder):
    answer = shown(client, user_id="u1")
    n = len(stored(folder))
    send(client, event="impression", user_id="u1", item_id="i01", recommendation_id=answer["recommendation_id"])
    send(client, event="select_item", user_id="u1", item_id="i01", recommendation_id=answer["recommendation_id"])
    send(client, event="purchase", user_id="u1", item_id="i01", recommendation_id=answer["recommendation_id"], price=2)
    assert len(stored(folder)) == n + 1, "a purchase is an event, and feedback as well"
    feedback = Shop(folder).store.answers.feedback()
    assert feedback["event"].to_list() == ["impression", "click", "purchase"]
    assert set(feedback["recommendation_id"]) == {answer["recommendation_id"]}


def test_a_visitor_who_logs_in_brings_the_history_along(client):
    send(client, anonymous_id="cookie", item_id="i03")
    assert shown(client, user_id="fresh")["fallback_used"]
    merged = client.post("/api/v1/users/fresh:merge", json={"anonymous_id": "cookie"})
    assert merged.json()["status"] == "merged"
    assert not shown(client, user_id="fresh")["fallback_used"]
    send(client, anonymous_id="cookie", item_id="i05")
    latest = shown(client, surface="recently-viewed", user_id="fresh", k=2)
    assert [one["item_id"] for one in latest["results"]] == ["i05", "i03"]
    assert shown(client, anonymous_id="cookie")["results"] == shown(client, user_id="fresh")["results"]


def test_without_consent_it_is_used_and_stored_nowhere(client, folder):
    n = len(stored(folder))
    assert send(client, anonymous_id="shy", item_id="i03", consent=False)["status"] == "used"
    assert not shown(client, anonymous_id="shy", consent=False)["fallback_used"]
    assert len(stored(folder)) == n
    files = [file.read_bytes() for file in folder.glob("store.sqlite*")]
    assert all(b"shy" not in content for content in files)


def test_all_that_is_stored_and_nothing_after_it_is_forgotten(client, folder):
    send(client, user_id="ann", item_id="i03", event_id="ann-1")
    found = client.get("/api/v1/users/ann").json()
    assert found["events"][0]["item_id"] == "i03"
    receipt = client.delete("/api/v1/users/ann").json()
    assert receipt["events"] == 1
    assert client.get("/api/v1/users/ann").status_code == 404
    assert shown(client, user_id="ann")["fallback_used"], "nor is anything of it in memory"
    assert Shop(folder).store.keys.audit()[0]["action"] == "forget"


def test_while_the_store_cant_be_written_answers_go_on(client, monkeypatch):
    from endcap.store.event_store import EventStore

    def full(*_):
        error = StorageError("the disk is full, so /srv/shop/store.sqlite can't be written")
        error.public = "the disk is full"
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(EventStore, "append", full)
        answer = client.post("/api/v1/events", json={"event": "view_item", "user_id": "u1", "item_id": "i01"})
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.json()["detail"] == "the disk is full", "no names of the server's files"
        assert shown(client, user_id="u1")["results"]
    assert send(client, user_id="u1", item_id="i01")["status"] == "stored"


def test_one_bad_event_is_not_its_neighbours_failure(client):
    events = [{"event": "view_item", "user_id": "u1", "item_id": "i01", "event_id": f"n{n}"} for n in range(3)]
    events[1]["user_id"] = "\x00"
    said = client.post("/api/v1/events:batch", json={"events": events}).json()
    assert [one["status"] for one in said["results"]] == ["stored", "refused", "stored"]


@pytest.mark.parametrize("time", [datetime.now(UTC) + timedelta(hours=2), 1_700_000_000, "2026-01-01T00:00:00"])
def test_times_of_every_kind(client, time):
    given = time.isoformat() if isinstance(time, datetime) else time
    assert send(client, user_id="u1", item_id="i01", timestamp=given)["status"] == "stored"
