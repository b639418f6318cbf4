"""A shop's events in the figures that matter for recommending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array, Int64Array
from endcap.data.events import Events
from endcap.data.schema import ITEM, TIME, USER
from endcap.errors import DataError

_DAYS_SHOWN = 60  # up to so many days are shown day by day, longer times week by week


@dataclass(frozen=True)
class Concentration:
    """How unevenly events fall on items: the long tail."""

    items: Float64Array
    """Shape (p,): shares of the items, the most taken first, from 0 to 1."""
    events: Float64Array
    """Shape (p,): the share of all events that they have (a Lorenz curve, Lorenz 1905, from its steep end)."""
    gini: float
    """Gini's coefficient (1912): 0 where all items are taken equally often, near 1 where one takes it all."""
    top_1_percent: float
    """The share of events that the most taken 1 % of the items have."""
    top_10_percent: float
    """The same of 10 %."""

    def share(self, part: float) -> float:
        """Return the share of events that a share of the items has, the most taken first, read off the curve."""
        return float(np.interp(part, self.items, self.events))


@dataclass(frozen=True)
class Summary:
    """What `summarise` returns."""

    events: int
    users: int
    items: int
    pairs: int
    """Distinct pairs of a user and an item."""
    first: datetime | None
    last: datetime | None
    periods: pl.DataFrame | None
    """`start, events, users` of every full `period`, oldest first; None where there is no time or too little of it."""
    period: str
    """"day" or "week"."""
    tail: Concentration
    activity: pl.DataFrame
    """`low, high, users`: how many users have from `low` to `high` events, in classes each twice as wide."""
    median_events: float
    """Of a user."""
    one_time_users: float
    """The share of users with one event."""
    lonely_items: float
    """The share of items that a single user had to do with."""
    best_sellers: pl.DataFrame
    """`item_id, users`: the ten items that most users had to do with."""

    @property
    def density(self) -> float:
        """The share of all pairs of a user and an item that have an event."""
        return self.pairs / (self.users * self.items)

    @property
    def repeat_share(self) -> float:
        """The share of events that repeat an earlier one of the same user on the same item."""
        return 1 - self.pairs / self.events


def summarise(events: Events) -> Summary:
    """Return what events look like: how many, when, how unevenly spread.

    Raises
    ------
    DataError
        Where there are no events.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> from endcap.exploration.summary import summarise
    >>> summary = summarise(ec.Events(pl.DataFrame({"user_id": [1, 1, 2], "item_id": [7, 7, 8]})))
    >>> summary.pairs, summary.density, summary.repeat_share > 0.3
    (2, 0.5, True)
    """
    frame = events.frame
    if len(frame) == 0:
        raise DataError("there are no events to summarise")
    pairs = frame.group_by(USER, ITEM).len()
    per_user = frame[USER].value_counts(name="n")["n"].to_numpy().astype(np.int64)
    per_item = pairs.group_by(ITEM).agg(pl.col("len").sum().alias("events"), pl.len().alias("users"))
    first = last = None
    if TIME in frame.columns:
        first, last = cast(datetime, frame[TIME].min()), cast(datetime, frame[TIME].max())
    period, periods = in_periods(frame, USER, TIME, first, last)
    return Summary(
        events=len(frame),
        users=len(per_user),
        items=len(per_item),
        pairs=len(pairs),
        first=first,
        last=last,
        periods=periods,
        period=period,
        tail=concentration(per_item["events"].to_numpy().astype(np.int64)),
        activity=activity_classes(per_user),
        median_events=float(np.median(per_user)),
        one_time_users=float((per_user == 1).mean()),
        lonely_items=float((per_item["users"] == 1).mean()),  # type: ignore[arg-type]
        best_sellers=per_item.sort("users", ITEM, descending=[True, False]).select(ITEM, "users").head(10),
    )


def concentration(counts: Int64Array, points: int = 200) -> Concentration:
    """Return how unevenly counts, one an item and above zero, are spread.

    `points` is about how many points the curve has; they lie closer together where it is steep.
    """
    ordered = np.sort(counts)[::-1].astype(np.float64)
    n, total = len(ordered), ordered.sum()
    cumulative = np.concatenate([[0], np.cumsum(ordered)]) / total
    at = np.unique(np.round(n * np.linspace(0, 1, points) ** 2).astype(np.int64))
    ascending_rank = np.arange(n, 0, -1)
    gini = float(2 * (ascending_rank * ordered).sum() / (n * total) - (n + 1) / n)

    def share(part: float) -> float:
        return float(np.interp(part * n, np.arange(n + 1), cumulative))

    return Concentration(at / n, cumulative[at], gini, share(0.01), share(0.1))


def in_periods(
    frame: pl.DataFrame, user: str, time: str, first: datetime | None, last: datetime | None
) -> tuple[str, pl.DataFrame | None]:
    """Count back from the last event in whole days or weeks; what is left over at the start isn't shown."""
    if first is None or last is None:
        return "day", None
    span = last - first
    period, length = ("day", timedelta(days=1)) if span <= timedelta(days=_DAYS_SHOWN) else ("week", timedelta(weeks=1))
    number = span // length
    if number < 2:
        return period, None
    microseconds = length // timedelta(microseconds=1)
    back = ((pl.lit(last) - pl.col(time)).dt.total_microseconds() // microseconds).alias("back")
    counts = frame.group_by(back).agg(pl.len().alias("events"), pl.col(user).n_unique().alias("users"))
    every = pl.DataFrame({"back": np.arange(number - 1, -1, -1)})
    table = every.join(counts, on="back", how="left", maintain_order="left").fill_null(0)
    start = (pl.lit(last) - (pl.col("back") + 1) * pl.lit(length)).alias("start")
    return period, table.select(start, "events", "users")


def activity_classes(per_user: Int64Array) -> pl.DataFrame:
    """Return `low, high, users`: the numbers of users with 1, 2 to 3, 4 to 7, ... events."""
    width = np.frexp(per_user)[1] - 1
    users = np.bincount(width)
    low = 2 ** np.arange(len(users))
    return pl.DataFrame({"low": low, "high": 2 * low - 1, "users": users})
