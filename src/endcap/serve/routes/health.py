"""Whether the server lives and is ready."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from endcap.serve.problems import problem
from endcap.serve.server import TheServer

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="Whether the process lives")
async def live() -> dict[str, str]:
    """Return as long as requests are answered at all."""
    return {"status": "live"}


@router.get("/ready", summary="Whether it can do its work", response_model=None)
async def ready(server: TheServer) -> dict[str, Any] | Response:
    """Return what is in use; 503 while the store can't be read. Recommendations go on from memory even then."""
    server.live.refresh()
    if server.live.degraded is not None:
        return problem(503, server.live.degraded)
    engine = server.live.engine
    return {"status": "ready", "model_version": engine.version, "products": int(engine.shelf.eligible.sum())}
