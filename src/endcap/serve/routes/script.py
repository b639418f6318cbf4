"""The script that a shop's page includes, and what the dashboard's pages look like."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Final

import rjsmin
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

router = APIRouter(include_in_schema=False)

_OWN: Final = files("endcap.serve") / "static"
_SWAGGER: Final = files("fastapi_offline") / "static"  # Swagger UI, as its package brings it


class _Static:
    """An endpoint for a file that may change only with the program."""

    def __init__(self, content: bytes, media_type: str) -> None:
        self._content = content
        self._media_type = media_type
        self._headers = {
            "ETag": f'"{hashlib.sha256(content).hexdigest()[:16]}"',
            "Cache-Control": "public, max-age=300",
        }

    async def __call__(self, request: Request) -> Response:
        """Return the file, or that the browser has it already."""
        if request.headers.get("if-none-match") == self._headers["ETag"]:
            return Response(status_code=304, headers=self._headers)
        return Response(self._content, media_type=self._media_type, headers=self._headers)


# The script without the comments and spaces that only its readers need.
_SCRIPT: Final = str(rjsmin.jsmin((_OWN / "endcap.js").read_text("utf-8"))).encode()
_LOOKS: Final = (files("endcap.report") / "page.css").read_bytes() + (_OWN / "dashboard.css").read_bytes()
for _path, _content, _kind in (
    ("/endcap.js", _SCRIPT, "text/javascript"),
    ("/assets/dashboard.js", (_OWN / "dashboard.js").read_bytes(), "text/javascript"),
    ("/assets/dashboard.css", _LOOKS, "text/css"),
    ("/assets/docs.js", (_OWN / "docs.js").read_bytes(), "text/javascript"),
    ("/assets/swagger-ui-bundle.js", (_SWAGGER / "swagger-ui-bundle.js").read_bytes(), "text/javascript"),
    ("/assets/swagger-ui.css", (_SWAGGER / "swagger-ui.css").read_bytes(), "text/css"),
):
    router.add_api_route(_path, _Static(_content, _kind), methods=["GET", "HEAD"])
