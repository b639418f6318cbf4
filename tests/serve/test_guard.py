"""Who may do what, and how much of it."""

from urllib.parse import quote

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
    answers = [client.get("/health/live") for _ in range(40)]
    assert [one.status_code for one in answers[:5]] == [200] * 5
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert all(int(one.headers["retry-after"]) >= 1 for one in refused)


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


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "testserver"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 proxy"},
        {"X-Real-IP": "203.0.113.9"},
    ],
)
def test_without_keys_nobody_elsewhere_is_answered_whatever_stands_between(app, headers):
    client = app()
    for path in ("/", "/api/v1/users/u1", "/docs", "/metrics"):
        assert client.get(path, headers=headers).status_code == 403


def test_an_address_elsewhere_isnt_answered_without_keys(folder):
    from fastapi.testclient import TestClient

    from endcap.serve.app import create_app

    for address, expected in (("203.0.113.9", 403), ("::ffff:203.0.113.9", 403), ("127.0.0.1", 200), ("::1", 200)):
        with TestClient(create_app(folder), base_url="http://127.0.0.1", client=(address, 1234)) as client:
            assert client.get("/api/v1/surfaces").status_code == expected, address


EVIL = ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"})


@pytest.mark.parametrize("headers", EVIL)
def test_another_sites_page_cant_change_anything(app, headers):
    client = app()
    event = {"event": "view_item", "user_id": "u1", "item_id": "i01"}
    assert client.post("/api/v1/events", json=event, headers=headers).status_code == 403
    assert client.delete("/api/v1/users/u1", headers=headers).status_code == 403
    assert client.post("/login", data={"key": "x"}, headers=headers).status_code == 403


def test_nor_with_somebodys_cookie(app, folder):
    boss = Shop(folder).store.keys.create("boss", ("admin",))
    client = app('\n[serve]\norigins = ["https://shop.example"]\n')
    client.post("/login", data={"key": boss}, headers={"Origin": "http://127.0.0.1"})
    assert client.get("/api/v1/users/u1").status_code == 200
    for headers in (*EVIL, {"Origin": "https://shop.example"}, {"Sec-Fetch-Site": "same-site"}):
        assert client.delete("/api/v1/users/u1", headers=headers).status_code == 403
    assert client.delete("/api/v1/users/u1", headers={"Origin": "http://127.0.0.1"}).status_code == 200


def test_a_page_that_is_named_may_send_with_its_key_or_without_any(app, folder):
    event = {"event": "view_item", "user_id": "u1", "item_id": "i01"}
    shop = {"Origin": "https://shop.example"}
    client = app('\n[serve]\norigins = ["https://shop.example"]\n')
    assert client.post("/api/v1/events", json=event, headers=shop).status_code == 200
    web = Shop(folder).store.keys.create("web", ("events",))
    client = app()
    assert client.post("/api/v1/events", json=event, headers=bearer(web) | shop).status_code == 200


def test_log_ins_are_limited(app, folder):
    boss = Shop(folder).store.keys.create("boss", ("admin",))
    client = app()
    codes = [client.post("/login", data={"key": f"guess {n}"}).status_code for n in range(12)]
    assert codes[:10] == [401] * 10
    assert codes[-1] == 429
    assert client.post("/login", data={"key": boss}, follow_redirects=False).status_code == 429
    assert client.get("/api/v1/users/u1", headers=bearer(boss)).status_code == 200, "programs go on"


def test_keys_that_cant_be_read_arent_no_keys(folder, monkeypatch):
    from contextlib import ExitStack

    from fastapi.testclient import TestClient

    from endcap.errors import StorageError
    from endcap.serve.app import create_app
    from endcap.store.keys import Keys

    def away(_):
        raise StorageError("gone")

    with ExitStack() as running:
        with monkeypatch.context() as patch:
            patch.setattr(Keys, "all", away)  # from the start on: once they were read, they are known
            client = running.enter_context(TestClient(create_app(folder), base_url="http://127.0.0.1"))
            refused = client.get("/api/v1/users/u1")
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
            assert client.get("/health/live").status_code == 200
        assert client.get("/api/v1/users/u1").status_code == 200


def test_json_as_deep_as_it_is_long_is_no_failure(app):
    client = app()
    kind = {"Content-Type": "application/json"}
    for deep in ("[" * 500_000, '{"a":' * 200_000, '{"events": [' + "[" * 100_000 + "]" * 100_000 + "]}"):
        for path in ("/api/v1/events:batch", "/api/v1/recommend", "/api/v1/products:batch"):
            answer = client.post(path, content=deep.encode(), headers=kind)
            assert answer.status_code in (400, 422), (path, deep[:20], answer.status_code)
            assert answer.headers["content-type"] == "application/problem+json"


def test_who_sends_a_body_too_slowly_is_not_waited_for(app, monkeypatch):
    import asyncio

    from endcap.serve import guard

    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    client = app()
    said = []

    async def ask():
        async def receive():
            await asyncio.sleep(30)

        async def send(message):
            said.append(message)

        headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", b"100")]
        scope = {"type": "http", "method": "POST", "path": "/api/v1/recommend", "raw_path": b"/api/v1/recommend",
                 "query_string": b"", "headers": headers, "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80),
                 "scheme": "http", "http_version": "1.1", "root_path": ""}  # fmt: skip
        await asyncio.wait_for(client.app(scope, receive, send), 10)

    client.portal.call(ask)
    assert said[0]["status"] == 408


def test_ids_of_every_kind_are_only_values(app):
    client = app()
    evil = "x'; DROP TABLE events; --"
    for user in (evil, '"', "a\\", "50%", "<script>", "_%", "😀"):
        sent = client.post("/api/v1/events", json={"event": "view_item", "user_id": user, "item_id": "i01"})
        assert sent.status_code == 200
        found = client.get(f"/api/v1/users/{quote(user, safe='')}").json()
        assert found.get("events"), (user, found)
        assert [event["user_id"] for event in found["events"]] == [user]
    assert client.get("/api/v1/users/u1").json()["events"], "nothing else is gone"


def test_a_broken_store_tells_nothing_on_pages_either(app, monkeypatch):
    from endcap.errors import StorageError
    from endcap.store.answers import Answers
    from endcap.store.event_store import EventStore

    client = app()

    def broken(*_, **__):
        raise StorageError("/srv/secret/store.sqlite failed")

    def worse(*_, **__):
        raise RuntimeError("postgresql://me:password@db")

    for error, status in ((broken, 503), (worse, 500)):
        for holder in (Answers, EventStore):
            for name in ("given", "last", "feedback"):
                if hasattr(holder, name):
                    monkeypatch.setattr(holder, name, error)
        page = client.get("/", headers={"Accept": "text/html"})
        assert page.status_code == status
        assert page.headers["content-type"].startswith("text/html")
        assert "frame-ancestors" in page.headers["content-security-policy"]
        assert page.headers["x-request-id"] in page.text
        for secret in ("secret", "password", "Traceback"):
            assert secret not in page.text
