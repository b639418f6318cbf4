"""The page of what was done with the powerful keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from endcap.report.html import paragraph, table


def audit(entries: Sequence[dict[str, Any]]) -> str:
    """Return the page's content."""
    if not entries:
        return paragraph("Nothing was done yet that is written down here.")
    rows = [
        (
            f"{datetime.fromtimestamp(entry['at'] / 1e6, UTC):%Y-%m-%d %T}",
            [escape(entry["who"]), escape(entry["action"]), escape(entry["what"])],
        )
        for entry in entries
    ]
    return table("Newest first", ("time", "key", "did", "what"), rows, text=(1, 2, 3))
