"""The demo shop in a real browser: every surface at work, and what a shopper does changes what is shown next."""

import json

import pytest

from ..browser import Served, chromium, stored_events, until

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def shop(folder):
    from endcap.serve.demo_shop.app import create_demo

    served = Served(lambda: create_demo(folder)).start()
    yield served.address + "/shop"
    served.stop()


@pytest.fixture
def page(browser):
    """A page of a phone's width; an error in the console fails the test."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert not wrong


def shown(page, surface):
    """The products of a surface, once it is drawn."""
    place = page.locator(f'[data-endcap="{surface}"]')
    place.locator("li").first.wait_for(state="attached")
    return [row.get_attribute("data-item") for row in place.locator("li").all()]


def test_a_visit_from_the_banner_to_the_purchase(page, shop, folder):
    page.goto(shop)
    page.get_by_role("button", name="Yes, remember").click()
    page.locator(".consent").wait_for(state="detached")
    for surface in ("recommended-for-you", "trending", "new-arrivals", "best-sellers"):
        assert len(shown(page, surface)) == 10
    assert page.locator('[data-endcap="recommended-for-you"] .endcap-reason').first.inner_text() == "a best-seller"
    assert page.locator('[data-endcap="recently-viewed"]').is_hidden()
    before = shown(page, "recommended-for-you")

    page.locator('[data-endcap="best-sellers"] li a').first.click()
    page.wait_for_url("**/shop/p/*")
    bought = page.url.rpartition("/")[2]
    assert len(shown(page, "similar-items")) == 10
    assert len(shown(page, "frequently-bought-together")) == 4
    assert page.locator('[data-endcap="frequently-bought-together"] .endcap-reason').first.inner_text()
    assert bought not in shown(page, "similar-items")

    page.get_by_label("Pieces").fill("2")
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_url("**/shop/cart")
    assert len(shown(page, "cart")) == 6

    page.goto(shop)
    assert shown(page, "recently-viewed")[0] == bought
    assert shown(page, "recommended-for-you") != before, "the next answer knows of the cart"
    assert "because of" in page.locator('[data-endcap="recommended-for-you"]').inner_text()

    page.goto(shop + "/cart")
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/shop/thanks")
    assert bought in shown(page, "buy-it-again"), "bought a moment ago, and known already"
    page.reload()
    shown(page, "buy-it-again")
    assert until(page, lambda: page.evaluate("sessionStorage.getItem('endcap.queue')") == "[]")
    events, feedback = stored_events(folder)
    assert [one["event"] for one in events] == ["view_item", "add_to_cart", "purchase"]
    assert events[2]["transaction_id"].startswith("order-")
    assert [one["item_id"] for one in feedback if one["event"] == "click"] == [bought]


def test_who_says_no_is_stored_nowhere(page, shop, folder):
    page.goto(shop)
    page.get_by_role("button", name="No", exact=True).click()
    page.locator(".consent").wait_for(state="detached")
    page.goto(shop + "/p/i01")
    shown(page, "similar-items")
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_url("**/shop/cart")
    shown(page, "cart")
    page.wait_for_timeout(2500)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert names == {"shop_consent", "shop_cart"}, "the shop's own: the answer and the cart"
    assert stored_events(folder) == ([], [])


def test_as_a_household_with_its_search_in_its_order(page, shop):
    page.context.add_cookies([{"name": "shop_consent", "value": "true", "url": shop}])
    page.goto(shop + "/account")
    page.get_by_label("Household").fill("u7")
    page.get_by_role("button", name="Shop as this household").click()
    again = shown(page, "buy-it-again")
    assert again
    assert all(int(item[1:]) % 2 == 1 for item in again), "this one buys odd numbers only"
    assert page.locator('[data-endcap="buy-it-again"] .endcap-reason').first.inner_text() == "you bought it before"
    with page.expect_response("**/rerank") as answer:
        page.goto(shop + "/search?q=product 1")
    order = [one["item_id"] for one in json.loads(answer.value.body())["results"]]
    page.get_by_text("put into your order").wait_for()
    assert [row.get_attribute("data-item") for row in page.locator("[data-rerank] li").all()][: len(order)] == order


@pytest.mark.parametrize("path", ["", "/p/i01", "/search?q=product", "/department?name=Type 1", "/account", "/cart"])
def test_no_page_is_wider_than_a_phone(page, shop, path):
    page.goto(shop + path)
    page.locator("main h1").wait_for()
    page.wait_for_timeout(700)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("h1").count() == 1
