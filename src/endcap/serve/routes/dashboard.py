"""The dashboard's pages, and its log-in."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated, Any
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from endcap.errors import EndcapError
from endcap.serve.dashboard.arrivals import arrival_rows, arrivals
from endcap.serve.dashboard.audit import audit
from endcap.serve.dashboard.doctor import doctor
from endcap.serve.dashboard.experiments import experiments
from endcap.serve.dashboard.monitors import monitors
from endcap.serve.dashboard.shell import page
from endcap.serve.dashboard.shopper import Look, shopper
from endcap.serve.dashboard.today import today
from endcap.serve.dashboard.versions import versions
from endcap.serve.guard import COOKIE, find_key
from endcap.serve.server import Server, TheServer

router = APIRouter(include_in_schema=False)

_TWELVE_HOURS = 12 * 3600
_LOGIN = (
    '<form class="ask" method="post" action="/login"><label class="wide">A key with the scope admin'
    '<input name="key" type="password" autocomplete="current-password" required></label><button>Log in</button></form>'
)


@router.get("/")
async def today_page(server: TheServer, request: Request) -> HTMLResponse:
    """Key figures."""
    server.live.refresh()
    surfaces = await server.surfaces.get()
    return _page(server, request, "Today", await asyncio.to_thread(today, server.live, surfaces))


@router.get("/arrivals")
async def arrivals_page(server: TheServer, request: Request) -> HTMLResponse:
    """Events as they arrive."""
    return _page(server, request, "Events", await asyncio.to_thread(arrivals, server.live))


@router.get("/arrivals/rows")
async def arrivals_rows(server: TheServer) -> HTMLResponse:
    """Return the list alone, for the script that keeps it new."""
    return HTMLResponse(await asyncio.to_thread(arrival_rows, server.live))


@router.get("/models")
async def models_page(server: TheServer, request: Request) -> HTMLResponse:
    """Versions and decisions."""
    return _page(server, request, "Models", await asyncio.to_thread(versions, server.live))


@router.get("/monitors")
async def monitors_page(server: TheServer, request: Request) -> HTMLResponse:
    """How the monitors stand."""
    standings = await asyncio.to_thread(server.live.store.alarms.all)
    return _page(server, request, "Monitors", monitors(standings))


@router.get("/doctor")
async def doctor_page(server: TheServer, request: Request) -> HTMLResponse:
    """Show what is wrong with the data."""
    return _page(server, request, "Data doctor", await asyncio.to_thread(doctor, server.checkup))


@router.post("/doctor")
async def check_again(server: TheServer, request: Request) -> RedirectResponse:
    """Have the data looked at anew, beside the requests."""
    if server.checkup.begin() is not None:
        await asyncio.to_thread(server.note, request, "check data", "")
    return RedirectResponse("/doctor", 303)


@router.get("/audit")
async def audit_page(server: TheServer, request: Request) -> HTMLResponse:
    """Show what was done with the powerful keys."""
    entries = await asyncio.to_thread(server.live.store.keys.audit, 500)
    return _page(server, request, "Log", audit(entries))


@router.get("/shopper")
async def shopper_page(
    server: TheServer,
    request: Request,
    user: Annotated[str, Query(max_length=256)] = "",
    item: Annotated[str, Query(max_length=256)] = "",
    surface: Annotated[str, Query(max_length=100)] = "",
    filter: Annotated[str, Query(max_length=2000)] = "",
    boost: Annotated[str, Query(max_length=2000)] = "",
    factor: Annotated[float, Query(ge=0, le=1000)] = 2.0,
    diversity: Annotated[float, Query(ge=0, le=1)] = 0.0,
) -> HTMLResponse:
    """Show what a shopper would be shown; nothing of it is counted."""
    server.live.refresh()
    look = Look(user, item, surface, filter, boost, factor, diversity)
    return _page(server, request, "Look as a shopper", shopper(server.live, look))


@router.get("/experiments")
async def experiments_page(server: TheServer, request: Request) -> HTMLResponse:
    """Experiments: what is tried out on shoppers."""
    server.live.refresh()
    return _page(server, request, "Experiments", await asyncio.to_thread(experiments, server.live))


@router.get("/login")
async def login_page(server: TheServer, request: Request) -> HTMLResponse:
    """Where a key is asked for."""
    return _page(server, request, "Log in", _LOGIN)


@router.post("/login")
async def login(server: TheServer, request: Request) -> Response:
    """Keep the key in a cookie that scripts can't read and other sites can't send."""
    [secret] = parse_qs((await request.body()).decode("utf-8", "replace")).get("key", [""])[:1]
    key = find_key(server.keys(), secret)
    if key is None or "admin" not in key.scopes:
        answer = _page(
            server, request, "Log in", '<p role="alert">That key is not one with the scope admin.</p>' + _LOGIN
        )
        answer.status_code = 401
        return answer
    request.scope["endcap.who"] = key.name
    with contextlib.suppress(EndcapError):  # a full disk is a reason to log in
        await asyncio.to_thread(server.note, request, "log in", "")
    done = RedirectResponse("/", 303)
    done.set_cookie(COOKIE, quote(secret), max_age=_TWELVE_HOURS, **_kept_safe(request))
    return done


@router.post("/logout")
async def logout(request: Request) -> Response:
    """Have the browser forget the key."""
    done = RedirectResponse("/login", 303)
    done.delete_cookie(COOKIE, **_kept_safe(request))
    return done


def _kept_safe(request: Request) -> dict[str, Any]:
    return {"httponly": True, "samesite": "strict", "secure": request.url.scheme == "https"}


def _page(server: Server, request: Request, title: str, body: str) -> HTMLResponse:
    path = request.url.path
    here = "" if path == "/login" else path
    whole = page(server.live.shop.config.name, title, body, here=here, logged_in=COOKIE in request.cookies)
    return HTMLResponse(whole)
