"""Several test windows one after the other, each with all that came before it to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

import polars as pl

from endcap.data.durations import parse_duration
from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.data.schema import TIME
from endcap.data.splits.split import Split, checked_count, divide
from endcap.errors import DataError, ParameterError


def split_rolling(
    events: Events | pl.DataFrame,
    test: str | timedelta = "4w",
    *,
    windows: int = 3,
    step: str | timedelta | None = None,
    train: str | timedelta | None = None,
) -> Iterator[Split]:
    """Test on several windows that end with the last event, each trained on what came before it.

    How much a model's figures change from window to window says more about next month than one window can.

    Parameters
    ----------
    events
        Events with timestamps.
    test
        The length of a window, such as "4w".
    windows
        How many.
    step
        How far the windows' beginnings lie apart; None: a window's length, so that they neither overlap nor leave gaps.
    train
        How far back training reaches from a window's beginning; None: to the first event (a growing window).

    Yields
    ------
    Split
        `train, test`, the earliest window first.

    Raises
    ------
    DataError
        Where events have no timestamps, or a side of any window would be empty.
    ParameterError
        Where a length of time isn't above zero.

    Examples
    --------
    >>> from datetime import datetime
    >>> import endcap as ec, polars as pl
    >>> days = [datetime(2024, 1, day) for day in range(1, 11)]
    >>> events = ec.read_events(pl.DataFrame({"user": [1] * 10, "item": range(10), "date": days}))
    >>> [(len(train), len(test)) for train, test in ec.split_rolling(events, "2d", windows=3)]
    [(4, 2), (6, 2), (8, 2)]
    """
    events = as_events(events)
    checked_count("windows", windows, 1)
    if not events.has_time or len(events) == 0:
        raise DataError("rolling windows need events with timestamps; name the column when reading them: time=")
    length, apart = _length("test", test), _length("step", test if step is None else step)
    back = None if train is None else _length("train", train)
    first, last = cast(datetime, events.frame[TIME].min()), cast(datetime, events.frame[TIME].max())
    end = last + timedelta(microseconds=1)
    starts = [end - length - apart * (windows - 1 - number) for number in range(windows)]
    times = events.frame[TIME]
    for start in starts:  # all are checked before the first is used
        seen = (times < start) if back is None else (times < start) & (times >= start - back)
        if not seen.any() or not ((times >= start) & (times < start + length)).any():
            raise DataError(
                f"windows={windows} of {test!r} can't be had: the one from {start:%Y-%m-%d %H:%M} leaves nothing to "
                f"{'test' if seen.any() else 'train'} on, the events reaching from {first:%Y-%m-%d %H:%M} to "
                f"{last:%Y-%m-%d %H:%M}; take fewer or shorter windows"
            )
    return (_window(events, start, length, back) for start in starts)


def _window(events: Events, start: datetime, length: timedelta, back: timedelta | None) -> Split:
    times = events.frame[TIME]
    kept = times < start
    if back is not None:
        kept &= times >= start - back
    return divide(events, (times >= start) & (times < start + length), kept)


def _length(name: str, value: str | timedelta) -> timedelta:
    length = parse_duration(value)
    if length <= timedelta(0):
        raise ParameterError(f"{name}={value!r} won't do: give a length of time above zero, such as '4w'")
    return length
