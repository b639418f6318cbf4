"""Shoppers by the month of their first purchase, and how many of them come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

import polars as pl

from endcap.exploration.rows import Rows


@dataclass(frozen=True)
class Cohorts:
    """What `cohorts` returns."""

    sizes: pl.DataFrame
    """`cohort, shoppers`: how many came first in each month, oldest first."""
    table: pl.DataFrame
    """`cohort, age, shoppers, share`: how many of them came back `age` months later, up to the last month; age 0 is the
    month itself."""
    unfinished: date | None
    """The last month, where the events end before it does."""
    curve: pl.DataFrame
    """`age, shoppers, share`: the same over all cohorts that were seen for that long; an unfinished last month is left
    out, `shoppers` is how many were there to return."""

    def share_after(self, age: int) -> float | None:
        """Return the share of shoppers who took something so many months after their first, or None."""
        found = self.curve.filter(pl.col("age") == age)
        return float(found["share"][0]) if len(found) else None


def cohorts(rows: Rows) -> Cohorts | None:
    """Follow shoppers month by month; None where all events lie in one month."""
    month = pl.col("time").dt.year().cast(pl.Int32) * 12 + pl.col("time").dt.month() - 1
    seen = rows.distinct(month.alias("month"))
    last_month = cast(int, seen["month"].max())
    if seen["month"].min() == last_month:
        return None
    firsts = seen.group_by("user").agg(cohort=pl.col("month").min())
    sizes = firsts["cohort"].value_counts(name="size").sort("cohort")
    active = (
        seen.join(firsts, on="user")
        .group_by("cohort", age=pl.col("month") - pl.col("cohort"))
        .agg(shoppers=pl.len().cast(pl.Int64))
    )
    cells = (
        sizes.with_columns(age=pl.int_ranges(0, last_month + 1 - pl.col("cohort"), dtype=pl.Int32))
        .explode("age")
        .join(active, on=["cohort", "age"], how="left", maintain_order="left")
        .with_columns(pl.col("shoppers").fill_null(0))
    )
    end = cast(datetime, rows.taken["time"].max())
    unfinished = (end + timedelta(days=1)).month == end.month
    whole = cells.filter(pl.col("cohort") + pl.col("age") < last_month) if unfinished else cells
    curve = (
        whole.filter(pl.col("age") > 0)
        .group_by("age")
        .agg(back=pl.col("shoppers").sum(), shoppers=pl.col("size").sum())
        .sort("age")
        .select("age", "shoppers", share=pl.col("back") / pl.col("shoppers"))
    )
    name = pl.date(pl.col("cohort") // 12, pl.col("cohort") % 12 + 1, 1).alias("cohort")
    return Cohorts(
        sizes.select(name, shoppers=pl.col("size").cast(pl.Int64)),
        cells.select(name, "age", "shoppers", share=pl.col("shoppers") / pl.col("size")),
        date(end.year, end.month, 1) if unfinished else None,
        curve,
    )
