"""Clocks that are wrong: events in the future, or years away from all others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, cast

import polars as pl

from endcap.data.recipe import Rule
from endcap.data.schema import TIME
from endcap.doctor.finding import Finding, first_row
from endcap.doctor.moments import usual_span


def future(frame: pl.DataFrame, items: pl.DataFrame | None = None, *, now: datetime | None = None) -> list[Finding]:
    """Find events that haven't happened yet."""
    if TIME not in frame.columns:
        return []
    moment = (now or datetime.now(UTC)).replace(tzinfo=None) + timedelta(days=1)  # time zones differ by less
    late = frame.filter(pl.col(TIME) > moment)
    if late.is_empty():
        return []
    return [
        Finding(
            "future",
            f"{len(late):,} events lie in the future, up to {cast(datetime, late[TIME].max()):%Y-%m-%d %H:%M}",
            len(late),
            "correct the clock or the date's format at the source; leave these events out until then",
            first_row(late),
            Rule(rule="until", time=moment.replace(microsecond=0), why="events in the future"),
            late[TIME],
        )
    ]


def stray(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find a few events that lie a year or more before all others, or after them (and not in the future)."""
    if TIME not in frame.columns:
        return []
    found = []
    first, end = usual_span(frame)
    sides: tuple[tuple[datetime | None, Literal["from", "until"], str], ...] = (
        (first, "from", "before"),
        (end, "until", "after"),
    )
    for moment, rule, side in sides:
        if moment is None:
            continue
        aside = frame.filter(pl.col(TIME) < moment if rule == "from" else pl.col(TIME) >= moment)
        earliest, latest = cast(datetime, aside[TIME].min()), cast(datetime, aside[TIME].max())
        if latest > datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1):
            continue  # the finding "future" tells of them
        found.append(
            Finding(
                "stray times",
                f"{len(aside):,} events lie a year or more {side} all others "
                f"({earliest:%Y-%m-%d} to {latest:%Y-%m-%d})",
                len(aside),
                "correct the clock or the date's format at the source (1970 is a clock that began anew); leave these "
                "events out until then",
                first_row(aside),
                Rule(rule=rule, time=moment, why="events whose clock was wrong"),
                aside[TIME],
            )
        )
    return found
