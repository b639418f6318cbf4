"""The time as a store keeps it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> int:
    """Return the present, microseconds since 1970 in UTC."""
    return int(datetime.now(UTC).timestamp() * 1_000_000)
