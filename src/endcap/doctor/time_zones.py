"""Hours that shift where a time zone changes, or that differ between kinds of events."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array
from endcap.data.schema import EVENT, TIME, USER
from endcap.doctor.finding import Finding
from endcap.doctor.moments import usual_times

LEAST_SHIFT: Final = 2
"""Hours. A shift of one is summer time."""
_LEAST_EVENTS = 300  # for hours to be compared; a shopper counts once an hour
_LEAST_WEEKS = 2
_GAIN = 0.15  # how much better the hours must correlate when shifted


def time_zones(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find weeks, and kinds of events, whose busy hours are those of the others, shifted by hours.

    The share of events by hour of the day is compared at every shift; one that correlates clearly better than none
    is a clock's. Compared are all weeks before a week with all from it on, then single weeks with the median week,
    then the kinds of events.
    """
    if TIME not in frame.columns or frame.is_empty() or frame[TIME].dt.hour().n_unique() < 6:
        return []
    frame = usual_times(frame)
    table = _hours(frame).group_by("week", "hour").len()
    weeks = table["week"].unique().sort()
    counts = np.zeros((len(weeks), 24))
    counts[weeks.search_sorted(table["week"]).to_numpy(), table["hour"].to_numpy()] = table["len"].to_numpy()
    off, hours = _since(counts)
    if not len(off):
        off, hours = _single_weeks(counts)
    found = []
    if len(off):
        concerned = weeks.gather(off)
        busy = int((counts.sum(axis=1) > 0).sum())
        found.append(
            Finding(
                "time zones",
                f"in {len(off)} of {busy} weeks ({concerned[0]:%Y-%m-%d} to {concerned[-1]:%Y-%m-%d}) the "
                f"busy hours lie {abs(hours)} hours {'later' if hours > 0 else 'earlier'} than in the others",
                int(frame[TIME].dt.truncate("1w").is_in(concerned.implode()).sum()),
                "export all events in one time zone, best in UTC or with the zone in the text",
                {"first week": concerned[0], "shift in hours": hours},
                concerned=concerned,
            )
        )
    if EVENT in frame.columns and frame[EVENT].n_unique() > 1:
        found += _by_kind(frame)
    return found


def _since(counts: Float64Array) -> tuple[np.ndarray, int]:
    """Return the weeks from which on the hours are others, up to the end, and by how much."""
    best, off, hours = 0.0, np.empty(0, int), 0
    for at in range(_LEAST_WEEKS, len(counts) - _LEAST_WEEKS + 1):
        before, after = counts[:at].sum(axis=0), counts[at:].sum(axis=0)
        if min(before.sum(), after.sum()) < _LEAST_EVENTS:
            continue
        shift, gain = _shift(after / after.sum(), before / before.sum())
        if gain > best:
            best, off, hours = gain, np.arange(at, len(counts)), shift
    return off, hours


def _single_weeks(counts: Float64Array) -> tuple[np.ndarray, int]:
    """Return the weeks whose hours are not those of the median week, and by how much."""
    busy = np.flatnonzero(counts.sum(axis=1) >= _LEAST_EVENTS)
    profiles = counts[busy] / counts[busy].sum(axis=1, keepdims=True)
    if len(busy) < 4:
        return busy[:0], 0
    usual = np.median(profiles, axis=0)
    shifts = np.array([_shift(profile, usual)[0] for profile in profiles])
    off = np.flatnonzero(shifts)
    if not _LEAST_WEEKS <= len(off) < len(busy):
        return busy[:0], 0
    return busy[off], int(np.median(shifts[off]))


def _by_kind(frame: pl.DataFrame) -> list[Finding]:
    kinds = _hours(frame, EVENT).group_by(EVENT, "hour").len()
    sizes = kinds.group_by(EVENT).agg(pl.col("len").sum()).sort("len", EVENT, descending=[True, False])
    largest = _profile(kinds.filter(pl.col(EVENT) == sizes[EVENT][0]))
    found = []
    for kind, count in sizes.slice(1).iter_rows():
        if count < _LEAST_EVENTS:
            continue
        shift, _ = _shift(_profile(kinds.filter(pl.col(EVENT) == kind)), largest)
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


def _shift(profile: Float64Array, usual: Float64Array) -> tuple[int, float]:
    """Return by how many hours `profile` lies later than `usual`, from -12 to 11, and how clearly; 0: not clearly."""
    likeness = np.array([np.corrcoef(np.roll(usual, shift), profile)[0, 1] for shift in range(-12, 12)])
    if not np.isfinite(likeness).all():
        return 0, 0.0
    best, gain = int(np.argmax(likeness)) - 12, float(likeness.max() - likeness[12])
    clear = gain >= _GAIN and likeness.max() >= 0.7 and abs(best) >= LEAST_SHIFT
    return (best, gain) if clear else (0, 0.0)
