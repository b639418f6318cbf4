"""How active shoppers are, and after how long they come back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from endcap.exploration.rows import Rows
from endcap.exploration.summary import activity_classes

_SILENCE_MINUTES = 30
_MOST_DAYS_SHOWN = 90


@dataclass(frozen=True)
class Activity:
    """What `activity` returns; counts are of what shoppers took."""

    shoppers: int
    """Who took anything."""
    classes: pl.DataFrame
    """`low, high, users`: how many shoppers took from `low` to `high` times, in classes each twice as wide."""
    median: float
    mean: float
    top_10_percent: float
    """The share of all that was taken by the most active tenth of shoppers."""


@dataclass(frozen=True)
class Return:
    """What `returning` returns: the days on which shoppers took something, and what lies between."""

    shoppers: int
    one_time: float
    """The share of shoppers with a single day."""
    gaps: pl.DataFrame
    """`days, times`: how often so many days lay between two such days of a shopper; `days` ends its class."""
    width: int
    """Days in a class."""
    beyond: int
    """How often it was more than the last class holds."""
    quarter: float | None
    median: float | None
    three_quarters: float | None
    """Quartiles of the days between; None where nobody came back."""


@dataclass(frozen=True)
class Sessions:
    """What `sessions` returns."""

    sessions: int
    named: bool
    """Whether the data name them; else a session ends with 30 minutes of silence."""
    events: float
    """Events in a session, on average."""
    single: float
    """The share of shoppers with one session alone: nothing carries over from visit to visit for them."""


def activity(rows: Rows) -> Activity:
    """Count what each shopper took."""
    counts = np.sort(rows.taken["user"].value_counts(name="n")["n"].to_numpy().astype(np.int64))[::-1]
    top = counts[: max(len(counts) // 10, 1)].sum() / counts.sum()
    return Activity(len(counts), activity_classes(counts), float(np.median(counts)), float(counts.mean()), float(top))


def returning(rows: Rows) -> Return:
    """Measure the whole days between the days on which a shopper took something; several orders a day count once."""
    days = rows.distinct(pl.col("time").dt.date().cast(pl.Int32).alias("day"))
    per_user = days["user"].value_counts(name="n")["n"]
    same = days["user"].diff().cast(pl.Int64) == 0
    between = days["day"].diff().filter(same)
    width, most = 1, _MOST_DAYS_SHOWN
    if len(between) and (between.quantile(0.9, "linear") or 0) > _MOST_DAYS_SHOWN:
        width, most = 7, 364
    ends = ((between + width - 1) // width * width).alias("days")
    every = pl.DataFrame({"days": pl.int_range(width, most + 1, width, dtype=pl.Int32, eager=True)})
    counted = ends.value_counts(name="times")
    gaps = every.join(counted, on="days", how="left", maintain_order="left").with_columns(pl.col("times").fill_null(0))
    quartiles = [between.quantile(share, "linear") for share in (0.25, 0.5, 0.75)]
    one_time = float((per_user == 1).sum()) / len(per_user)
    return Return(len(per_user), one_time, gaps, width, len(between) - int(gaps["times"].sum()), *quartiles)


def sessions(rows: Rows) -> Sessions | None:
    """Count visits: by the data's session ids, else by 30 minutes of silence; None without ids and times."""
    frame = rows.events
    named = "session_id" in frame.columns and frame["session_id"].null_count() < len(frame)
    if named:
        per_user = frame.group_by("user").agg(n=pl.col("session_id").n_unique())["n"]
    elif rows.has_time:
        pause = pl.col("time").diff() > pl.duration(minutes=_SILENCE_MINUTES)
        first = pl.col("user").diff().cast(pl.Int64).fill_null(1) != 0
        starts = frame.select("user", start=first | pause)
        per_user = starts.filter("start")["user"].value_counts(name="n")["n"]
    else:
        return None
    total = int(per_user.sum())
    return Sessions(total, named, len(frame) / total, float((per_user == 1).sum()) / len(per_user))
