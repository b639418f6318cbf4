"""The script in a real browser: carousels are drawn, and what the shopper does is stored, once, where it may be."""

import json
import threading

import pytest

from endcap.shop import Shop

from .browser import Served, chromium, stored_events, until

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def served(folder):
    from endcap.serve.app import create_app

    served = Served(lambda: create_app(folder)).start()
    yield served
    served.stop()


@pytest.fixture
def shop_page(browser, served):
    """A function that opens a page of a shop with the script on it; errors in the console fail the test."""
    context = browser.new_context()
    wrong = []

    def open_page(body, *, script='data-consent="true"', path="/page", page=None):
        page = page or context.new_page()
        html = f'<!doctype html><html lang="en"><script src="{served.address}/endcap.js" {script} defer></script>{body}'
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.route("**" + path, lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(served.address + path)
        return page

    yield open_page
    context.close()
    assert not wrong


SIMILAR = '<div data-endcap="similar-items" data-item="i01" data-k="3"></div>'


def test_a_carousel_is_drawn_and_reports(shop_page, folder):
    page = shop_page(f'<main data-endcap-event="view_item" data-item="i01">{SIMILAR}</main>')
    page.locator(".endcap ul[role=list] li").nth(2).wait_for()
    assert page.locator(".endcap h2").inner_text() == "Similar items"
    assert until(page, lambda: len(stored_events(folder)[1]) == 3)
    events, feedback = stored_events(folder)
    assert [(one["event"], one["item_id"]) for one in events] == [("view_item", "i01")]
    assert {one["event"] for one in feedback} == {"impression"}
    assert len({one["item_id"] for one in feedback}) == 3
    assert len({one["recommendation_id"] for one in feedback}) == 1
    assert page.evaluate("localStorage.getItem('endcap.visitor')").isdigit()
    assert page.evaluate("sessionStorage.getItem('endcap.queue')") == "[]"
    session = page.evaluate("localStorage.getItem('endcap.session')").split()[0]
    shop_page(SIMILAR, path="/next", page=page)
    page.evaluate("endcap.track('add_to_cart', 'i01', {quantity: 2})")
    assert until(page, lambda: len(stored_events(folder)[0]) == 2)
    assert {one["session_id"] for one in stored_events(folder)[0]} == {session}


@pytest.mark.parametrize("consent", ['data-consent="false"', ""])
def test_without_consent_nothing_is_sent_but_the_question_and_nothing_kept(shop_page, folder, consent):
    asked, sent = [], []

    def note(request):
        if "/api/v1/" in request.url:
            (asked if request.url.endswith("/recommend") else sent).append(request)

    page = shop_page("<p>Welcome</p>", script=consent)
    page.on("request", note)
    page.evaluate("endcap.track('view_item', 'i03')")
    page.evaluate(
        "document.body.innerHTML = '<div data-endcap=recommended-for-you data-k=4 data-explain></div>'; endcap.render()"
    )
    page.locator(".endcap li").nth(3).wait_for()
    page.wait_for_timeout(2500)
    question = json.loads(asked[0].post_data)
    assert question["consent"] is False
    assert question["history"] == ["i03"]  # a visitor nobody has seen is served from the session alone
    assert "anonymous_id" not in question
    assert "because of Product 3" in page.locator(".endcap").inner_text()
    assert sent == []
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert stored_events(folder) == ([], [])
    assert Shop(folder).store.answers.given(0).is_empty()


def test_consent_may_come_and_go(shop_page, folder):
    page = shop_page(f'<main data-endcap-event="view_item" data-item="i01">{SIMILAR}</main>', script="")
    page.locator(".endcap li").first.wait_for()
    assert page.evaluate("localStorage.length") == 0
    page.evaluate("endcap.consent(true)")
    assert until(page, lambda: len(stored_events(folder)[1]) == 3), "what is shown counts from now on"
    assert [one["event"] for one in stored_events(folder)[0]] == ["view_item"], "the page is still the one looked at"
    first = page.evaluate("localStorage.getItem('endcap.visitor')")
    page.evaluate("endcap.consent(false)")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.evaluate("endcap.track('add_to_cart', 'i02')")
    page.evaluate("endcap.consent(true)")
    assert page.evaluate("localStorage.getItem('endcap.visitor')") != first
    page.evaluate("endcap.track('view_item', 'i05')")
    assert until(page, lambda: len(stored_events(folder)[0]) == 2)
    assert [one["item_id"] for one in stored_events(folder)[0]] == ["i01", "i05"], "what was refused stays untold"


def test_a_purchase_counts_once_however_often_its_page_is_loaded(shop_page, folder):
    line = (
        '<p data-endcap-event="purchase" data-item="i04" data-quantity="2" data-price="5" data-transaction="o-1">4</p>'
        '<p data-endcap-event="purchase" data-item="i06" data-price="7.5" data-transaction="o-1">6</p>'
    )
    page = shop_page(line)
    assert until(page, lambda: len(stored_events(folder)[0]) == 2)
    assert page.evaluate("sessionStorage.getItem('endcap.queue')") == "[]"
    shop_page(line, path="/again", page=page)
    page.evaluate("endcap.track('view_item', 'i01')")
    assert until(page, lambda: len(stored_events(folder)[0]) == 3)
    *events, _last = stored_events(folder)[0]
    assert [(one["item_id"], one["quantity"], one["price"]) for one in events] == [("i04", 2, 5), ("i06", None, 7.5)]
    assert {one["transaction_id"] for one in events} == {"o-1"}


def test_forms_and_clicks_are_told_also_when_the_page_goes(shop_page, folder, served):
    form = (
        '<form action="/thanks" data-endcap-event="add_to_cart" data-item="i08" data-price="9">'
        '<input name="quantity" value="3"><button>Add</button></form>' + SIMILAR
    )
    page = shop_page(form, script='data-consent="true" data-link="/p/{id}"')
    page.route("**/thanks*", lambda route: route.fulfill(body="<p>Thanks", content_type="text/html"))
    page.route("**/p/*", lambda route: route.fulfill(body="<p>Product", content_type="text/html"))
    page.get_by_text("Add").click()
    page.wait_for_url("**/thanks*")
    assert until(page, lambda: [one["quantity"] for one in stored_events(folder)[0]] == [3])
    page.go_back()
    link = page.locator(".endcap li a").first
    link.wait_for()
    item = page.locator(".endcap li").first.get_attribute("data-item")
    link.click()
    page.wait_for_url(f"**/p/{item}")
    assert until(page, lambda: any(one["event"] == "click" for one in stored_events(folder)[1]))
    [click] = [one for one in stored_events(folder)[1] if one["event"] == "click"]
    assert click["item_id"] == item
    assert click["recommendation_id"]


def test_events_wait_while_the_server_is_down_and_arrive_once(shop_page, folder, served):
    page = shop_page("<p>Welcome</p>")
    served.stop()
    for item in ("i10", "i11"):
        page.evaluate(f"endcap.track('view_item', '{item}')")
    page.wait_for_timeout(500)
    assert len(json.loads(page.evaluate("sessionStorage.getItem('endcap.queue')"))) == 2
    served.start()
    assert until(page, lambda: len(stored_events(folder)[0]) == 2, 30)
    assert until(page, lambda: page.evaluate("sessionStorage.getItem('endcap.queue')") == "[]")
    assert sorted(one["item_id"] for one in stored_events(folder)[0]) == ["i10", "i11"]


def test_a_row_that_is_refused_stops_no_other(shop_page, folder):
    page = shop_page("<p>Welcome</p>")
    page.evaluate("endcap.track('no such event', 'i10'); endcap.track('view_item', 'i11')")
    assert until(page, lambda: len(stored_events(folder)[0]) == 1)
    assert page.evaluate("sessionStorage.getItem('endcap.queue')") == "[]"


def test_who_logs_in_takes_the_visitor_along_and_who_logs_out_leaves_it(shop_page, folder):
    from endcap.data.schema import ANONYMOUS, USER

    page = shop_page('<main data-endcap-event="view_item" data-item="i09"></main>')
    assert until(page, lambda: stored_events(folder)[0])
    visitor = page.evaluate("localStorage.getItem('endcap.visitor')")
    shop_page(
        '<div data-endcap="recently-viewed" data-only="viewed" data-k="1"></div>',
        script='data-consent="true" data-user="new customer"',
        path="/in",
        page=page,
    )
    page.locator('.endcap li[data-item="i09"]').wait_for()  # on the first page after the log-in
    known = Shop(folder).store.shoppers.identities().select(ANONYMOUS, USER).rows()
    assert known == [(visitor, "new customer")]
    assert page.evaluate("localStorage.getItem('endcap.visitor')") == visitor
    shop_page("<p>Bye", script='data-consent="true" data-user=""', path="/out", page=page)
    assert until(page, lambda: page.evaluate("localStorage.getItem('endcap.visitor')") != visitor)
    assert page.evaluate("localStorage.getItem('endcap.user')") is None


def test_a_page_of_another_origin_asks_with_its_key(browser, folder, tmp_path):
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    from endcap.serve.app import create_app

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_said):
            pass

    pages = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{pages.server_port}"
    with (folder / "endcap.toml").open("a") as file:
        file.write(f'\n[serve]\norigins = ["{origin}"]\n')
    key = Shop(folder).store.keys.create("web", ("events", "recommend"))
    served = Served(lambda: create_app(folder)).start()
    script = (
        f'<script src="{served.address}/endcap.js" data-key="{key}" data-consent="true" data-user="u1" defer></script>'
    )
    (tmp_path / "page.html").write_text(script + SIMILAR)
    context = browser.new_context()
    page = context.new_page()
    page.goto(origin + "/page.html")
    page.locator(".endcap li").nth(2).wait_for()
    assert until(page, lambda: len(stored_events(folder)[1]) == 3)
    assert page.evaluate("localStorage.getItem('endcap.user')") == "u1"  # the key of a page may join visitor and user
    context.close()
    served.stop()
    pages.shutdown()
    pages.server_close()


