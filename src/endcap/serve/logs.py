"""What the server writes about itself: a line of text for people, or of JSON for programs."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from typing import Any, Final, Literal

import orjson

from endcap.serve.context import REQUEST_ID

Format = Literal["text", "json"]
FIELDS: Final = "fields"
"""The attribute of a record that holds what is known besides the message, by name."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time, level, logger, message, worker`, where there is one `request_id`, and the fields.

    An exception is there as text, under `exception`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line."""
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "worker": os.getpid(),
        }
        if REQUEST_ID.get():
            line["request_id"] = REQUEST_ID.get()
        line |= getattr(record, FIELDS, {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class TextFormatter(logging.Formatter):
    """The same for people: time, level, message, then `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line, and the lines of its exception."""
        known = {"request_id": REQUEST_ID.get()} | getattr(record, FIELDS, {})
        more = "".join(f" {name}={value}" for name, value in known.items() if value not in {"", None})
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")  # one line is one record
        text = f"{_time(record)} {record.levelname:<7} {record.name}: {message}{more}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def log_config(form: Format, level: str) -> dict[str, Any]:
    """Return the settings of `logging` for a server and its workers: all to standard error.

    Uvicorn's own lines about its start and stop are left out unless all is asked for.
    """
    own = level.upper()
    uvicorn = own if own in {"DEBUG", "ERROR"} else "WARNING"
    formatter = JsonFormatter if form == "json" else TextFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{formatter.__module__}.{formatter.__name__}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"endcap": {"level": own}, "uvicorn": {"level": uvicorn}},
    }
