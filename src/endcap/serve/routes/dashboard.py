"""The dashboard's pages, and its log-in."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from endcap.serve.dashboard.shell import page
from endcap.serve.dashboard.shopper import shopper
from endcap.serve.dashboard.today import today
from endcap.serve.dashboard.versions import versions
from endcap.serve.guard import COOKIE, find_key
from endcap.serve.server import Server, TheServer

router = APIRouter(include_in_schema=False)

_TWELVE_HOURS = 12 * 3600
_LOGIN = (
    '<form class="ask" method="post"><label class="wide">A key with the scope admin'
    '<input name="key" type="password" autocomplete="current-password" required></label><button>Log in</button></form>'
)


@router.get("/")
async def today_page(server: TheServer) -> HTMLResponse:
    """Key figures."""
    server.live.refresh()
    body = await asyncio.to_thread(today, server.live)
    return _page(server, "Today", body, "/")


@router.get("/models")
async def models_page(server: TheServer) -> HTMLResponse:
    """Versions and decisions."""
    return _page(server, "Models", await asyncio.to_thread(versions, server.live), "/models")


@router.get("/shopper")
async def shopper_page(
    server: TheServer,
    user: Annotated[str, Query(max_length=256)] = "",
    item: Annotated[str, Query(max_length=256)] = "",
    surface: Annotated[str, Query(max_length=100)] = "",
    filter: Annotated[str, Query(max_length=2000)] = "",
    diversity: Annotated[float, Query(ge=0, le=1)] = 0.0,
) -> HTMLResponse:
    """Show what a shopper would be shown; nothing of it is counted."""
    server.live.refresh()
    body = shopper(server.live, user, item, surface, filter, diversity)
    return _page(server, "Look as a shopper", body, "/shopper")


@router.get("/login")
async def login_page(server: TheServer) -> HTMLResponse:
    """Where a key is asked for."""
    return _page(server, "Log in", _LOGIN, "")


@router.post("/login")
async def login(server: TheServer, request: Request) -> Response:
    """Keep the key in a cookie that scripts can't read and other sites can't send."""
    [secret] = parse_qs((await request.body()).decode("utf-8", "replace")).get("key", [""])[:1]
    key = find_key(server.keys(), secret)
    if key is None or "admin" not in key.scopes:
        answer = _page(server, "Log in", '<p role="alert">That key is not one with the scope admin.</p>' + _LOGIN, "")
        answer.status_code = 401
        return answer
    done = RedirectResponse("/", 303)
    done.set_cookie(
        COOKIE,
        quote(secret),
        max_age=_TWELVE_HOURS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return done


def _page(server: Server, title: str, body: str, here: str) -> HTMLResponse:
    return HTMLResponse(page(server.live.shop.config.name, title, body, here=here))
