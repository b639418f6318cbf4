"""The past to learn from, the future to test on: one cut."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from endcap.data.durations import parse_duration
from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.data.schema import TIME
from endcap.data.splits.split import Split, divide
from endcap.errors import DataError, ParameterError


def split_by_time(events: Events | pl.DataFrame, test: str | float | date | datetime | timedelta = "4w") -> Split:
    """Split events into those before a moment and those from it on.

    Parameters
    ----------
    events
        Events with timestamps.
    test
        How much the test side takes: a length of time before the last event ("4w", "30d"), the share of the latest
        events (0.2; events of the same moment stay together, so the share is met from below), or the moment itself
        (a date, or a datetime, in UTC where it has no time zone). The default, four weeks, holds every weekday
        equally often.

    Returns
    -------
    Split
        `train, test`: their rows keep their order. What was set aside stays with the first.

    Raises
    ------
    DataError
        Where the events have no timestamps, or one side would be empty.
    ParameterError
        Where `test` is none of the above.

    Examples
    --------
    >>> from datetime import datetime
    >>> import endcap as ec, polars as pl
    >>> days = [datetime(2024, 1, day) for day in (1, 2, 30)]
    >>> events = ec.read_events(pl.DataFrame({"user": [1, 1, 1], "item": [1, 2, 3], "date": days}))
    >>> train, test = ec.split_by_time(events, test="2w")
    >>> len(train), len(test)
    (2, 1)
    """
    events = as_events(events)
    if not events.has_time:
        raise DataError(
            "a split by time needs events with a timestamp, and these have none; name the column when reading them: "
            'read_events(..., time="...") (--time on the command line)'
        )
    times = events.frame[TIME]
    first, last = times.min(), times.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        raise DataError("there are no events to split")
    start = _start(times, last, test)
    train, future = divide(events, times >= start)
    for side, name in ((train, "train"), (future, "test")):
        if len(side) == 0:
            raise DataError(
                f"test={test!r} leaves no event to {name} on: the events reach from {first:%Y-%m-%d %H:%M} to "
                f"{last:%Y-%m-%d %H:%M}, and the test side would begin at {start:%Y-%m-%d %H:%M}"
            )
    return Split(train, future)


def _start(times: pl.Series, last: datetime, test: str | float | date | datetime | timedelta) -> datetime:
    """Return the first moment of the test side."""
    if isinstance(test, datetime):
        return test.astimezone(UTC).replace(tzinfo=None) if test.tzinfo else test
    if isinstance(test, date):
        return datetime(test.year, test.month, test.day)
    if isinstance(test, (str, timedelta)):
        return last - parse_duration(test) + timedelta(microseconds=1)
    if isinstance(test, bool) or not isinstance(test, (int, float)) or not 0 < test < 1:
        raise ParameterError(f'test must be a length of time ("4w"), a share (0.2) or a date, not {test!r}')
    place = len(times) - max(int(len(times) * test), 1)
    ordered = times.sort()
    moment: datetime = ordered[place]
    if ordered.search_sorted(moment, side="left") < place:  # the moment began on the train side: leave it there
        later = ordered.search_sorted(moment, side="right")
        moment = ordered[int(later)] if later < len(ordered) else moment
    return moment
