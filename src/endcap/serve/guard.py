"""What every request passes: a limit for its size and rate, the key, and the headers that browsers want."""

from __future__ import annotations

import hmac
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, unquote
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from endcap.serve.metrics import Metrics
from endcap.serve.problems import problem
from endcap.store.keys import Key, digest

log = logging.getLogger("endcap.serve")

COOKIE: Final = "endcap_key"
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)
_PAGE_POLICY: Final = (
    b"content-security-policy",
    b"default-src 'self'; img-src 'self' data: https:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
)
_OPEN: Final = ("/health/", "/endcap.js", "/login")
_OWN_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})
_MOST_CLIENTS: Final = 100_000
Keys = Callable[[], dict[str, Key]]


def scope_of(method: str, path: str) -> str | None:
    """Return the scope that a request needs; None: it needs no key."""
    if path.startswith(_OPEN) or method == "OPTIONS":
        return None
    if path.startswith("/api/v1/events"):
        return "events"
    if path.startswith(("/api/v1/recommend", "/api/v1/rerank", "/api/v1/explain", "/api/v1/surfaces")):
        return "recommend"
    return "admin"


class Guard:
    """ASGI middleware.

    Parameters
    ----------
    app
        What is guarded.
    keys
        Returns the keys by digest; where there are none, everyone on this machine may do everything.
    metrics
        Where requests are counted.
    most_bytes
        The longest body.
    rate
        Requests a second and client, in bursts of as many; 0: any.
    """

    def __init__(self, app: ASGIApp, keys: Keys, metrics: Metrics, *, most_bytes: int, rate: float) -> None:
        self._app = app
        self._keys = keys
        self._metrics = metrics
        self._most_bytes = most_bytes
        self._rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = headers.get(b"x-request-id", b"")[:64] or uuid4().hex.encode()
        started = False
        answer = self._refused(scope, headers)
        received = 0
        begin = time.perf_counter()

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._most_bytes:
                raise _TooLargeError(413, f"at most {self._most_bytes:,} bytes; send less at a time")
            return message

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._metrics.requests.labels(str(message["status"])).inc()
                own = message.setdefault("headers", [])
                said = {name for name, _ in own}  # a route that says how long to keep its answer is heard
                own += [(b"x-request-id", request_id), *(one for one in _HEADERS if one[0] not in said)]
                if any(name == b"content-type" and value.startswith(b"text/html") for name, value in own):
                    own.append(_PAGE_POLICY)
            await send(message)

        try:
            await (answer or self._app)(scope, counted, with_headers)
        except Exception:
            log.exception("request %s, %s %s", request_id.decode("latin-1"), scope["method"], scope["path"])
            if started:
                raise
            detail = "something went wrong; the server's log says more"
            await problem(500, detail, request_id=request_id.decode("latin-1"))(scope, receive, with_headers)
        finally:
            kind = scope_of(scope["method"], scope["path"]) or "open"
            self._metrics.seconds.labels(kind).observe(time.perf_counter() - begin)

    def _refused(self, scope: Scope, headers: dict[bytes, bytes]) -> ASGIApp | None:
        """Return the answer to a request that may not pass; None where it may."""
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._most_bytes:
            return problem(413, f"at most {self._most_bytes:,} bytes; send less at a time")
        keys, secret = self._keys(), _secret(scope, headers)
        key = find_key(keys, secret) if secret else None
        scope["endcap.who"] = key.name if key else "this machine"
        wait = self._wait(key.name if key else (scope.get("client") or ("",))[0])
        if wait > 0:
            return problem(429, "slow down", headers={"Retry-After": str(int(wait) + 1)})
        needed = scope_of(scope["method"], scope["path"])
        return None if needed is None else _without_right(needed, key, headers, is_open=not keys)

    def _wait(self, client: str) -> float:
        """Return how many seconds a client has to wait: a bucket that fills with time (token bucket)."""
        if not self._rate:
            return 0.0
        now = time.monotonic()
        tokens, last = self._buckets.pop(client, (self._rate, now))
        tokens = min(self._rate, tokens + (now - last) * self._rate)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self._rate


class _TooLargeError(HTTPException):
    """More came in than is allowed, found out while it came: FastAPI lets only its own kind of error through."""


def _without_right(needed: str, key: Key | None, headers: dict[bytes, bytes], *, is_open: bool) -> ASGIApp | None:
    """Return the answer to who may not do what needs a scope; None to who may."""
    if is_open:
        host = headers.get(b"host", b"").decode("latin-1")
        if host.rpartition(":")[0] in _OWN_HOSTS or host in _OWN_HOSTS:  # not a page elsewhere under a name of its own
            return None
        return problem(403, "without keys the server answers to 127.0.0.1 only; make one: endcap keys create")
    if key is None:
        if b"text/html" in headers.get(b"accept", b""):
            return RedirectResponse("/login", 303)
        detail = "give a key in the header Authorization: Bearer KEY; make one: endcap keys create"
        return problem(401, detail, headers={"WWW-Authenticate": "Bearer"})
    if needed not in key.scopes and "admin" not in key.scopes:
        return problem(403, f"the key {key.name!r} lacks the scope {needed!r}")
    return None


def _secret(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """Return the key that came along: in a header, for `navigator.sendBeacon` in the address, for pages in a cookie."""
    kind, _, value = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    own = headers.get(b"x-api-key", b"").decode("latin-1")
    if own:
        return own
    if scope["path"].startswith("/api/v1/events"):
        in_address = parse_qs(scope["query_string"].decode("latin-1")).get("key")
        if in_address:
            return str(in_address[0])
    for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return unquote(value)
    return ""


def find_key(keys: dict[str, Key], secret: str) -> Key | None:
    """Return the key that a secret is of, None where there is none."""
    own = digest(secret)
    return next((key for known, key in keys.items() if hmac.compare_digest(known, own)), None)
