"""Faults to plant into real data: one function a check of the doctor, each at three strengths.

A planter takes `(events, catalogue, strength 0-2, random generator)` and returns what `Planted` holds, or None where
the data have no place for the fault (no times of day, one kind of event, ...).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

USER, ITEM, EVENT, TIME, ORDER = "user_id", "item_id", "event", "timestamp", "transaction_id"
LOOKS = ("view_item", "add_to_cart", "add_to_wishlist")


@dataclass
class Planted:
    """Events with a fault."""

    frame: pl.DataFrame
    items: pl.DataFrame | None
    truth: set[Any] = field(default_factory=set)
    """What the finding should name: ids, days, kinds, or positions of rows."""
    days_off: int = 0
    """How many days a named day may lie beside the true one."""


def by_hours(frame: pl.DataFrame) -> bool:
    return bool((frame[TIME].dt.truncate("1d") != frame[TIME]).mean() > 0.5)


def days_of(frame: pl.DataFrame) -> int:
    return (frame[TIME].max() - frame[TIME].min()).days


def moment(frame: pl.DataFrame, rng: np.random.Generator, low=0.3, high=0.7) -> datetime:
    """Return a midnight by which 30 to 70 % of the days have passed."""
    first = frame[TIME].min()
    return (first + timedelta(days=int(days_of(frame) * rng.uniform(low, high)))).replace(hour=0, minute=0, second=0)


def as_text(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Ids as the reading of a file makes them as soon as one of them has a letter."""
    return frame.with_columns(pl.col(one).cast(pl.String) for one in columns)


def new_id(frame: pl.DataFrame, n: int) -> Any:
    """Return an id that looks like the others."""
    if frame.schema[USER] == pl.String:
        return f"{frame[USER][0]}{n}"
    return int(frame[USER].max()) + 1 + n


