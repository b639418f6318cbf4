"""How much is about shoppers and products that nobody has seen before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

import polars as pl

from endcap.exploration.rows import Rows

_LONG = timedelta(days=400)


@dataclass(frozen=True)
class Newcomers:
    """What `newcomers` returns."""

    period: Literal["week", "four weeks"]
    periods: pl.DataFrame
    """`start, taken, new_users, new_items, either`: shares of what was taken in the period by shoppers, and of
    products, without any event before it; oldest first. The first of them can't but be new."""
    new_users: float
    new_items: float
    either: float
    """The same over the later half of the periods."""


def newcomers(rows: Rows) -> Newcomers | None:
    """Ask of every period what a model trained just before it would not have known; None with fewer than four.

    Periods are weeks, or four weeks where there is more than a year, counted back from the last event.
    """
    last = cast(datetime, rows.events["time"].max())
    span = last - cast(datetime, rows.events["time"].min())
    period: Literal["week", "four weeks"] = "week" if span <= _LONG else "four weeks"
    long = timedelta(weeks=1 if period == "week" else 4)
    if span // long < 4:
        return None
    # Periods are numbered backwards, so the first one of a shopper has the highest number.
    back = ((pl.lit(last) - pl.col("time")).dt.total_microseconds() // (long // timedelta(microseconds=1))).cast(
        pl.Int32
    )
    events = rows.events.select("user", "item", back=back)
    firsts = {name: events.group_by(name).agg(pl.col("back").max()).sort(name)["back"] for name in ("user", "item")}
    taken = events if rows.all_taken else rows.taken.select("user", "item", back=back)
    new = {name: firsts[name].gather(taken[name]) == taken["back"] for name in firsts}
    flags = pl.DataFrame(
        {"back": taken["back"], "user": new["user"], "item": new["item"], "either": new["user"] | new["item"]}
    )
    counted = flags.group_by("back").agg(
        pl.len().alias("taken"), *(pl.col(name).sum().cast(pl.Int64) for name in ("user", "item", "either"))
    )
    number = int(span // long) + 1
    every = pl.DataFrame({"back": pl.int_range(number - 1, -1, -1, dtype=pl.Int32, eager=True)})
    table = every.join(counted, on="back", how="left", maintain_order="left").fill_null(0)
    later = table.tail(number // 2).sum()
    total = max(later["taken"][0], 1)
    return Newcomers(
        period,
        table.select(
            (pl.lit(last) - (pl.col("back") + 1) * pl.lit(long)).alias("start"),
            "taken",
            *(
                pl.when(pl.col("taken") > 0).then(pl.col(name) / pl.col("taken")).alias(shown)
                for name, shown in (("user", "new_users"), ("item", "new_items"), ("either", "either"))
            ),
        ),
        later["user"][0] / total,
        later["item"][0] / total,
        later["either"][0] / total,
    )
