"""The last events of every user held out."""

from __future__ import annotations

import polars as pl

from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.data.schema import TIME, USER
from endcap.data.splits.split import Split, checked_count, divide
from endcap.errors import DataError


def split_last_out(events: Events | pl.DataFrame, n: int = 1, *, min_events: int | None = None) -> Split:
    """Hold out the last events of every user: "leave last out", for n = 1 "leave one out".

    The users' last events lie at different moments, so training holds events that came after some of those to be found:
    models that follow fashions look better than they would be. `split_by_time` has no such leak.

    Parameters
    ----------
    events
        Events with timestamps; of equal ones, what comes last in the source is the last.
    n
        How many events of each user.
    min_events
        Users with fewer events stay in training as they are. None: n + 1, so that everyone held out has a history.

    Returns
    -------
    Split
        `train, test`, their rows in the order they had.

    Raises
    ------
    DataError
        Where events have no timestamps, or no user has so many events.

    Examples
    --------
    >>> from datetime import datetime
    >>> import endcap as ec, polars as pl
    >>> days = [datetime(2024, 1, day) for day in (3, 1, 2, 1)]
    >>> events = ec.read_events(pl.DataFrame({"user": [1, 1, 1, 2], "item": [7, 8, 9, 7], "date": days}))
    >>> train, test = ec.split_last_out(events)
    >>> train.frame["item_id"].to_list(), test.frame["item_id"].to_list()
    ([8, 9, 7], [7])
    """
    events = as_events(events)
    checked_count("n", n, 1)
    least = n + 1 if min_events is None else checked_count("min_events", min_events, n)
    if not events.has_time:
        raise DataError("the last events need timestamps, and these events have none; name the column in time=")
    from_last = pl.col(TIME).rank("ordinal", descending=False).over(USER)
    size = pl.len().over(USER)
    held_out = events.frame.select(((size - from_last.cast(pl.Int64)) < n) & (size >= least)).to_series()
    if not held_out.any():
        raise DataError(f"no user has {least} events or more, so there is no last one to predict")
    return divide(events, held_out)
