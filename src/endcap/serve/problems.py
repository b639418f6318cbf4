"""Errors as RFC 9457 has them: `application/problem+json` with a title, a detail and what to do."""

from __future__ import annotations

import logging
from html import escape
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from endcap.errors import (
    DataError,
    EndcapError,
    IdTypeError,
    ParameterError,
    ShopError,
    StorageError,
    UnknownIdError,
)
from endcap.serve.context import REQUEST_ID
from endcap.serve.dashboard.shell import page

log = logging.getLogger("endcap.serve")

RETRY_SECONDS = 5
_STORE_AWAY = "the store can't be used now, so nothing was changed; send it again later. The server's log says more"
_TITLES = {
    400: "The request can't be read",
    401: "A key is needed",
    403: "The key doesn't allow this",
    404: "There is no such thing",
    405: "Not this way",
    408: "The request took too long",
    409: "It contradicts what is stored",
    413: "The request is too large",
    422: "The request isn't valid",
    429: "Too many requests",
    500: "The server failed",
    503: "It can't be done now",
}
_STATUS: tuple[tuple[type[EndcapError], int], ...] = (
    (UnknownIdError, 404),
    (IdTypeError, 422),
    (ParameterError, 422),
    (DataError, 409),
    (StorageError, 503),
    (ShopError, 503),
)


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> Response:
    """Return an answer that says what went wrong."""
    body = {"type": "about:blank", "title": _TITLES.get(status, "Error"), "status": status, "detail": detail, **more}
    own = dict(headers or {})
    if status == 503:
        own["Retry-After"] = str(RETRY_SECONDS)
    return Response(orjson.dumps(body), status, own, media_type="application/problem+json")


def explained(
    scope: Scope, status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """Return a problem; as a page where a person asked for one."""
    told = problem(status, detail, headers=headers, **more)
    accepts = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    if scope["path"].startswith("/api/") or b"text/html" not in accepts:
        return told
    title = _TITLES.get(status, "Error")
    named = f"<p>The request's id, for the log: {escape(REQUEST_ID.get())}</p>" if status >= 500 else ""
    html = page("Endcap", title, f'<p role="alert">{escape(detail)}</p>{named}')
    kept = {name: value for name, value in told.headers.items() if name not in {"content-length", "content-type"}}
    return HTMLResponse(html, status, kept)


def status_of(error: EndcapError) -> int:
    """Return the status that an error of Endcap's answers with."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def answer_to(error: EndcapError, scope: Scope) -> Response:
    """Return what a request is told of an error of Endcap's."""
    status = status_of(error)
    if status < 500:
        return explained(scope, status, str(error))
    # it names files and machines, which are nobody's business who may only send events
    log.error("%s: %s", type(error).__name__, error)
    told = error.public or _STORE_AWAY if status == 503 else "something went wrong; the server's log says more"
    return explained(scope, status, told, request_id=REQUEST_ID.get())


def install(app: FastAPI) -> None:
    """Let every error that leaves an endpoint become a problem; nothing of the server's inside goes with it."""

    @app.exception_handler(ValidationError)  # of what an endpoint put together from an address
    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError | ValidationError) -> Response:
        errors = [
            {"where": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()[:20]
        ]  # not the input itself, which may be anything
        first = errors[0]
        status = 400 if error.errors()[0]["type"] == "json_invalid" else 422
        return explained(request.scope, status, f"{first['where']}: {first['message']}", errors=errors)

    @app.exception_handler(EndcapError)
    async def known(request: Request, error: EndcapError) -> Response:
        return answer_to(error, request.scope)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return explained(request.scope, error.status_code, str(error.detail), headers=dict(error.headers or {}))
