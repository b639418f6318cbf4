"""The way in and out: ids, and lines of the log."""

import json
import logging

import pytest

from endcap.serve import entrance
from endcap.serve.logs import JsonFormatter, TextFormatter, log_config


@pytest.fixture
def lines(caplog):
    """What was logged, as JSON has it."""
    caplog.set_level(logging.DEBUG, "endcap")
    caplog.handler.setFormatter(JsonFormatter())

    def read():
        return [json.loads(line) for line in caplog.text.splitlines()]

    return read


def of_requests(lines):
    return [line for line in lines() if line["logger"] == "endcap.access"]


def test_a_request_has_an_id_the_askers_where_it_is_sane(client):
    assert client.get("/health/live", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    for odd in ("", "a b", 'x"y', "<script>", "x" * 200):
        made = client.get("/health/live", headers={"X-Request-ID": odd}).headers["x-request-id"]
        assert made != odd
        assert len(made) == 32
    first, second = (client.get("/health/live").headers["x-request-id"] for _ in range(2))
    assert first != second


def test_a_line_says_what_and_how_long_but_not_of_whom(client, lines):
    client.post("/api/v1/recommend", json={"user_id": "u1", "surface": "trending"}, headers={"X-Request-ID": "r-1"})
    client.get("/api/v1/users/u59")
    client.get("/api/v1/recommend?user_id=u59")
    first, second, third = of_requests(lines)
    assert first["request_id"] == "r-1"
    assert (first["method"], first["path"], first["status"]) == ("POST", "/api/v1/recommend", 200)
    assert first["surface"] == "trending"
    assert first["ms"] > 0
    assert first["worker"] > 0
    assert second["path"] == "/api/v1/users/{user_id}"
    assert third["path"] == "/api/v1/recommend"
    assert "u59" not in json.dumps([second, third])


def test_what_goes_well_is_a_sample_at_info(client, lines, caplog, monkeypatch):
    caplog.set_level(logging.INFO, "endcap")
    monkeypatch.setattr(entrance, "ONE_IN", 10)
    monkeypatch.setattr(entrance, "SLOW", 60.0)  # a busy machine is no reason here
    for _ in range(30):
        client.post("/api/v1/recommend", json={})
    own = of_requests(lines)
    assert len(own) == 3
    assert {line["sampled"] for line in own} == {10}
    client.get("/api/v1/users/nobody")
    client.get("/nowhere/u59")
    missing, nowhere = of_requests(lines)[3:]
    assert missing["status"] == 404
    assert nowhere["path"] == "no such path"


def test_what_is_slow_is_always_there(client, lines, caplog, monkeypatch):
    caplog.set_level(logging.INFO, "endcap")
    monkeypatch.setattr(entrance, "SLOW", 0.0)
    client.get("/api/v1/surfaces")
    assert [line["level"] for line in of_requests(lines)] == ["warning"]


def test_an_error_is_found_by_the_id_that_the_asker_was_told(client, lines, monkeypatch):
    from endcap.serve.live import Live

    def broken(*_, **__):
        raise RuntimeError("inside")

    monkeypatch.setattr(Live, "request", broken)
    told = client.post("/api/v1/recommend", json={"user_id": "u1"}).json()["request_id"]
    failure, access = [line for line in lines() if line.get("request_id") == told]
    assert "RuntimeError: inside" in failure["exception"]
    assert access["status"] == 500
    assert access["level"] == "error"


def test_a_line_of_text_is_one_line():
    record = logging.LogRecord("endcap.serve", logging.INFO, "f", 1, "hello\nINFO forged", (), None)
    record.fields = {"status": 200}
    text = TextFormatter().format(record)
    assert text.endswith("endcap.serve: hello\\nINFO forged status=200")


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_settings_are_loggings_own(form):
    import logging.config

    logging.config.DictConfigurator(log_config(form, "info"))
    assert log_config(form, "info")["loggers"]["endcap"]["level"] == "INFO"
