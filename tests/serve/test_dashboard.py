"""The dashboard."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from endcap.serve.dashboard.trend import sparkline
from endcap.shop import Shop


def test_every_page_answers(client):
    answer = client.post("/api/v1/recommend", json={"user_id": "u1", "k": 3}).json()
    own = {"user_id": "u1", "item_id": answer["results"][0]["item_id"]}
    client.post("/api/v1/events", json={"event": "click", "recommendation_id": answer["recommendation_id"], **own})
    for path, words in (
        ("/", ("answers in 24 hours", "Newest events", "u59")),
        ("/models", ("the first model of this shop", answer["model_version"])),
        ("/shopper?user=u1", ("recommended-for-you", "again and again", "What the shopper did")),
        ("/shopper?user=u1&surface=trending&filter=price+%3C+9&diversity=0.5", ("With what you try", "Product ")),
        ("/arrivals", ("u59", "purchase", 'data-news="/arrivals/rows"', "events in all")),
        ("/arrivals/rows", ("u59", "purchase")),
        ("/monitors", ("Nobody has looked yet",)),
        ("/doctor", ("Nothing was checked yet", "Check again")),
        ("/audit", ("Nothing was done yet",)),
        ("/shopper?item=i03", ("similar-items", "frequently-bought-together")),
    ):
        page = client.get(path)
        assert page.status_code == 200, path
        assert page.headers["content-type"].startswith("text/html")
        assert "frame-ancestors" in page.headers["content-security-policy"]
        for word in words:
            assert word in page.text, (path, word)
        if path != "/arrivals/rows":
            assert page.text.count("<script") == 1, "the dashboard's own file, nothing in the page"
        assert "style=" not in page.text


def test_looking_counts_for_nothing(client, folder):
    client.get("/shopper?user=u1")
    assert Shop(folder).store.answers.given().is_empty()


def test_what_people_type_is_escaped(client):
    evil = "<img src=x onerror=alert(1)>"
    client.put("/api/v1/products/i01", json={"title": evil})
    client.post("/api/v1/events", json={"event": "view_item", "user_id": evil, "item_id": "i01"})
    client.delete("/api/v1/products/i02", headers={"X-Request-ID": "x"})
    client.put(f"/api/v1/products/{quote(evil, safe='')}", json={"title": evil, "link": "javascript:alert(1)"})
    tried = f"/shopper?user=u1&surface=trending&boost={quote(evil)}&item={quote(evil)}"
    for path in (
        "/",
        "/arrivals",
        "/arrivals/rows",
        "/audit",
        tried,
        f"/shopper?user={evil}",
        f"/shopper?user=u1&filter={evil}",
        "/shopper?user=u1&item=i03",
    ):
        text = client.get(path).text
        assert "<img" not in text, path
        assert "javascript:" not in text, path


def test_a_wrong_filter_is_pointed_at(client):
    text = client.get("/shopper?user=u1&surface=trending&filter=price+%3C+%3C+3").text
    assert "price &lt; &lt; 3" in text
    assert 'role="alert"' in text


def test_log_in(folder):
    from fastapi.testclient import TestClient

    from endcap.serve.app import create_app

    keys = Shop(folder).store.keys
    boss, weak = keys.create("boss", ("admin",)), keys.create("web", ("recommend",))
    with TestClient(create_app(folder), base_url="http://127.0.0.1", follow_redirects=False) as client:
        sent = client.get("/", headers={"Accept": "text/html"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/login")
        assert "password" in client.get("/login").text
        for wrong in ("", weak, "nonsense"):
            assert client.post("/login", data={"key": wrong}).status_code == 401
        right = client.post("/login", data={"key": boss})
        assert right.status_code == 303
        cookie = right.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/").status_code == 200
        assert client.get("/", headers={"Accept": "text/html"}).text.count("Log out") == 1
        out = client.post("/logout")
        assert (out.status_code, out.headers["location"]) == (303, "/login")
        assert client.get("/", headers={"Accept": "text/html"}).status_code == 303
        audit = [entry["action"] for entry in Shop(folder).store.keys.audit()]
        assert audit == ["log in"]


def test_behind_https_the_cookie_is_for_https_alone(folder):
    from fastapi.testclient import TestClient

    from endcap.serve.app import create_app

    boss = Shop(folder).store.keys.create("boss", ("admin",))
    with TestClient(create_app(folder), base_url="https://shop.example", follow_redirects=False) as client:
        assert "secure" in client.post("/login", data={"key": boss}).headers["set-cookie"].lower()


def test_a_boost_moves_products_and_says_which(client):
    path = "/shopper?user=u1&surface=recommended-for-you&boost=product_type+%3D+%22Type+1%22&factor=1000"
    text = client.get(path).text
    tried = text.partition("With what you try")[2].partition("</section>")[0]
    first = tried.partition("<li>")[2]
    number = int(first.partition("Product ")[2].partition(" ")[0])
    assert number % 4 == 1, "of the type that counts more"
    assert "▲" in tried or ">new<" in tried
    gone = client.get("/shopper?user=u1&surface=trending&filter=price+%3C+4").text
    assert "No longer:" in gone


def test_a_filter_that_nothing_passes_is_no_blank(client):
    assert "Nothing: no product passes." in client.get("/shopper?surface=trending&filter=price+%3C+0").text


def test_days_are_drawn(client, folder):
    now = datetime.now(UTC)
    for day in range(3):
        for n in range(day + 1):
            event = {"event": "purchase", "user_id": "u1", "item_id": "i01", "event_id": f"{day}-{n}"}
            client.post("/api/v1/events", json=event | {"timestamp": (now - timedelta(days=day)).isoformat()})
    text = client.get("/").text
    assert 'aria-label="purchases over 28 days: 1 to 3 a day"' in text
    assert "The same as a table" in text


def test_a_line_has_gaps_where_nothing_is_known():
    drawn = sparkline([None, 1.0, 2.0, None, 0.0], "told")
    path = drawn.partition(' d="')[2].partition('"')[0]
    assert path.count("M") == 2
    assert path.count("L") == 1
    assert 'class="end"' in drawn
    assert "<path" not in sparkline([None, None], "nothing")


def test_monitors_are_told_on_the_first_page(client, folder):
    shop = Shop(folder)
    shop.store.alarms.keep(
        {
            name: (state, {"shown": "9 %", "threshold": "5 % / 25 %", "told": f"<b>{name}</b> says this"})
            for name, state in (("coverage", "fine"), ("events", "alarm"), ("short_answers", "warn"))
        }
    )
    page = client.get("/monitors").text
    assert page.index("events") < page.index("short_answers") < page.index("coverage")
    first = client.get("/").text
    assert "&lt;b&gt;events" in first
    assert "coverage&lt;" not in first


@pytest.mark.heavy
def test_the_doctor_is_asked_beside_the_requests(client, folder):
    import time

    assert client.post("/doctor", follow_redirects=False).status_code == 303
    assert "under way" in client.get("/doctor").text
    deadline = time.monotonic() + 300
    while "under way" in client.get("/doctor").text and time.monotonic() < deadline:
        time.sleep(0.5)
    text = client.get("/doctor").text
    assert "Checked on" in text
    assert "What the data are enough for" in text


def test_what_the_doctor_says_is_kept_with_its_time(client, folder):
    import json

    finding = {"check": "bots", "what": "<i>u1</i> did too much", "remedy": "set it aside", "rule": {"rule": "x"}}
    finding["example"] = {"user_id": "u1"}
    kept = {"at": "2026-11-01T10:00:00+00:00", "found": {"findings": [finding], "surfaces": []}}
    (folder / "doctor.json").write_text(json.dumps(kept))
    text = client.get("/doctor").text
    assert "Checked on 2026-11-01 at 10:00" in text
    assert "&lt;i&gt;u1" in text
    (folder / "doctor.json").write_text("torn")
    assert "Nothing was checked yet" in client.get("/doctor").text


def test_who_looks_at_a_shopper_is_written_down(client, folder):
    client.get("/api/v1/users/u1")
    client.delete("/api/v1/users/u1")
    assert [entry["action"] for entry in Shop(folder).store.keys.audit()] == ["forget", "show"]
    assert "forget" in client.get("/audit").text
