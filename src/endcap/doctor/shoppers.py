"""Shoppers who aren't people: bots, accounts that everybody uses, tests."""

from __future__ import annotations

from typing import Final, Literal

import polars as pl

from endcap.data.recipe import Rule
from endcap.data.schema import EVENT, ITEM, TIME, TRANSACTION, USER
from endcap.doctor.finding import Finding, first_row

BOT_EVENTS_A_MINUTE: Final = 60
"""One a second for a whole minute: more than anybody clicks. The busiest minute of Retailrocket's shoppers has 14."""
SHARED_TIMES: Final = 20
"""An account of everybody has so many times the events of a busy shopper (the 99th percentile)..."""
SHARED_SHARE: Final = 0.005
"""...and this share of all events."""
_NOBODY = r"(?i)^(guest|anonymous|anon|unknown|none|null|nan|n/?a|undefined|walk.?in|cash|pos|till|0+|-1|-)$"
_TEST = r"(?i)(^|[^a-z])(test|tests|testing|tester|dummy|qa)([^a-z]|$)"
_BOUGHT = ("purchase", "refund", "rate")


def bots(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find shoppers who look at more in a minute than a person can.

    Purchases don't count: an order has as many rows as products.
    """
    if TIME not in frame.columns or EVENT not in frame.columns:
        return []
    looks = frame.lazy().filter(~pl.col(EVENT).cast(pl.String).is_in(_BOUGHT))
    busy = (
        looks.group_by(USER, pl.col(TIME).dt.truncate("1m").alias("minute"))
        .len()
        .filter(pl.col("len") >= BOT_EVENTS_A_MINUTE)
        .sort("len", USER, descending=[True, False])
        .collect()
    )
    if busy.is_empty():
        return []
    ids = busy[USER].unique(maintain_order=True)
    theirs = frame.filter(pl.col(USER).is_in(ids.implode()))
    most = busy.row(0, named=True)
    return [
        Finding(
            "bots",
            f"{len(ids):,} shoppers made {BOT_EVENTS_A_MINUTE} or more clicks in one minute "
            f"({most[USER]}: {most['len']:,} at {most['minute']:%Y-%m-%d %H:%M}); they have {len(theirs):,} events",
            len(theirs),
            "leave these shoppers out",
            first_row(theirs),
            Rule(rule="without_users", ids=ids.to_list(), why="bots: more clicks in a minute than a person makes"),
            ids,
        )
    ]


def shared_accounts(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find ids that stand for everybody: guests, the till."""
    counts = frame[USER].value_counts().sort("count", USER, descending=[True, False])
    if len(counts) < 20:
        return []
    busy = float(counts["count"].quantile(0.99) or 0)
    share = pl.col("count") / len(frame)
    huge = (pl.col("count") >= SHARED_TIMES * busy) & (share >= SHARED_SHARE)
    named = pl.col(USER).cast(pl.String).str.contains(_NOBODY) & (pl.col("count") > busy)
    found = counts.filter(huge | named)
    if found.is_empty():
        return []
    ids, events = found[USER], int(found["count"].sum())
    first = found.row(0, named=True)
    return [
        Finding(
            "shared accounts",
            f"{len(ids)} ids look like one account for many people ({first[USER]}: {first['count']:,} events, "
            f"a busy shopper has {busy:,.0f}); together {events / len(frame):.1%} of all events",
            events,
            "leave these ids out: they have no taste of their own, and what they bought isn't bought together",
            first_row(frame.filter(pl.col(USER) == first[USER])),
            Rule(rule="without_users", ids=ids.to_list(), why="accounts that many people share"),
            ids,
        )
    ]


def named_like_tests(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find shoppers, products and orders that are named after a test."""
    found = []
    sought: tuple[tuple[str, Literal["without_users", "without_items"] | None, str], ...] = (
        (USER, "without_users", "shoppers"),
        (ITEM, "without_items", "products"),
        (TRANSACTION, None, "orders"),
    )
    for column, rule, what in sought:
        if column not in frame.columns or frame.schema[column] != pl.String:
            continue
        ids = frame[column].drop_nulls().unique().sort()
        ids = ids.filter(ids.str.contains(_TEST))
        if column == ITEM and items is not None and "title" in items.columns:
            titled = items.filter(pl.col("title").str.contains(r"(?i)^(test|dummy)( |$)"))[ITEM].cast(pl.String)
            ids = pl.concat([ids, titled.filter(titled.is_in(frame[ITEM].implode()))]).unique().sort()
        if len(ids) == 0:
            continue
        theirs = frame.filter(pl.col(column).is_in(ids.implode()))
        users = theirs[USER].unique().sort()
        cleaning = Rule(rule=rule, ids=ids.to_list(), why="tests") if rule else None
        found.append(
            Finding(
                "test orders",
                f"{len(ids):,} {what} are named like tests (such as {ids[0]}); they have {len(theirs):,} events",
                len(theirs),
                f"leave them out{'' if rule else ': by their shoppers, where these only test'}",
                first_row(theirs),
                cleaning,
                ids if rule else users,
            )
        )
    return found
