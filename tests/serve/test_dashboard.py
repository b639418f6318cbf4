"""The dashboard."""

from endcap.shop import Shop


def test_every_page_answers(client):
    answer = client.post("/api/v1/recommend", json={"user_id": "u1", "k": 3}).json()
    own = {"user_id": "u1", "item_id": answer["results"][0]["item_id"]}
    client.post("/api/v1/events", json={"event": "click", "recommendation_id": answer["recommendation_id"], **own})
    for path, words in (
        ("/", ("answers in 24 hours", "Newest events", "u59")),
        ("/models", ("the first model of this shop", answer["model_version"])),
        ("/shopper?user=u1", ("recommended-for-you", "again and again", "What the shopper did")),
        ("/shopper?user=u1&surface=trending&filter=price+%3C+9&diversity=0.5", ("With your filter", "Product ")),
        ("/shopper?item=i03", ("similar-items", "frequently-bought-together")),
    ):
        page = client.get(path)
        assert page.status_code == 200, path
        assert page.headers["content-type"].startswith("text/html")
        assert "frame-ancestors" in page.headers["content-security-policy"]
        for word in words:
            assert word in page.text, (path, word)
        assert page.text.count("<script") == 1, "the dashboard's own file, nothing in the page"
        assert "style=" not in page.text


def test_looking_counts_for_nothing(client, folder):
    client.get("/shopper?user=u1")
    assert Shop(folder).store.answers.given().is_empty()


def test_what_people_type_is_escaped(client):
    evil = "<img src=x onerror=alert(1)>"
    client.put("/api/v1/products/i01", json={"title": evil})
    client.post("/api/v1/events", json={"event": "view_item", "user_id": evil, "item_id": "i01"})
    for path in ("/", f"/shopper?user={evil}", f"/shopper?user=u1&filter={evil}", "/shopper?user=u1&item=i03"):
        text = client.get(path).text
        assert "<img" not in text, path


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