def test_products_as_the_catalogue_has_them_are_shown_safely(shop_page, served, folder):
    import urllib.request

    def put(item, **values):
        url = f"{served.address}/api/v1/products/{item}"
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(url, json.dumps(values).encode(), headers, method="PUT")
        urllib.request.urlopen(request).close()

    put("n1", title="<img src=x onerror=alert(1)>", price=1234.5, sale_price=999, link="javascript:alert(1)")
    put("n2", title="Tea", price=3, link="https://shop.example/tea", image_link="https://127.0.0.1:1/none.png")
    page = shop_page(
        '<h1>A</h1><div data-endcap="new-arrivals" data-k="2" data-title="Neu" data-level="3"></div>',
        script='data-consent="true" data-currency="EUR" data-locale="de-DE" data-previous="Zurück" data-next="Weiter"',
    )
    odd, tea = (page.locator(f'.endcap li[data-item="{item}"]') for item in ("n1", "n2"))
    odd.wait_for()
    assert odd.locator(".endcap-title").inner_text() == "<img src=x onerror=alert(1)>"
    assert odd.locator("a").count() == 0
    assert odd.locator("ins").inner_text() == "999,00\N{NO-BREAK SPACE}€"
    assert odd.locator("del").inner_text() == "1.234,50\N{NO-BREAK SPACE}€"
    assert tea.locator("a").get_attribute("href") == "https://shop.example/tea"
    assert page.locator(".endcap h3").inner_text() == "Neu"
    assert page.locator("section[aria-label=Neu]").count() == 1
    tea.locator("img").wait_for(state="detached")  # an image that can't be had gives way to the initial
    assert page.get_by_label("Weiter: Neu", exact=True).count() == 1


