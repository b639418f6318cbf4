"""A served shop and a browser for the tests of pages."""

import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Served:
    """An application on a port, that can be stopped and started again."""

    def __init__(self, make, port=None):
        self._make = make
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._server = None

    def start(self):
        import uvicorn

        config = uvicorn.Config(self._make(), host="127.0.0.1", port=self.port, log_level="warning")
        config.timeout_graceful_shutdown = 2
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server didn't start"
            time.sleep(0.02)
        return self

    def stop(self):
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join(20)
            self._server = None


@contextmanager
def chromium():
    """Chromium, driven; the test is skipped where it or its driver is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason='needs Playwright: pip install "endcap[dev]"')
    if not CHROMIUM.exists():
        pytest.skip(f"needs Chromium at {CHROMIUM}: apt-get install chromium")
    with playwright.sync_playwright() as start:
        browser = start.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def until(page, reached, seconds=15):
    """Wait until something is so; what the page does meanwhile is attended to."""
    end = time.monotonic() + seconds
    while not (found := reached()) and time.monotonic() < end:
        page.wait_for_timeout(100)
    return found


def stored_events(folder):
    """What the store holds of events and of feedback: lists of dictionaries."""
    from endcap.shop import Shop

    store = Shop(folder).store
    events, _ = store.events.since(store.events.last() - 200)
    own = [one for one in events.to_dicts() if one.get("event_id")]  # those of the tests' shop have none
    return own, store.answers.feedback(0).to_dicts()
