"""What becomes of new products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import polars as pl

from endcap.exploration.rows import Rows

_FOLLOWED = 8  # weeks
_YOUNG = timedelta(weeks=4)
_SHORTEST = timedelta(weeks=8)


@dataclass(frozen=True)
class Debuts:
    """What `debuts` returns."""

    since: datetime
    """What was first seen later is taken for new: before, a product may be old but rarely taken."""
    products: int
    """New products that could be followed for all weeks."""
    weeks: pl.DataFrame
    """`week, selling, taken`: the share of them that was taken in this week of their life (from 1), and how often each
    was on average."""
    found: float
    """The share of them that at least five shoppers took in the weeks followed."""
    young: float
    """The share of what was taken since then that was on products seen for less than four weeks."""


def debuts(rows: Rows) -> Debuts | None:
    """Follow products from the first time they were taken; None where there are not eight weeks.

    The first quarter of the time only tells which products are old.
    """
    taken = rows.taken
    first, last = cast(datetime, taken["time"].min()), cast(datetime, taken["time"].max())
    span = last - first
    if span < _SHORTEST:
        return None
    since = first + span / 4
    number = min(_FOLLOWED, int(span / 4 / timedelta(weeks=1)))
    followed = timedelta(weeks=number)
    born = taken.group_by("item").agg(born=pl.col("time").min())
    new = born.filter(pl.col("born") > since)
    life = taken.select("user", "item", "time").join(new, on="item").with_columns(age=pl.col("time") - pl.col("born"))
    later = taken.filter(pl.col("time") > since).height
    young = life.filter(pl.col("age") < _YOUNG).height / later if later else 0.0
    whole = new.filter(pl.col("born") <= last - followed)
    early = life.filter((pl.col("born") <= last - followed) & (pl.col("age") < followed))
    products = len(whole)
    week = (pl.col("age").dt.total_microseconds() // (timedelta(weeks=1) // timedelta(microseconds=1)) + 1).alias(
        "week"
    )
    counted = early.group_by(week).agg(selling=pl.col("item").n_unique(), taken=pl.len())
    every = pl.DataFrame({"week": pl.int_range(1, number + 1, eager=True)})
    weeks = every.join(counted, on="week", how="left", maintain_order="left").fill_null(0)
    bought = early.group_by("item").agg(n=pl.col("user").n_unique())["n"]
    return Debuts(
        since,
        products,
        weeks.select("week", pl.col("selling") / max(products, 1), pl.col("taken") / max(products, 1)),
        float((bought >= 5).sum()) / max(products, 1),
        young,
    )