def test_a_carousel_by_keyboard(shop_page):
    page = shop_page(
        '<div data-endcap="best-sellers" data-k="20"></div>', script='data-consent="true" data-link="/p/{id}"'
    )
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(reduced_motion="reduce")
    page.locator(".endcap li").nth(19).wait_for(state="attached")
    back, on = page.get_by_label("Previous: Best sellers"), page.get_by_label("Next: Best sellers")
    assert (back.get_attribute("aria-disabled"), on.get_attribute("aria-disabled")) == ("true", "false")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == "Next: Best sellers"
    before = page.locator(".endcap ul").evaluate("list => list.scrollLeft")
    page.keyboard.press("Enter")
    assert until(page, lambda: page.locator(".endcap ul").evaluate("list => list.scrollLeft") > before)
    assert until(page, lambda: back.get_attribute("aria-disabled") == "false")
    for place in range(20):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.parentElement.dataset.item")
        assert at == page.locator(".endcap li").nth(place).get_attribute("data-item")
        box = page.evaluate("JSON.stringify(document.activeElement.getBoundingClientRect())")
        assert 0 <= json.loads(box)["left"] < 390, "what has the focus is in sight"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_places_keep_their_room_and_what_the_shop_put_there(shop_page, served):
    page = shop_page(
        '<div id="a" data-endcap="no-such-surface">From the shop</div><div id="b" data-endcap="nope"></div>'
    )
    page.wait_for_timeout(800)
    assert page.locator("#b").is_hidden()
    page.evaluate("document.querySelector('#a').innerHTML = '<p>From the shop</p>'; endcap.render()")
    page.wait_for_timeout(500)
    assert page.locator("#a").inner_text() == "From the shop"
