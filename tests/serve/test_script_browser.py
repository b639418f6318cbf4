"""The script in a real browser: a carousel is drawn, and what the shopper does is stored."""

import json
import socket
import threading
import time
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def address(folder):
    import uvicorn

    from endcap.serve.app import create_app

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(folder), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.mark.heavy
@pytest.mark.parametrize(("consent", "status"), [("true", "stored"), ("false", "used")])
def test_a_carousel_is_drawn_and_reports(address, consent, status):
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    if not CHROMIUM.exists():
        pytest.skip(f"needs Chromium at {CHROMIUM}")
    html = (
        f'<!doctype html><script src="/endcap.js" data-consent="{consent}" defer></script>'
        '<div data-endcap="similar-items" data-item="i01" data-k="3"></div>'
    )
    with playwright.sync_playwright() as start:
        browser = start.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/page", lambda route: route.fulfill(body=html, content_type="text/html"))
        with page.expect_response("**/events:batch", timeout=15_000) as answer:
            page.goto(address + "/page")
        sent = json.loads(answer.value.request.post_data)["events"]
        assert page.locator(".endcap ul[role=list] li").count() == 3
        assert len(sent) == 3
        assert {one["event"] for one in sent} == {"impression"}
        assert all(one["recommendation_id"] for one in sent)
        assert {one["status"] for one in answer.value.json()["results"]} == {status}
        kept = page.evaluate("localStorage.getItem('endcap.visitor')")
        assert (kept is not None) == (consent == "true")
        browser.close()
