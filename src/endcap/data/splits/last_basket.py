"""The last basket of every user held out."""

from __future__ import annotations

import polars as pl

from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.data.schema import EVENT, TIME, TRANSACTION, USER
from endcap.data.splits.split import Split, divide
from endcap.errors import DataError


def split_last_basket(events: Events | pl.DataFrame, *, min_baskets: int = 2) -> Split:
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
    Split
        `train, test`: their rows keep their order. What was set aside stays with the first.

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
    events = as_events(events)
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
    return divide(events, held_out, ~held_out & earlier)
