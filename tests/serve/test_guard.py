"""Who may do what, and how much of it."""

import pytest

from endcap.shop import Shop


@pytest.fixture
def app(folder):
    """A function that serves the shop, with settings changed."""
    from contextlib import ExitStack

    from fastapi.testclient import TestClient

    from endcap.serve.app import create_app

    with ExitStack() as stack:

        def serve(settings="", base_url="http://127.0.0.1"):
            with (folder / "endcap.toml").open("a") as file:
                file.write(settings)
            client = TestClient(create_app(folder), base_url=base_url, raise_server_exceptions=False)
            return stack.enter_context(client)

        yield serve


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def test_a_scope_allows_what_it_says(app, folder):
    keys = Shop(folder).store.keys
    browser, pages, boss = (keys.create(s, (s,)) for s in ("events", "recommend", "admin"))
    client = app()
    event = {"event": "view_item", "user_id": "u1", "item_id": "i01"}
    asks = {
        "events": lambda h: client.post("/api/v1/events", json=event, headers=h),
        "recommend": lambda h: client.post("/api/v1/recommend", json={}, headers=h),
        "admin": lambda h: client.get("/api/v1/users/u1", headers=h),
    }
    for name, ask in asks.items():
        assert ask({}).status_code == 401
        assert ask(bearer("ec_wrong")).status_code == 401
        for own, secret in (("events", browser), ("recommend", pages), ("admin", boss)):
            expected = 200 if own in (name, "admin") else 403
            assert ask(bearer(secret)).status_code == expected, (own, name)
    assert client.post("/api/v1/recommend", json={}, headers={"X-API-Key": pages}).status_code == 200
    assert client.post(f"/api/v1/events?key={browser}", json=event).status_code == 200, "as sendBeacon sends it"
    assert client.get(f"/api/v1/users/u1?key={boss}").status_code == 401, "an address is written into logs"
    assert client.get("/docs").status_code == 401
    assert client.get("/health/live").status_code == 200


def test_without_keys_only_this_machine_is_answered(app):
    client = app()
    assert client.get("/api/v1/surfaces").status_code == 200
    assert client.get("/api/v1/surfaces", headers={"Host": "evil.example"}).status_code == 403


def test_who_asks_too_often_waits(app):
    client = app("\n[serve]\nrate = 5\n")
    codes = [client.get("/health/live").status_code for _ in range(12)]
    assert codes[:5] == [200] * 5
    assert 429 in codes
    last = client.get("/health/live")
    assert int(last.headers["retry-after"]) >= 1


def test_what_is_too_long_is_refused(app):
    client = app("\n[serve]\nmost_bytes = 2000\n")
    long = {"history": ["i01"] * 900}
    assert client.post("/api/v1/recommend", json=long).status_code == 413

    kind = {"Content-Type": "application/json"}

    def pieces():
        yield b'{"history": ["'
        for _ in range(100):
            yield b"x" * 100
        yield b'"]}'

    assert client.post("/api/v1/recommend", content=pieces(), headers=kind).status_code == 413, (
        "without a length as well"
    )


def test_headers_that_browsers_want(app):
    answer = app().get("/health/live", headers={"X-Request-ID": "mine"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"] == "mine"


def test_pages_of_named_origins_may_ask(app):
    client = app('\n[serve]\norigins = ["https://shop.example"]\n')
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    good = client.options("/api/v1/recommend", headers={"Origin": "https://shop.example", **ask})
    assert good.headers["access-control-allow-origin"] == "https://shop.example"
    bad = client.options("/api/v1/recommend", headers={"Origin": "https://evil.example", **ask})
    assert "access-control-allow-origin" not in bad.headers


def test_nothing_of_the_servers_inside_leaves_it(app, monkeypatch):
    from endcap.serve.live import Live

    client = app()

    def broken(*_, **__):
        raise RuntimeError("a secret path /srv/endcap")

    monkeypatch.setattr(Live, "request", broken)
    answer = client.post("/api/v1/recommend", json={"user_id": "u1"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
