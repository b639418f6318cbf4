"""Traces for OpenTelemetry, where it is installed and told where to send them; elsewhere next to nothing.

The variables are OpenTelemetry's own: `OTEL_EXPORTER_OTLP_ENDPOINT` (or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`) says
where to, `OTEL_SERVICE_NAME`, `OTEL_TRACES_SAMPLER` and the others are understood by its library. No span holds the id
of a shopper: paths are given by their template.
"""

from __future__ import annotations

import logging
import os
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from endcap.serve.context import SURFACE

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("endcap.serve")

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NOTHING: Final = nullcontext()
_tracer: Tracer | None = None


def begin() -> bool:
    """Set up the export, once a process, and return whether anything is traced."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return False
    if _tracer is None:
        if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
            log.warning('traces need OpenTelemetry, which isn\'t installed: pip install "endcap[otel]"')
            return False
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        name = os.environ.get("OTEL_SERVICE_NAME", "endcap")
        provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        use(provider.get_tracer("endcap"))
    return True


def use(tracer: Tracer | None) -> None:
    """Trace with a tracer from now on; None: no longer."""
    global _tracer  # noqa: PLW0603 - a process traces or it doesn't
    _tracer = tracer


def step(name: str) -> AbstractContextManager[Any]:
    """Return a context that is a span of the request where one is traced."""
    return _NOTHING if _tracer is None else _tracer.start_as_current_span(name, record_exception=False)


class Traced:
    """ASGI middleware: a span for each request, part of the asker's trace where the headers name one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer within a span."""
        if scope["type"] != "http" or _tracer is None:
            await self._app(scope, receive, send)
            return
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind, Status, StatusCode

        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method, status = scope["method"], 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with _tracer.start_as_current_span(method, context=extract(carrier), kind=SpanKind.SERVER) as span:
            try:
                await self._app(scope, receive, noted)
            finally:
                route = getattr(scope.get("route"), "path", None)
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.response.status_code", status)
                if route:
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.route", route)
                if SURFACE.get():
                    span.set_attribute("endcap.surface", SURFACE.get())
                if status >= 500:
                    span.set_status(Status(StatusCode.ERROR))
