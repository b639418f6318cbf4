"""Traces, with OpenTelemetry's own exporter into memory."""

import pytest

from endcap.serve import tracing

sdk = pytest.importorskip("opentelemetry.sdk.trace", reason='needs OpenTelemetry: pip install "endcap[otel]"')


@pytest.fixture
def spans(monkeypatch):
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setenv(tracing.ENDPOINTS[0], "http://127.0.0.1:9")
    tracing.use(provider.get_tracer("test"))
    yield exporter.get_finished_spans
    tracing.use(None)
    provider.shutdown()


def test_a_request_and_its_steps_are_spans(spans, client):
    theirs = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{theirs}-b7ad6b7169203331-01"}
    client.post("/api/v1/recommend", json={"user_id": "u1", "explain": True}, headers=headers)
    found = {span.name: span for span in spans()}
    whole = found["POST /api/v1/recommend"]
    assert f"{whole.context.trace_id:032x}" == theirs
    assert dict(whole.attributes) == {
        "http.request.method": "POST", "http.response.status_code": 200, "http.route": "/api/v1/recommend",
        "endcap.surface": "recommended-for-you",
    }  # fmt: skip
    for step in ("look for news", "rank", "explain"):
        assert found[step].parent.span_id == whole.context.span_id, step


def test_no_span_names_a_shopper(spans, client):
    client.get("/api/v1/users/u59")
    client.get("/api/v1/recommend?user_id=u59")
    client.get("/nowhere/u59")
    assert len(spans()) >= 3
    assert "u59" not in " ".join(span.to_json() for span in spans())


def test_a_failure_is_one(spans, client, monkeypatch):
    from endcap.serve.live import Live

    def broken(*_, **__):
        raise RuntimeError("inside")

    monkeypatch.setattr(Live, "request", broken)
    client.post("/api/v1/recommend", json={})
    [whole] = [span for span in spans() if span.parent is None]
    assert not whole.status.is_ok


def test_where_nothing_is_said_nothing_is_traced(monkeypatch):
    for name in tracing.ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    assert not tracing.begin()
    assert tracing.step("rank") is tracing.step("explain"), "one empty context for all"
