"""From what a shop has to checked events: recognise, read, understand, check, set aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from endcap.data.columns import OPTIONS
from endcap.data.event_reader import EventReader
from endcap.data.events import Events
from endcap.data.sources import is_table
from endcap.errors import DataError


def as_events(data: Any) -> Events:
    """Return events as they are, a Polars table in their columns unchecked, any other table as `read_events` reads it.

    Raises
    ------
    DataError
        Where it is neither.
    """
    if isinstance(data, Events):
        return data
    if isinstance(data, pl.DataFrame):
        return Events(data)
    if is_table(data):
        return read_events(data)
    raise DataError(
        f"{type(data).__name__} is no table of events; give what endcap.read_events returns, or a table of Polars, "
        "pandas or Arrow"
    )


def read_events(
    source: Any,
    *,
    user: str | None = None,
    item: str | None = None,
    time: str | None = None,
    event: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    rating: str | None = None,
    transaction: str | None = None,
    session: str | None = None,
    event_id: str | None = None,
    anonymous: str | None = None,
    default_event: str | None = None,
    rating_scale: tuple[float, float] | None = None,
    time_format: str | None = None,
    separator: str | None = None,
    format: str | None = None,
    query: str | None = None,
    deduplicate: bool = False,
    now: datetime | None = None,
) -> Events:
    """Read what shoppers did, check every row, and set aside those that can't be used.

    Parameters
    ----------
    source
        A CSV, TSV, JSON lines or Parquet file (text also .gz or .zst), a pattern such as "orders-*.csv", a Polars
        (also lazy), pandas or Arrow table, the URL of a database, or a list of those; all with the same columns.
    user, item, time, event, quantity, price, rating, transaction, session, event_id, anonymous
        The source's column of each kind. None recognises it by its name; "none" says that there is none. Users and
        items are needed; where there are sessions and no users, each session is taken for a user. `price` is that of
        one piece, not of the line. `anonymous` is the visitor's id before a log-in: it stands in where there is no
        user.
    default_event
        What the rows are where the source has no column of events; None is "rate" where it has ratings and
        "purchase" otherwise.
    rating_scale
        Lowest and highest rating; None takes the smallest of 0 to 5, 0 to 10 and 0 to 100 that holds 99 % of the
        ratings, and checks nothing where none does.
    time_format
        How times are written, in the letters of `strftime`; None finds it. Needed only where no date tells day from
        month.
    separator
        Between the fields of CSV files; None finds it.
    format
        The export that the source is, one of `endcap.data.sources.FORMATS`; None recognises it by its columns unless
        columns are named here; "plain" takes the columns as they are.
    query
        What to read from a database, in its SQL.
    deduplicate
        Set aside rows whose event id an earlier row had. Without it, equal rows are kept: they may be two purchases.
    now
        The present, in UTC; None asks the clock. Rows more than 24 hours later are set aside.

    Raises
    ------
    DataError
        Where the source can't be read, a column is missing or could be one of several, no row is usable, or one
        reason would set aside more than half of the rows: a column was likely mistaken.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> orders = pl.DataFrame({"Customer ID": [7, 8, 7], "SKU": ["a", "b", "b"], "Qty": [1, 2, -1]})
    >>> events = ec.read_events(orders)
    >>> events.frame.columns, len(events), list(events.mapping.values())
    (['user_id', 'item_id', 'event', 'quantity'], 2, ['Customer ID', 'SKU', 'Qty'])
    >>> events.quarantine["row"].to_list()
    [3]
    """
    columns = (user, item, time, event, quantity, price, rating, transaction, session, event_id, anonymous)
    reader = EventReader(
        source,
        dict(zip(OPTIONS, columns, strict=True)),
        default_event=default_event,
        rating_scale=rating_scale,
        time_format=time_format,
        separator=separator,
        format=format,
        query=query,
        deduplicate=deduplicate,
        now=now,
    )
    frames = [frame for frame, _ in reader.batches(None)]
    return replace(reader.finish(), frame=pl.concat(frames))
