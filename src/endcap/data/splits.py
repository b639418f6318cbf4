"""The past to learn from, the future to test on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl

from endcap.data.durations import parse_duration
from endcap.data.events import Events
from endcap.data.schema import EVENT, TIME, TRANSACTION, USER
from endcap.errors import DataError, ParameterError


def split_by_time(events: Events, test: str | float | date | datetime | timedelta = "4w") -> tuple[Events, Events]:
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
    train, test
        Their rows keep their order. What was set aside stays with the first.

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
    held_out = times >= start
    train = replace(events, frame=events.frame.filter(~held_out))
    future = replace(events, frame=events.frame.filter(held_out), quarantine=pl.DataFrame(), rows_read=0)
    future = replace(future, rows_read=len(future))
    train = replace(train, rows_read=len(train) + len(train.quarantine))
    for side, name in ((train, "train"), (future, "test")):
        if len(side) == 0:
            raise DataError(
                f"test={test!r} leaves no event to {name} on: the events reach from {first:%Y-%m-%d %H:%M} to "
                f"{last:%Y-%m-%d %H:%M}, and the test side would begin at {start:%Y-%m-%d %H:%M}"
            )
    return train, future


def split_last_basket(events: Events, *, min_baskets: int = 2) -> tuple[Events, Events]:
    """Split off the last basket of every user: the task of the next basket.

    A basket is what was purchased under one `transaction_id` or, where there is none, at one moment; where no event is
    a purchase, all events count. Other events of the user from the last basket's beginning on are on neither side.

    Parameters
    ----------
    events
        Events with timestamps; where baskets have equal ones, the one that comes last in the source is the last.
    min_baskets
        Users with fewer baskets stay in training as they are.

    Returns
    -------
    train, test
        Their rows keep their order. What was set aside stays with the first.

    Raises
    ------
    DataError
        Where the events have no timestamps, or no user has so many baskets.

    Examples
    --------
    >>> from datetime import datetime
    >>> import endcap as ec, polars as pl
    >>> days = [datetime(2024, 1, day) for day in (1, 2, 2, 3)]
    >>> events = ec.read_events(pl.DataFrame({"user": [1, 1, 1, 2], "item": [1, 2, 3, 1], "date": days}))
    >>> train, test = ec.split_last_basket(events)
    >>> train.frame["item_id"].to_list(), test.frame["item_id"].to_list()
    ([1, 1], [2, 3])
    """
    if not events.has_time:
        raise DataError("the last basket needs events with a timestamp, and these have none; name the column in time=")
    frame = events.frame
    bought = pl.lit(True)
    if EVENT in frame.columns and (frame[EVENT].cast(pl.String) == "purchase").any():
        bought = pl.col(EVENT).cast(pl.String) == "purchase"
    moment = pl.col(TIME).cast(pl.Datetime("us")).cast(pl.Int64).cast(pl.String)
    basket = pl.coalesce(pl.col(TRANSACTION).cast(pl.String), moment) if TRANSACTION in frame.columns else moment
    rows = frame.select(USER, TIME, bought=bought, basket=basket)
    last = (
        rows.filter("bought")
        .sort(TIME, maintain_order=True)
        .group_by(USER)
        .agg(pl.col("basket").n_unique().alias("baskets"), pl.col("basket").last().alias("last"))
        .filter(pl.col("baskets") >= min_baskets)
    )
    marked = rows.join(last, on=USER, how="left", maintain_order="left")
    marked = marked.with_columns(test=(pl.col("bought") & (pl.col("basket") == pl.col("last"))).fill_null(False))
    starts = marked.filter("test").group_by(USER).agg(pl.col(TIME).min().alias("start"))
    marked = marked.join(starts, on=USER, how="left", maintain_order="left")
    earlier = marked.select((pl.col("bought") | (pl.col(TIME) < pl.col("start")).fill_null(True)).alias("before"))[
        "before"
    ]
    held_out = marked["test"]
    if not held_out.any():
        raise DataError(f"no user has {min_baskets} baskets or more, so there is no last one to predict")
    future = replace(events, frame=frame.filter(held_out), quarantine=pl.DataFrame(), rows_read=int(held_out.sum()))
    train = replace(events, frame=frame.filter(~held_out & earlier))
    return replace(train, rows_read=len(train) + len(train.quarantine)), future


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
