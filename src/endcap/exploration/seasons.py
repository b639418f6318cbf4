"""When shoppers take things: by weekday, hour and month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

import polars as pl

from endcap.exploration.rows import Rows

_LEAST_DAYS = 14


@dataclass(frozen=True)
class Seasons:
    """What `seasons` returns; times are UTC unless the source gave local ones."""

    weekdays: pl.DataFrame
    """`weekday, days, taken, a_day`: 1 is Monday; how many such days there were, and how much was taken on one."""
    hours: pl.DataFrame | None
    """`weekday, hour, taken`: all 168 of them; None where the times are days without a clock."""
    months: pl.DataFrame
    """`month, days, taken, a_day`: calendar months with how many of their days are in the data, oldest first."""

    @property
    def whole_year(self) -> bool:
        """Whether every month of a year was seen, without which seasons and growth look alike."""
        return self.months["month"].dt.month().n_unique() == 12

    @property
    def weekday_swing(self) -> float | None:
        """The busiest weekday over the quietest; None where one has nothing."""
        low = cast(float, self.weekdays["a_day"].min())
        return cast(float, self.weekdays["a_day"].max()) / low if low > 0 else None


def seasons(rows: Rows) -> Seasons | None:
    """Count by the calendar; None where there are not two weeks."""
    times = rows.taken["time"]
    first, last = cast(date, times.dt.date().min()), cast(date, times.dt.date().max())
    if (last - first).days < _LEAST_DAYS - 1:
        return None
    days = pl.date_range(first, last, eager=True).alias("day")
    by_day = times.dt.date().alias("day").value_counts(name="taken")
    every = days.to_frame().join(by_day, on="day", how="left").with_columns(pl.col("taken").fill_null(0))
    counts = [pl.len().alias("days"), pl.col("taken").sum(), pl.col("taken").mean().alias("a_day")]
    hours = None
    if times.dt.time().n_unique() > 1:
        grid = pl.DataFrame({"weekday": pl.int_range(1, 8, dtype=pl.Int8, eager=True)}).join(
            pl.DataFrame({"hour": pl.int_range(0, 24, dtype=pl.Int8, eager=True)}), how="cross"
        )
        at = rows.taken.select(weekday=pl.col("time").dt.weekday(), hour=pl.col("time").dt.hour())
        counted = at.group_by("weekday", "hour").agg(taken=pl.len())
        hours = grid.join(counted, on=["weekday", "hour"], how="left", maintain_order="left").fill_null(0)
    return Seasons(
        every.group_by(weekday=pl.col("day").dt.weekday()).agg(*counts).sort("weekday"),
        hours,
        every.group_by(month=pl.col("day").dt.truncate("1mo")).agg(*counts).sort("month"),
    )


def busiest_hour(seasons: Seasons) -> tuple[int, int] | None:
    """Return the weekday and hour at which most is taken."""
    if seasons.hours is None:
        return None
    top = seasons.hours.sort("taken", "weekday", "hour", descending=[True, False, False]).row(0)
    return top[0], top[1]
