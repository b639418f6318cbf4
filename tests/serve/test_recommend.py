"""Recommendations over HTTP."""

import polars as pl

from endcap.shop import Shop

JSON = {"Content-Type": "application/json"}


def post(client, path="/api/v1/recommend", **body):
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def items(answer):
    return [one["item_id"] for one in answer["results"]]


def test_an_answer_has_all_that_is_promised(client, folder):
    answer = post(client, user_id="u1", k=4, explain=True, return_products=True)
    assert answer["surface"] == "recommended-for-you"
    assert answer["model_version"] == Shop(folder).models.champion()
    assert answer["fallback_used"] is False
    assert answer["took_ms"] > 0
    assert [one["rank"] for one in answer["results"]] == [1, 2, 3, 4]
    first = answer["results"][0]
    assert first["product"]["title"] == f"Product {int(first['item_id'][1:])}"
    assert {one["reason"]["code"] for one in answer["results"]} <= {"because", "buy_again"}
    assert any(one["reason"]["because"] for one in answer["results"])


def test_every_surface_answers(client):
    for surface in client.get("/api/v1/surfaces").json():
        answer = post(client, surface=surface, user_id="u2", context_items=["i03"], k=5)
        assert len(items(answer)) == 5, surface
        assert "i03" not in items(answer)


def test_the_address_says_the_same(client):
    by_body = post(client, surface="similar-items", context_items=["i03"], user_id="u1", k=3)
    by_address = client.get("/api/v1/recommend?surface=similar-items&item_id=i03&user_id=u1&k=3").json()
    assert items(by_address) == items(by_body)


def test_many_at_once(client):
    asked = [{"user_id": f"u{n}", "k": 3} for n in range(4)]
    answers = post(client, "/api/v1/recommend:batch", requests=asked)["answers"]
    assert [items(one) for one in answers] == [items(post(client, **one)) for one in asked]


def test_a_search_result_is_put_into_order(client):
    given = ["i02", "i01", "i04", "i03", "nobody-knows"]
    ranked = items(post(client, "/api/v1/rerank", user_id="u1", items=given))
    assert sorted(ranked) == ["i01", "i02", "i03", "i04"]
    assert {int(item[1:]) % 2 for item in ranked[:2]} == {1}, "u1 buys the odd ones"


def test_a_filter_is_kept_and_its_mistake_pointed_at(client):
    answer = post(client, user_id="u1", filter="price < 10", k=5, return_products=True)
    assert all(one["product"]["price"] < 10 for one in answer["results"])
    wrong = client.post("/api/v1/recommend", json={"filter": "price < < 3"})
    assert wrong.status_code == 422
    assert wrong.headers["content-type"] == "application/problem+json"
    assert "^" in wrong.json()["detail"]


def test_why_it_was_shown_and_why_not(client):
    answer = post(client, user_id="u1", k=3, exclude=["i07"])
    shown, kept_out = items(answer)[0], "i07"
    ask = f"/api/v1/explain/{answer['recommendation_id']}/"
    said = client.get(ask + shown).json()
    assert said["shown_then"] is said["shown_now"] is True
    assert said["rank"] == 1
    assert client.get(ask + kept_out).json()["text"] == "filtered: the request excludes it"
    client.patch(f"/api/v1/products/{shown}/inventory", json={"availability": "out_of_stock"})
    said = client.get(ask + shown).json()
    assert (said["shown_then"], said["shown_now"]) == (True, False)
    assert said["text"] == "filtered: availability is out_of_stock"
    assert client.get(ask + "no-such").status_code == 404
    assert client.get("/api/v1/explain/no-such/i01").status_code == 404


def test_without_consent_nothing_is_written_down(client, folder):
    kept = post(client, user_id="u1", k=3)["recommendation_id"]
    gone = post(client, user_id="u1", k=3, consent=False)["recommendation_id"]
    assert client.get(f"/api/v1/explain/{kept}/i01").status_code == 200
    assert client.get(f"/api/v1/explain/{gone}/i01").status_code == 404


def test_answers_are_on_disk_when_the_server_has_ended(folder):
    from fastapi.testclient import TestClient

    from endcap.serve.app import create_app

    with TestClient(create_app(folder), base_url="http://127.0.0.1") as client:
        given = post(client, user_id="u1", k=3)
    found = Shop(folder).store.answers.find(given["recommendation_id"])
    assert found.items == items(given)
    assert (found.user, found.surface, found.model) == ("u1", "recommended-for-you", given["model_version"])


def test_what_cant_be_read_is_refused_in_plain_words(client):
    for body, status in (
        ({"k": 0}, 422),
        ({"k": 1001}, 422),
        ({"surprise": 1}, 422),
        ({"user_id": True}, 422),
        ({"surface": "attic"}, 404),
        ({"filter": "colour = 3"}, 422),
        ({"user_id": ""}, 422),
    ):
        answer = client.post("/api/v1/recommend", json=body)
        assert answer.status_code == status, body
        assert answer.json()["detail"]
    assert client.post("/api/v1/recommend", content=b"{", headers=JSON).status_code == 400
    for query in ("user_id=" + "0" * 300, "item_id=", "k=none"):
        assert client.get(f"/api/v1/recommend?{query}").status_code == 422, query
    assert client.get("/api/v1/nothing").json()["status"] == 404


def test_a_promoted_model_is_picked_up(client, folder):
    import time

    from endcap.models.popular import Popular

    before = post(client, user_id="u1")
    shop = Shop(folder)
    version = shop.models.add(Popular().fit(shop.interactions()), metrics={"exclude_seen": False})
    shop.models.promote(version, "a test")
    deadline = time.monotonic() + 20
    while post(client, user_id="u1")["model_version"] != version:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    after = post(client, user_id="u1")
    assert items(after) != items(before)
    assert len(items(after)) == 10


def test_the_catalogue_of_another_process_is_followed(client, folder):
    shown = items(post(client, user_id="u1"))
    other = Shop(folder)
    other.import_items(pl.DataFrame({"item_id": [shown[0]], "availability": ["out_of_stock"]}))
    assert shown[0] not in items(post(client, user_id="u1"))
    other.import_items(pl.DataFrame({"item_id": ["brand-new"], "title": ["New"], "product_type": ["Type 1"]}))
    assert "brand-new" in items(post(client, surface="new-arrivals", k=1))
