"""Clocks that are wrong: events in the future, and hours that shift where a time zone changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, cast

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array
from endcap.data.recipe import Rule
from endcap.data.schema import EVENT, TIME, USER
from endcap.doctor.finding import Finding, first_row

LEAST_SHIFT: Final = 2
"""Hours. A shift of one is summer time."""
_LEAST_EVENTS = 300  # of a week, for its hours to be compared; a shopper counts once an hour
_LEAST_WEEKS = 2
_GAIN = 0.15  # how much better the hours must correlate when shifted


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


def time_zones(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find weeks, and kinds of events, whose busy hours are those of the others, shifted by hours.

    The share of events by hour of the day is compared with that of all other events at every shift; one that
    correlates clearly better than none is a clock's.
    """
    if TIME not in frame.columns or frame.is_empty() or frame[TIME].dt.hour().n_unique() < 6:
        return []
    found = []
    weeks = frame[TIME].dt.truncate("1w")
    table = _hours(frame).group_by("week", "hour").len()
    busy = table.group_by("week").agg(pl.col("len").sum()).filter(pl.col("len") >= _LEAST_EVENTS)["week"].sort()
    if len(busy) >= 4:
        profiles = np.stack([_profile(table.filter(pl.col("week") == week)) for week in busy])
        usual = np.median(profiles, axis=0)
        shifts = np.array([_shift(profile, usual) for profile in profiles])
        off = np.flatnonzero(shifts)
        if len(off) >= _LEAST_WEEKS and len(off) < len(busy):
            concerned = busy.gather(off)
            hours = int(np.median(shifts[off]))
            found.append(
                Finding(
                    "time zones",
                    f"in {len(off)} of {len(busy)} weeks ({concerned[0]:%Y-%m-%d} to {concerned[-1]:%Y-%m-%d}) the "
                    f"busy hours lie {abs(hours)} hours {'later' if hours > 0 else 'earlier'} than in the others",
                    int(weeks.is_in(concerned.implode()).sum()),
                    "export all events in one time zone, best in UTC or with the zone in the text",
                    {"first week": concerned[0], "shift in hours": hours},
                    concerned=concerned,
                )
            )
    if EVENT in frame.columns and frame[EVENT].n_unique() > 1:
        found += _by_kind(frame)
    return found


def _by_kind(frame: pl.DataFrame) -> list[Finding]:
    kinds = _hours(frame, EVENT).group_by(EVENT, "hour").len()
    sizes = kinds.group_by(EVENT).agg(pl.col("len").sum()).sort("len", EVENT, descending=[True, False])
    largest = _profile(kinds.filter(pl.col(EVENT) == sizes[EVENT][0]))
    found = []
    for kind, count in sizes.slice(1).iter_rows():
        if count < _LEAST_EVENTS:
            continue
        shift = _shift(_profile(kinds.filter(pl.col(EVENT) == kind)), largest)
        if shift:
            found.append(
                Finding(
                    "time zones",
                    f"the busy hours of {kind} lie {abs(shift)} hours {'later' if shift > 0 else 'earlier'} than "
                    f"those of {sizes[EVENT][0]}",
                    count,
                    "export both in one time zone: else what led to a purchase seems to come after it",
                    {"event": kind, "shift in hours": shift},
                    concerned=pl.Series([kind]),
                )
            )
    return found


def _hours(frame: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return the hours in which each shopper was there, once each: `week, hour` and the columns of `by`."""
    time = pl.col(TIME)
    there = frame.lazy().select(USER, *(pl.col(one).cast(pl.String) for one in by), time.dt.truncate("1h").alias("at"))
    at = pl.col("at")
    return there.unique().select(at.dt.truncate("1w").alias("week"), at.dt.hour().alias("hour"), *by).collect()


def _profile(counts: pl.DataFrame) -> Float64Array:
    """Return the share of events by hour, shape (24,)."""
    hours = np.zeros(24)
    hours[counts["hour"].to_numpy()] = counts["len"].to_numpy()
    shares: Float64Array = hours / hours.sum()
    return shares


def _shift(profile: Float64Array, usual: Float64Array) -> int:
    """Return by how many hours `profile` lies later than `usual`, from -12 to 11; 0 where that isn't clear."""
    likeness = np.array([np.corrcoef(np.roll(usual, shift), profile)[0, 1] for shift in range(-12, 12)])
    if not np.isfinite(likeness).all():
        return 0
    best = int(np.argmax(likeness)) - 12
    clear = likeness.max() - likeness[12] >= _GAIN and likeness.max() >= 0.7
    return best if clear and abs(best) >= LEAST_SHIFT else 0