def bots(frame, items, strength, rng):
    """Crawlers: 20 views a minute for two hours; 100 for five minutes; 300 for ten, ten of them."""
    if not frame[EVENT].is_in(LOOKS).any() or not by_hours(frame):
        return None
    number, rate, minutes = ((1, 20, 120), (3, 100, 5), (10, 300, 10))[strength]
    parts, ids = [frame], []
    for n in range(number):
        clicks = frame.sample(rate * minutes, with_replacement=True, seed=int(rng.integers(1 << 30)))
        start = moment(frame, rng, 0.0, 0.9) + timedelta(hours=int(rng.integers(24)))
        ids.append(new_id(frame, n))
        after = pl.duration(milliseconds=pl.int_range(pl.len()) * (60_000 // rate))
        clicks = clicks.with_columns(
            pl.lit(ids[-1]).cast(frame.schema[USER]).alias(USER),
            pl.lit("view_item").alias(EVENT),
            (pl.lit(start) + after).cast(frame.schema[TIME]).alias(TIME),
        )
        parts.append(clicks)
    return Planted(pl.concat(parts), items, set(ids))


def shared_account(frame, items, strength, rng):
    """1, 3 or 10 % of the orders go to one id that looks like the others, as a till's do."""
    taken = frame.select(USER, TIME).unique(maintain_order=True)
    taken = taken.sample(fraction=(0.01, 0.03, 0.1)[strength], seed=int(rng.integers(1 << 30)))
    one = new_id(frame, 0)
    everybody = frame.join(taken, on=[USER, TIME], how="semi")[USER].len()
    frame = frame.join(taken.with_columns(shared=True), on=[USER, TIME], how="left", maintain_order="left")
    user = pl.when(pl.col("shared")).then(pl.lit(one)).otherwise(USER).cast(frame.schema[USER])
    return Planted(frame.with_columns(user.alias(USER)).drop("shared"), items, {one}) if everybody else None


TESTERS = (
    *("test", "TEST-1", "testuser", "test_user2", "max.test@example.com", "dummy", "dummy-account", "qa01", "QA"),
    *("tester", "testkunde", "Test Customer", "demo-user", "testOrder", "mytest"),
)
HONEST = ("contestant", "Testa", "greatest", "latest_fashion", "protest77", "Aquatest", "Testarossa", "demotte")


def tests(frame, items, strength, rng):
    """1, 3 or 10 shoppers under names that testers use, beside as many under names that only look like it."""
    frame = as_text(frame, USER)
    number = (1, 3, 10)[strength]
    users = rng.permutation(frame[USER].unique().sort().to_numpy())
    number = min(number, len(HONEST), len(users) // 2)
    names = list(rng.permutation(TESTERS)[:number])
    honest = list(rng.permutation(HONEST)[:number])
    renamed = dict(zip(users[: 2 * number], [*names, *honest], strict=True))
    return Planted(frame.with_columns(pl.col(USER).replace(renamed)), items, set(names))


def delivered_twice(frame, items, strength, rng):
    """A stretch of time is delivered twice (a file that overlaps), or orders are, one by one (retries)."""
    if not by_hours(frame):
        return None
    share = (0.002, 0.02, 0.1)[strength]
    if rng.random() < 0.5:
        ordered = frame.sort(TIME)
        length = max(1, int(share * len(frame)))
        start = int(rng.integers(len(frame) - length))
        first, last = ordered[TIME][start], ordered[TIME][start + length - 1]
        again = frame.filter(pl.col(TIME).is_between(first, last))
    else:
        chosen = frame.select(USER, TIME).unique(maintain_order=True)
        chosen = chosen.sample(fraction=share, seed=int(rng.integers(1 << 30)))
        again = frame.join(chosen, on=[USER, TIME], how="semi")
    if again.is_empty():
        return None
    return Planted(pl.concat([frame, again]), items, set(range(len(frame), len(frame) + len(again))))


def clock_ahead(frame, items, strength, rng):
    """0.1, 1 or 5 % of the rows have a year that lies ahead."""
    off = pl.Series(rng.random(len(frame)) < (0.001, 0.01, 0.05)[strength])
    ahead = pl.when(off).then(pl.col(TIME).dt.offset_by("60y")).otherwise(TIME)
    return Planted(frame.with_columns(ahead.alias(TIME)), items, set(off.arg_true()))


def clock_reset(frame, items, strength, rng):
    """0.1, 1 or 5 % of the rows come from a clock that began anew in 1970."""
    off = pl.Series(rng.random(len(frame)) < (0.001, 0.01, 0.05)[strength])
    since = pl.lit(datetime(1970, 1, 1)) + (pl.col(TIME) - frame[TIME].min()) / 10
    reset = pl.when(off).then(since.cast(frame.schema[TIME])).otherwise(TIME)
    return Planted(frame.with_columns(reset.alias(TIME)), items, set(off.arg_true()))


def time_zone(frame, items, strength, rng):
    """From a day on, or for one kind of event, times are 3, 5 or 8 hours off."""
    if not by_hours(frame):
        return None
    hours = (3, 5, 8)[strength] * (1 if rng.random() < 0.5 else -1)
    kinds = frame[EVENT].value_counts().sort("count", descending=True)[EVENT].to_list()
    if days_of(frame) < 40 or (len(kinds) > 1 and rng.random() < 0.5):
        if len(kinds) == 1:
            return None
        off, truth, days_off = pl.col(EVENT) == kinds[1], {kinds[1]}, 0
    else:
        since = moment(frame, rng)
        off, truth, days_off = pl.col(TIME) >= since, {since.date()}, 14
    shifted = pl.when(off).then(pl.col(TIME) + pl.duration(hours=hours)).otherwise(TIME)
    return Planted(frame.with_columns(shifted.alias(TIME)), items, truth, days_off)


def changed_format(frame, items, strength, rng):
    """From a day on, ids of 30, 60 or 100 % of the events (whole ids) have a prefix, zeros in front or a sign."""
    column = (USER, ITEM)[int(rng.integers(2))]
    frame = as_text(frame, column)
    since = moment(frame, rng, 0.35, 0.6)
    new = (
        pl.format("C-{}", column),
        pl.col(column).str.pad_start(16, "0"),
        pl.format("{}_eu", column),
        pl.format("gid://shop/{}", column),
    )[int(rng.integers(4))]
    share = (30, 60, 100)[strength]
    off = (pl.col(TIME) >= since) & (pl.col(column).hash(1) % 100 < share)
    return Planted(frame.with_columns(pl.when(off).then(new).otherwise(column).alias(column)), None, {since.date()}, 7)


def split_identity(frame, items, strength, rng):
    """Half of the events of 1, 10 or 100 shoppers come under an id with a blank, zeros, ".0" or other case."""
    frame = as_text(frame, USER).with_columns(pl.format("u{}", USER).alias(USER))
    counts = frame[USER].value_counts().filter(pl.col("count") >= 2).sort(USER)[USER].to_numpy()
    users = [str(one) for one in rng.permutation(counts)[: (1, 10, 100)[strength]]]
    way = int(rng.integers(4))
    if way in (1, 2):  # numbers as text
        frame = frame.with_columns(pl.col(USER).str.slice(1))
        users = [one[1:] for one in users]
    new = (pl.format("{} ", USER), pl.format("{}.0", USER), pl.format("00{}", USER), pl.col(USER).str.to_uppercase())
    off = pl.col(USER).is_in(users) & (pl.int_range(pl.len()).over(USER) % 2 == 1)
    after = frame.select(pl.when(off).then(new[way]).otherwise(USER).alias(USER)).to_series()
    concerned = after.filter(frame[USER].is_in(users))
    return Planted(frame.with_columns(after), None, set(concerned))


def without_products(frame, items, strength, rng):
    """The catalogue lacks 0.5, 5 or 50 % of the products that are sold, and no others."""
    sold = frame[ITEM].unique().sort()
    lost = sold.sample(max(1, int(len(sold) * (0.005, 0.05, 0.5)[strength])), seed=int(rng.integers(1 << 30)))
    return Planted(frame, pl.DataFrame({ITEM: sold.filter(~sold.is_in(lost.implode()))}), set(lost))


def idle_products(frame, items, strength, rng):
    """0.5, 5 or 50 % of the catalogue's products lose their events."""
    sold = frame[ITEM].unique().sort()
    lost = sold.sample(max(1, int(len(sold) * (0.005, 0.05, 0.5)[strength])), seed=int(rng.integers(1 << 30)))
    return Planted(frame.filter(~pl.col(ITEM).is_in(lost.implode())), pl.DataFrame({ITEM: sold}), set(lost))


def leak(frame, items, strength, rng):
    """A rating that is the quantity, the price, the kind of event or one value, in 100, 99.5 or 98 % of the rows."""
    ways = [pl.lit(5.0)]
    ways += [pl.col(one).cast(pl.Float64) for one in ("quantity", "price") if one in frame.columns]
    if frame[EVENT].n_unique() > 1:
        ways.append(pl.col(EVENT).replace_strict({"purchase": 5.0, "add_to_cart": 3.0}, default=1.0))
    way = ways[int(rng.integers(len(ways)))]
    noise = pl.Series(rng.integers(1, 6, len(frame)).astype(float))
    off = pl.Series(rng.random(len(frame)) < (0.02, 0.005, 0.0)[strength])
    return Planted(frame.with_columns(pl.when(off).then(noise).otherwise(way).alias("rating")), items, {"rating"})


def gap(frame, items, strength, rng):
    """1, 3 or 7 days in a row are missing, days on which the shop was open."""
    length = (1, 3, 7)[strength]
    if days_of(frame) < 28 + length:
        return None
    first = moment(frame, rng, 0.1, 0.9).date()
    lost = {first + timedelta(days=n) for n in range(length)}
    opened = frame[TIME].dt.date()
    if not {min(lost), max(lost)} <= set(opened.filter(opened.is_in(list(lost)))):  # closed on Sundays, or a holiday
        return None
    return Planted(frame.filter(~pl.col(TIME).dt.date().is_in(list(lost))), None, lost)


def jump(frame, items, strength, rng):
    """From a day on, 4, 6 or 10 times fewer shoppers are seen, or were before it."""
    if days_of(frame) < 80:
        return None
    since = moment(frame, rng, 0.4, 0.6)
    later = pl.col(TIME) >= since
    kept = pl.struct(USER, pl.col(TIME).dt.date()).hash(int(rng.integers(1 << 30))) % 60 < (15, 10, 6)[strength]
    thin = later if rng.random() < 0.5 else ~later
    return Planted(frame.filter(kept | ~thin), None, {since.date()}, 7)


PLANTERS: dict[str, tuple[Callable[..., Planted | None], str]] = {
    "bots": (bots, "bots"),
    "one id for everybody": (shared_account, "shared accounts"),
    "test orders": (tests, "test orders"),
    "delivered twice": (delivered_twice, "repeated rows"),
    "clock ahead": (clock_ahead, "future"),
    "clock reset": (clock_reset, "stray times"),
    "time zone": (time_zone, "time zones"),
    "format of ids": (changed_format, "changed formats"),
    "split identities": (split_identity, "split identities"),
    "not in the catalogue": (without_products, "not in the catalogue"),
    "never sold": (idle_products, "never sold"),
    "leaking column": (leak, "leaking columns"),
    "gap of days": (gap, "gaps"),
    "volume": (jump, "volume"),
}
"""Each fault's planter, and the finding that it should lead to."""
