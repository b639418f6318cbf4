"""A shop that is served before it has a model."""

import shutil
import time

import pytest
from fastapi.testclient import TestClient

from endcap.serve.app import create_app
from endcap.shop import Shop

JSON = "application/problem+json"


@pytest.fixture
def untrained(folder):
    """The shop with its events and products, and no model."""
    shutil.rmtree(folder / "models")
    return folder


@pytest.fixture
def client(untrained):
    with TestClient(create_app(untrained), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def test_it_lives_takes_events_and_says_what_is_missing(client, untrained):
    assert client.get("/health/live").status_code == 200
    for answer in (
        client.get("/health/ready"),
        client.post("/api/v1/recommend", json={"user_id": "u1"}),
        client.get("/api/v1/recommend?surface=best-sellers"),
        client.post("/api/v1/rerank", json={"items": ["i01"]}),
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (503, JSON)
        assert "endcap train" in answer.json()["detail"]
        assert answer.headers["retry-after"]
    page = client.get("/", headers={"accept": "text/html"})
    assert page.status_code == 503
    assert "endcap train" in page.text
    assert "endcap_requests" in client.get("/metrics").text
    before = Shop(untrained).store.events.last()
    event = {"event": "view_item", "user_id": "u1", "item_id": "i03", "event_id": "first"}
    assert client.post("/api/v1/events", json=event).json() == {"event_id": "first", "status": "stored"}
    assert client.post("/api/v1/events", json=event | {"event_id": "2", "consent": False}).json()["status"] == "used"
    assert client.put("/api/v1/products/i40", json={"title": "New", "product_type": "Type 1"}).json()["new"] == 1
    assert Shop(untrained).store.events.last() == before + 1


def test_the_first_model_is_in_use_without_a_restart(client, untrained):
    client.put("/api/v1/products/i40", json={"title": "New", "product_type": "Type 1"})
    version = Shop(untrained).train().version
    client.post("/api/v1/events", json={"event": "purchase", "user_id": "guest", "item_id": "i03", "event_id": "e"})
    until = time.monotonic() + 20
    while client.get("/health/ready").status_code == 503 and time.monotonic() < until:
        time.sleep(0.05)
    assert client.get("/health/ready").json()["model_version"] == version
    answer = client.post("/api/v1/recommend", json={"user_id": "guest"}).json()
    assert not answer["fallback_used"], "what was sent before the model was there counts"
    assert client.get("/api/v1/products/i40").json()["title"] == "New"
    client.patch("/api/v1/products/i40/inventory", json={"availability": "out_of_stock"})
    assert client.get("/api/v1/products/i40").json()["availability"] == "out_of_stock"


def test_an_empty_shop_takes_its_ids_from_the_first_event(tmp_path):
    from endcap.config import Config

    shop = Shop.create(tmp_path / "empty", Config(name="empty"))
    with TestClient(create_app(shop.folder), base_url="http://127.0.0.1") as client:
        for number in range(3):
            event = {"event": "view_item", "user_id": 7, "item_id": 10 + number}
            assert client.post("/api/v1/events", json=event).json()["status"] == "stored"
        as_text = {"event": "view_item", "user_id": "8", "item_id": "12"}
        assert client.post("/api/v1/events", json=as_text).json()["status"] == "stored"
    assert Shop(shop.folder).events.frame["user_id"].to_list() == [7, 7, 7, 8]
