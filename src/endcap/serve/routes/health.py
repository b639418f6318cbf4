"""Whether the server lives and is ready."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from endcap.errors import EndcapError
from endcap.serve.problems import problem
from endcap.serve.server import TheServer

router = APIRouter(tags=["health"])


@router.get("/health/live", summary="Whether the process lives")
async def live() -> dict[str, str]:
    """Return as long as requests are answered at all."""
    return {"status": "live"}


@router.get("/health/ready", summary="Whether it can do its work", response_model=None)
async def ready(server: TheServer) -> dict[str, Any] | Response:
    """Return what is in use; 503 before the first model, and while the store can't be read.

    Recommendations go on from memory even then.
    """
    server.live.refresh()
    if server.live.degraded is not None:
        return problem(503, server.live.degraded)
    engine = server.live.engine
    return {"status": "ready", "model_version": engine.version, "products": int(engine.shelf.eligible.sum())}


@router.get("/metrics", summary="Counts and times, for Prometheus", response_class=PlainTextResponse)
async def metrics(server: TheServer) -> Response:
    """Return what all workers counted since they were started."""
    with contextlib.suppress(EndcapError):  # the counts are in memory, the monitors in the store
        server.metrics.take_monitors(await asyncio.to_thread(server.live.store.alarms.all))
    if server.live.has_model:
        server.metrics.trained.set(server.live.engine.model.interactions_.newest / 1e6)
    return Response(server.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
