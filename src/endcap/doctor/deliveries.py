"""What goes wrong between the shop and the file: rows that came twice, days that are missing, volumes that jump."""

from __future__ import annotations

import math
from datetime import date, timedelta
from statistics import median
from typing import Final, cast

import polars as pl

from endcap.data.recipe import Rule
from endcap.data.schema import EVENT, EVENT_ID, TIME, USER
from endcap.doctor.finding import Finding, first_row
from endcap.doctor.moments import only_days, usual_times

CHANCE_OF_A_GAP: Final = 1e-6
"""A gap is reported where so many days without an event would be less likely than this by chance."""
VOLUME_TIMES: Final = 3.0
"""The middle of four weeks has so many times the events of that of the four weeks before, or that much less..."""
JUMP_TIMES: Final = 1.5
"""...and the weakest week of the one side so many times those of the strongest of the other: a season climbs, a fault
jumps."""
_WEEKS = 4


def repeated_rows(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find rows that are in the data already, all columns being equal, with all that came with them.

    A delivery repeats whole orders; a product that is in an order twice, scanned twice, is no fault. Where times are
    days, the same purchase twice a day is none either, and nothing is reported.
    """
    if TIME not in frame.columns or frame.is_empty() or only_days(frame):
        return []
    rule = Rule(rule="without_repeats", why="orders delivered twice")
    again = rule.sets_aside(frame)
    count = int(again.sum())
    if not count:
        return []
    return [
        Finding(
            "repeated rows",
            f"{count:,} rows ({count / len(frame):.1%}) are in the data already, to the moment and in all columns",
            count,
            "find out whether deliveries overlap; if so, leave the repeats out. Give events an id (event_id), and "
            "imports do that by themselves",
            first_row(frame.filter(again)),
            rule,
            again.arg_true(),
        )
    ]


def gaps(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find days without any event, where there should have been many.

    Weekdays on which the shop is usually closed don't count. How likely a day without events is follows from the
    median of its weekday in the weeks around it (Poisson), a shopper counting once a day.
    """
    if TIME not in frame.columns:
        return []
    days = _by_day(usual_times(frame).select(USER, pl.col(TIME).dt.truncate("1d")).unique())
    if len(days) < 28:
        return []
    counts = days.sort("day")["len"].to_list()
    found, start = [], None
    for at, count in enumerate([*counts, 1]):
        if count == 0:
            start = at if start is None else start
        elif start is not None:
            expected = _expected(counts, start, at)
            if math.exp(-expected) < CHANCE_OF_A_GAP:
                found.append((days["day"][start], days["day"][at - 1], expected))
            start = None
    if not found:
        return []
    longest = max(found, key=lambda gap: gap[2])
    missing = [day for first, last, _ in found for day in _days(first, last)]
    told = ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b, _ in found[:3]) + (" ..." if len(found) > 3 else "")
    return [
        Finding(
            "gaps",
            f"{len(missing)} days have no event ({told}), where about {longest[2]:,.0f} shoppers were to be "
            "expected in the longest gap",
            len(missing),
            "see whether files of these days are missing, and import them; holidays are no fault",
            {"first day": longest[0], "last day": longest[1]},
            concerned=pl.Series(missing, dtype=pl.Date),
        )
    ]


def _expected(counts: list[int], start: int, end: int) -> float:
    """Return how many events the days from `start` up to `end` should have had.

    For a day it is the median of its weekday in the four weeks before the gap, or after it, whichever is less: a
    shop that was smaller once had more days without events.
    """
    total = 0.0
    for at in range(start, end):
        before = [counts[i] for i in range(at % 7, start, 7)][-_WEEKS:]
        after = [counts[i] for i in range(at, len(counts), 7) if i >= end][:_WEEKS]
        sides = [side for side in (before, after) if len(side) >= 2]
        total += min((median(side) for side in sides), default=0.0)
    return total


def volume(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find jumps: four weeks with three times the events of the four weeks before, or a third, by kind of event."""
    if TIME not in frame.columns:
        return []
    frame = usual_times(frame)
    kinds: list[str | None] = [None]
    if EVENT in frame.columns and frame[EVENT].n_unique() > 1:
        kinds = frame[EVENT].cast(pl.String).unique().sort().to_list()
    found = []
    for kind in kinds:
        part = frame if kind is None else frame.filter(pl.col(EVENT).cast(pl.String) == kind)
        if len(part) < 200:
            continue
        # All weeks of the data count, also those in which this kind has none; the last may be cut short.
        weeks = _by_day(frame, part).sort("day")
        counts = weeks["len"].to_list()
        counts = [sum(counts[at : at + 7]) for at in range(0, len(counts) - 6, 7)]
        best, best_times = (JUMP_TIMES, 0), 0.0
        for at in range(_WEEKS, len(counts) - _WEEKS + 1):
            before, after = sorted(counts[at - _WEEKS : at]), sorted(counts[at : at + _WEEKS])
            up, down = (after[0] + 1) / (before[-1] + 1), (before[0] + 1) / (after[-1] + 1)
            times = (median(after) + 1) / (median(before) + 1)
            times = max(times, 1 / times)
            if times >= VOLUME_TIMES and max(up, down) > best[0] and max(before[-1], after[-1]) >= 100:
                best, best_times = (max(up, down), at if up > down else -at), times
        if best[1]:
            at = abs(best[1])
            day = weeks["day"][0] + timedelta(weeks=at)
            found.append(
                Finding(
                    "volume",
                    f"from {day} on there are {best_times:.1f} times {'more' if best[1] > 0 else 'fewer'} "
                    f"{'events' if kind is None else kind + ' events'} a week than in the four weeks before",
                    sum(counts[at : at + _WEEKS]),
                    "see what changed that day: a tracker switched on or off, a kind of event renamed, a file left "
                    "out. If only the time since then is right, leave the older events out",
                    {"day": day},
                    concerned=pl.Series([day], dtype=pl.Date),
                )
            )
    return found


def same_event_id(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find event ids that come more than once."""
    if EVENT_ID not in frame.columns:
        return []
    again = frame.filter(pl.col(EVENT_ID).is_not_null() & ~pl.col(EVENT_ID).is_first_distinct())
    if again.is_empty():
        return []
    return [
        Finding(
            "repeated event ids",
            f"{len(again):,} events have an id that another event has too",
            len(again),
            "import with --deduplicate, or give every event an id of its own",
            first_row(again),
            concerned=again[EVENT_ID],
        )
    ]


def _by_day(frame: pl.DataFrame, part: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return `day, weekday, len` for every day from the first to the last of `frame`, the events being `part`'s."""
    if TIME not in frame.columns or frame.is_empty():
        return pl.DataFrame(schema={"day": pl.Date, "weekday": pl.Int8, "len": pl.UInt32})
    days = frame[TIME].dt.date()
    first, last = cast(date, days.min()), cast(date, days.max())
    every = pl.DataFrame({"day": pl.date_range(first, last, "1d", eager=True)})
    counted = (frame if part is None else part)[TIME].dt.date().alias("day").value_counts(name="len")
    return every.join(counted, on="day", how="left").with_columns(
        pl.col("len").fill_null(0), pl.col("day").dt.weekday().alias("weekday")
    )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
