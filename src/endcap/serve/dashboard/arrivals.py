"""Events as they arrive."""

from __future__ import annotations

from html import escape
from typing import Final

import polars as pl

from endcap.data.schema import EVENT, ITEM, TIME, USER
from endcap.report.html import paragraph, table
from endcap.serve.live import Live

MOST: Final = 50


def arrivals(live: Live) -> str:
    """Return the page's content: a list that a few lines of script keep new; without them one reloads."""
    return (
        paragraph("The newest events, imported ones as well. New ones appear by themselves.", "lead")
        + f'<div data-news="/arrivals/rows" data-every="2">{arrival_rows(live)}</div>'
        + '<noscript><p>Without scripts: <a href="/arrivals">look again</a>.</p></noscript>'
    )


def arrival_rows(live: Live) -> str:
    """Return the list alone."""
    events, last = newest(live, MOST)
    return rows_of(events) + paragraph(f"{last:,} events in all.", "soft")


def newest(live: Live, most: int) -> tuple[pl.DataFrame, int]:
    """Return the events that came in last, the newest first, and how many there were."""
    last = live.store.events.last()
    events, last = live.store.events.since(max(0, last - most))
    return events.reverse(), last


def rows_of(events: pl.DataFrame) -> str:
    """Return events as a table."""
    if events.is_empty():
        return paragraph("None yet.")
    rows = [
        (
            str(row[USER]),
            [
                escape(str(row[EVENT])),
                escape(str(row[ITEM])),
                "" if row.get(TIME) is None else f"{row[TIME]:%Y-%m-%d %T}",
            ],
        )
        for row in events.iter_rows(named=True)
    ]
    return table("As they came in", ("shopper", "event", "product", "time"), rows, text=(1, 2))
