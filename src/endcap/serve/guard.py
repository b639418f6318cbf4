"""What every request has to pass: a limit for its size, time and rate, the key, and that no other site sent it."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import Callable, Collection
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from endcap.errors import EndcapError
from endcap.serve.limits import Rate
from endcap.serve.problems import problem
from endcap.store.keys import Key, digest

COOKIE: Final = "endcap_key"
BODY_SECONDS: Final = 30.0
"""So long a client may take to send a body."""
_OPEN: Final = ("/health/", "/endcap.js", "/login", "/assets/")
_OWN_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_FROM_A_PROXY: Final = (
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-real-ip",
    b"via",
)
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_TRIES: Final = Rate(0.05, burst=10)  # log-ins: ten, then one every twenty seconds
Keys = Callable[[], dict[str, Key]]


def scope_of(method: str, path: str) -> str | None:
    """Return the scope that a request needs; None: it needs no key."""
    if path.startswith(_OPEN) or method == "OPTIONS":
        return None
    if path.startswith("/api/v1/events") or (path.startswith("/api/v1/users/") and path.endswith(":merge")):
        return "events"  # whoever may send events may name a visitor and a user in one, which says the same
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
    most_bytes
        The longest body.
    rate
        Requests a second and client, in bursts of as many; 0: any.
    origins
        Pages elsewhere that may ask.
    """

    def __init__(
        self, app: ASGIApp, keys: Keys, *, most_bytes: int, rate: float, origins: Collection[str] = ()
    ) -> None:
        self._app = app
        self._keys = keys
        self._most_bytes = most_bytes
        self._rate = Rate(rate, burst=rate) if rate else None
        self._log_ins = _TRIES.fresh()
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        received, whole = 0, False

        async def counted() -> Message:
            nonlocal received, whole
            if whole:  # what comes now is that the client left
                return await receive()
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    message = await receive()
            except TimeoutError:
                raise _RefusedError(408, f"the body didn't come within {BODY_SECONDS:.0f} seconds") from None
            whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > self._most_bytes:
                raise _RefusedError(413, f"at most {self._most_bytes:,} bytes; send less at a time")
            return message

        await (self._refused(scope, headers) or self._app)(scope, counted, send)

    def _refused(self, scope: Scope, headers: dict[bytes, bytes]) -> ASGIApp | None:
        """Return the answer to a request that may not pass; None where it may."""
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._most_bytes:
            return problem(413, f"at most {self._most_bytes:,} bytes; send less at a time")
        path, method = scope["path"], scope["method"]
        needed = scope_of(method, path)
        try:
            keys = self._keys()
        except EndcapError:  # who has rights isn't known, so nobody has
            return None if needed is None else problem(503, "the keys can't be read now; the server's log says more")
        secret, by_cookie = _secret(scope, headers)
        key = find_key(keys, secret) if secret else None
        scope["endcap.who"] = key.name if key else "" if keys else "this machine"
        address = (scope.get("client") or ("",))[0]
        waits = [self._rate.wait((key.name if key else "", address))] if self._rate else []
        if path == "/login" and method == "POST":
            waits.append(self._log_ins.wait(address))
        if any(wait > 0 for wait in waits):
            return problem(429, "slow down", headers={"Retry-After": str(int(max(waits)) + 1)})
        trusted = frozenset() if by_cookie or path == "/login" else self._origins
        if (by_cookie or not keys or path == "/login") and _is_forged(method, headers, trusted):
            return problem(403, "another site sent this; a page that may ask is named in [serve] origins")
        if needed is None:
            return None
        return _without_right(needed, key, headers, address, is_open=not keys)


class _RefusedError(HTTPException):
    """A body that won't do, found out while it came: FastAPI lets only its own kind of error through."""


def _is_forged(method: str, headers: dict[bytes, bytes], trusted: Collection[str]) -> bool:
    """Return whether a browser sends a change for another site's page; programs say nothing of where they are."""
    if method in _READS:
        return False
    origin = headers.get(b"origin", b"").decode("latin-1")
    if origin:
        own = urlsplit(origin).netloc == headers.get(b"host", b"").decode("latin-1")
        return not own and origin not in trusted and "*" not in trusted
    return headers.get(b"sec-fetch-site", b"none") not in {b"none", b"same-origin"}


def _is_local(headers: dict[bytes, bytes], address: str) -> bool:
    """Return whether a request was sent on this machine, to it, and not passed on for somebody elsewhere."""
    host = headers.get(b"host", b"").decode("latin-1")
    if host.rpartition(":")[0] not in _OWN_HOSTS and host not in _OWN_HOSTS:  # a page under a name of its own
        return False
    try:
        return ipaddress.ip_address(address).is_loopback and not any(name in headers for name in _FROM_A_PROXY)
    except ValueError:  # a socket in the file system, or in process
        return not any(name in headers for name in _FROM_A_PROXY)


def _without_right(
    needed: str, key: Key | None, headers: dict[bytes, bytes], address: str, *, is_open: bool
) -> ASGIApp | None:
    """Return the answer to who may not do what needs a scope; None to who may."""
    if is_open:
        if _is_local(headers, address):
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


def _secret(scope: Scope, headers: dict[bytes, bytes]) -> tuple[str, bool]:
    """Return the key that came along, and whether in a cookie, which a browser sends by itself.

    Programs send it in a header, `navigator.sendBeacon` in the address, pages in the cookie.
    """
    kind, _, value = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if kind.lower() == "bearer":
        return value.strip(), False
    own = headers.get(b"x-api-key", b"").decode("latin-1")
    if own:
        return own, False
    if scope["path"].startswith("/api/v1/events"):
        in_address = parse_qs(scope["query_string"].decode("latin-1")).get("key")
        if in_address:
            return str(in_address[0]), False
    for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return unquote(value), True
    return "", False


def find_key(keys: dict[str, Key], secret: str) -> Key | None:
    """Return the key that a secret is of, None where there is none."""
    own = digest(secret)
    return next((key for known, key in keys.items() if hmac.compare_digest(known, own)), None)
