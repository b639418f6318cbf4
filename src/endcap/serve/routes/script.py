"""The script that a shop's page includes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

router = APIRouter(include_in_schema=False)

_SCRIPT: Final = (Path(__file__).parent.parent / "static" / "endcap.js").read_bytes()
_HEADERS: Final = {
    "ETag": f'"{hashlib.sha256(_SCRIPT).hexdigest()[:16]}"',
    "Cache-Control": "public, max-age=300",
}


@router.get("/endcap.js")
async def script(request: Request) -> Response:
    """Return the script, or that the browser has it already."""
    if request.headers.get("if-none-match") == _HEADERS["ETag"]:
        return Response(status_code=304, headers=_HEADERS)
    return Response(_SCRIPT, media_type="text/javascript", headers=_HEADERS)
