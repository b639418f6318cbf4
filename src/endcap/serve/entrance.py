"""The way in and out: every request has an id, is timed, counted and, where it is worth a line, logged."""

from __future__ import annotations

import logging
import re
import time
from typing import Any, Final
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from endcap.serve.balance import Share
from endcap.serve.context import REQUEST_ID, SURFACE
from endcap.serve.guard import scope_of
from endcap.serve.logs import FIELDS
from endcap.serve.metrics import Metrics
from endcap.serve.problems import explained

log = logging.getLogger("endcap.serve")
access = logging.getLogger("endcap.access")

SLOW: Final = 0.5
"""From so many seconds on, an answer is worth a line."""
ONE_IN: Final = 100
"""Of the requests that nothing is the matter with, one in so many is logged, with this figure as `sampled`; all of them
at the level debug."""
_SANE: Final = re.compile(rb"[A-Za-z0-9._:+/=@-]{1,128}")
_QUIET: Final = ("/health/", "/metrics")
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)
_CLOSE: Final = (b"connection", b"close")
_OF_PAGES: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Entrance:
    """ASGI middleware.

    A line of the log names the method, the path's template (so no shopper's id), the status, the milliseconds, the
    worker, who asked (the key's name) and the surface. Addresses and ids of shoppers aren't in it.

    Parameters
    ----------
    app
        What answers.
    metrics
        Where requests are counted.
    share
        What this worker does of the work of several.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, share: Share | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._share = share
        self._passed = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in and its answer out; what nobody handled becomes a problem that tells nothing but its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin = time.perf_counter()
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given if _SANE.fullmatch(given) else uuid4().hex.encode()
        REQUEST_ID.set(request_id.decode())
        SURFACE.set("")
        status = 0

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.setdefault("headers", [])
                _complete(headers, request_id)
                if self._share is not None and self._share.is_more():
                    headers.append(_CLOSE)
            await send(message)

        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            log.exception("the request failed", extra={FIELDS: _fields(scope)})
            if status:
                raise
            detail = "something went wrong; the server's log says more"
            await explained(scope, 500, detail, request_id=request_id.decode())(scope, receive, with_headers)
        finally:
            took = time.perf_counter() - begin
            self._metrics.requests.labels(str(status)).inc()
            self._metrics.seconds.labels(scope_of(scope["method"], scope["path"]) or "open").observe(took)
            self._note(scope, status, took)

    def _note(self, scope: Scope, status: int, took: float) -> None:
        """Write a line: of what failed or was slow always, of the rest a sample."""
        more: dict[str, Any] = {}
        if status >= 500:
            level = logging.ERROR
        elif took >= SLOW:
            level = logging.WARNING
        elif status >= 400:
            level = logging.INFO
        else:
            self._passed += 1
            sampled = self._passed % ONE_IN == 0 and not scope["path"].startswith(_QUIET)
            level = logging.INFO if sampled else logging.DEBUG
            more = {"sampled": ONE_IN} if sampled else {}
        if access.isEnabledFor(level):
            fields = {**_fields(scope), "status": status, "ms": round(took * 1000, 2), **more}
            access.log(level, "request", extra={FIELDS: fields})


def _complete(headers: list[tuple[bytes, bytes]], request_id: bytes) -> None:
    """Add the headers that browsers want; a route that says otherwise, as how long to keep its answer, is heard."""
    said = {name for name, _ in headers}
    is_page = any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)
    headers += [(b"x-request-id", request_id), *(one for one in _HEADERS if one[0] not in said)]
    if is_page:
        headers += [one for one in _OF_PAGES if one[0] not in said]


def _fields(scope: Scope) -> dict[str, Any]:
    route = getattr(scope.get("route"), "path", None)  # the template: the path itself may name a shopper
    fields = {"method": scope["method"], "path": route or "no such path", "who": scope.get("endcap.who", "")}
    if SURFACE.get():
        fields["surface"] = SURFACE.get()
    return fields
