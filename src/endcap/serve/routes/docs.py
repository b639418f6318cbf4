"""The description of the interface, to be read and tried: Swagger UI from the server itself, so without a network."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from endcap.serve.server import TheServer

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(server: TheServer) -> HTMLResponse:
    """Show every endpoint, with a form to try it."""
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>The interface of {escape(server.live.shop.config.name)}</title>"
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/swagger-ui.css"></head>'
        '<body><div id="swagger-ui"></div><script src="/assets/swagger-ui-bundle.js"></script>'
        '<script src="/assets/docs.js"></script></body></html>'
    )
