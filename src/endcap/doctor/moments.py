"""The stretch of time in which a shop's events lie, without those of clocks that were wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from endcap.data.schema import TIME

STRAY_SHARE: Final = 0.1
"""What a year without events cuts off is stray where it is this share of all events at most."""
_YEAR = timedelta(days=365)


def usual_span(frame: pl.DataFrame) -> tuple[datetime | None, datetime | None]:
    """Return the moments from which and until which the events lie without the stray ones; None: nothing is stray.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import datetime
    >>> times = [datetime(1970, 1, 1), *[datetime(2026, 1, 1, hour) for hour in range(20)]]
    >>> usual_span(pl.DataFrame({"timestamp": times}))
    (datetime.datetime(2026, 1, 1, 0, 0), None)
    """
    days = frame.select(pl.col(TIME).dt.date()).to_series().value_counts(sort=False).sort(TIME)
    before = pl.col("count").cum_sum().shift(1, fill_value=0) / len(frame)
    jumps = days.with_columns((pl.col(TIME) - pl.col(TIME).shift(1)).alias("since"), before.alias("before"))
    jumps = jumps.filter(pl.col("since") >= _YEAR)
    early = jumps.filter(pl.col("before") <= STRAY_SHARE)[TIME].cast(pl.Datetime("us")).max()
    late = jumps.filter(pl.col("before") >= 1 - STRAY_SHARE)[TIME].cast(pl.Datetime("us")).min()
    return early, late  # type: ignore[return-value]  # of a column of moments


def only_days(frame: pl.DataFrame) -> bool:
    """Return whether times are days, without an hour."""
    return float((frame[TIME].dt.truncate("1d") == frame[TIME]).mean() or 0) > 0.95  # type: ignore[arg-type]


def usual_times(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the events without the stray ones; all of them where there is no time."""
    if TIME not in frame.columns or frame.is_empty():
        return frame
    first, end = usual_span(frame)
    if first is not None:
        frame = frame.filter(pl.col(TIME) >= first)
    return frame if end is None else frame.filter(pl.col(TIME) < end)
