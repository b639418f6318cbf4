"""Posting to a real server."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from endcap.monitor import webhook


@contextmanager
def listening(*statuses):
    """A server that answers with these statuses, then with 204; what it was sent, as JSON."""
    taken, left = [], list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.headers["Content-Type"], json.loads(body)))
            self.send_response(left.pop(0) if left else 204)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_what_fails_is_tried_again_with_pauses():
    pauses = []
    with listening(500, 503) as (url, taken):
        assert webhook.post(url, {"monitor": "evénts"}, sleep=pauses.append)
    assert taken == [("application/json", {"monitor": "evénts"})] * 3
    assert pauses == [0, 1, 3]


def test_after_three_tries_it_gives_up_and_says_so(caplog):
    with listening(500, 500, 500, 500) as (url, taken):
        assert not webhook.post(url, {}, sleep=lambda _: None)
    assert len(taken) == 3
    assert "500" in caplog.text


def test_what_is_refused_isnt_asked_again():
    with listening(404) as (url, taken):
        assert not webhook.post(url, {}, sleep=lambda _: None)
    assert len(taken) == 1


def test_redirects_arent_followed():
    with listening(302, 302, 302) as (url, taken):
        assert not webhook.post(url, {}, sleep=lambda _: None)
    assert len(taken) == 3


def test_nothing_but_http_is_spoken(tmp_path):
    (tmp_path / "secret").write_text("x")
    for url in (f"file://{tmp_path}/secret", "ftp://127.0.0.1/x", "data:,x"):
        assert not webhook.post(url, {}, sleep=lambda _: None)


def test_nobody_there_is_no_crash(caplog):
    with listening() as (url, _):
        pass
    assert not webhook.post(url, {}, sleep=lambda _: None)
