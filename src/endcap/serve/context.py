"""What belongs to the request that is being answered, wherever the code is that wants to know."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

REQUEST_ID: Final[ContextVar[str]] = ContextVar("endcap_request_id", default="")
"""The request's id, for the log: the one that came in `X-Request-Id`, else one that was made."""
SURFACE: Final[ContextVar[str]] = ContextVar("endcap_surface", default="")
"""The surface that was asked for."""
