"""Products over HTTP."""


def items(client, **body):
    return [one["item_id"] for one in client.post("/api/v1/recommend", json=body).json()["results"]]


def test_stock_is_in_force_for_the_next_answer(client):
    first = items(client, user_id="u1")[0]
    path = f"/api/v1/products/{first}/inventory"
    assert client.patch(path, json={"availability": "out_of_stock"}).json()["changed"] == 1
    assert first not in items(client, user_id="u1")
    client.patch(path, json={"availability": "in_stock", "price": 9.5})
    assert items(client, user_id="u1")[0] == first
    assert client.get(f"/api/v1/products/{first}").json()["price"] == 9.5


def test_a_product_comes_and_goes(client):
    new = {"title": "Lamp", "price": 12.5, "product_type": "Type 1", "colours": ["red", "blue"], "depth": 3}
    assert client.put("/api/v1/products/lamp", json=new).json()["new"] == 1
    assert items(client, surface="new-arrivals", k=1) == ["lamp"]
    assert items(client, surface="new-arrivals", k=1, filter='colours CONTAINS "red"') == ["lamp"]
    assert client.patch("/api/v1/products/lamp", json={"title": "A lamp"}).json()["changed"] == 1
    assert client.get("/api/v1/products/lamp").json()["title"] == "A lamp"
    client.patch("/api/v1/products/lamp", json={"hidden": True})
    assert "lamp" not in items(client, surface="new-arrivals", k=5)
    assert client.delete("/api/v1/products/lamp").json()["status"] == "removed"
    assert client.get("/api/v1/products/lamp").status_code == 404
    assert client.delete("/api/v1/products/lamp").status_code == 404


def test_many_at_once_or_none(client):
    rows = [{"item_id": f"n{n}", "title": f"N {n}", "price": n} for n in range(50)]
    assert client.post("/api/v1/products:batch", json={"products": rows}).json() == {"new": 50, "changed": 0}
    assert client.get("/api/v1/products/n7").json()["price"] == 7
    wrong = [{"item_id": "m1", "price": 1}, {"title": "no id"}]
    answer = client.post("/api/v1/products:batch", json={"products": wrong})
    assert (answer.status_code, answer.json()["detail"]) == (422, "product 1 has no item_id")
    assert client.get("/api/v1/products/m1").status_code == 404


def test_what_cant_be_is_refused(client):
    for path, body in (
        ("/api/v1/products/i01/inventory", {}),
        ("/api/v1/products/i01/inventory", {"price": -1}),
        ("/api/v1/products/i01/inventory", {"availability": "maybe"}),
        ("/api/v1/products/i01", {"price": -1}),
        ("/api/v1/products/i01", {"title": ["a", "b"]}),
    ):
        assert client.patch(path, json=body).status_code == 422, body
    assert client.patch("/api/v1/products/no-such/inventory", json={"price": 1}).status_code == 404


def test_what_new_products_are_like_is_found_beside_the_requests(client):
    import time

    live = client.app.state.server.live

    def kin():
        until = time.monotonic() + 20
        while live.lacks_kin or live.engine.sources.likeness.kin is None:
            assert time.monotonic() < until
            time.sleep(0.05)
        return live.engine.sources.likeness.kin

    assert {live.engine.shelf.ids[row] for row in kin().rows} == {"i30", "i31"}
    news = {"title": "Product 99", "product_type": "Type 1", "availability": "in_stock"}
    assert client.put("/api/v1/products/i99", json=news).status_code in (200, 201)
    arrivals = client.get("/api/v1/recommend", params={"surface": "new-arrivals"}).json()["results"]
    assert "i99" in {one["item_id"] for one in arrivals}, "at once"
    assert {live.engine.shelf.ids[row] for row in kin().rows} == {"i30", "i31", "i99"}
