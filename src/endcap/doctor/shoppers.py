"""Shoppers who aren't people: bots, accounts that everybody uses, tests."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, Literal

import polars as pl

from endcap.data.recipe import Rule
from endcap.data.schema import EVENT, ITEM, TIME, TRANSACTION, USER
from endcap.doctor.finding import Finding, first_row
from endcap.doctor.moments import only_days

BOT_EVENTS_A_MINUTE: Final = 60
"""One a second for a whole minute: more than anybody clicks. The busiest minute of RetailRocket's shoppers has 15."""
BOT_EVENTS_AN_HOUR: Final = 500
"""Slow crawlers. The busiest hour of RetailRocket's shoppers has 84, that of bol.com's 166."""
SHARED_TIMES: Final = 3.0
"""Accounts of everybody are there so many times more often than the next busy shopper. In six public data sets the
step from one of the busiest to the next is 2 at most..."""
SHARED_SHARE: Final = 0.005
"""...and have this share of all visits."""
SHARED_HOURS: Final = 8
"""Or they are there in so many hours of most of their days, 14 days or more; of shops whose shoppers are people, the
most is 2."""
_NOBODY = r"(?i)^(guest|anonymous|anon|unknown|none|null|nan|n/?a|undefined|walk.?in|cash|pos|till|0+|-1|-)$"
_TEST = (
    r"(?i)((^|[^a-z])((my[-_ ]?)?tests?|testing|tester|dummy|qa)([^a-z]|$))"
    r"|((^|[^a-z])(test|dummy|demo)[-_ ]?(user|customer|client|account|kunde|order|product|item))"
)
_BOUGHT = ("purchase", "refund", "rate")


def bots(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find shoppers who look at more in a minute than a person can.

    Purchases don't count: an order has as many rows as products.
    """
    if TIME not in frame.columns or EVENT not in frame.columns:
        return []
    looks = frame.lazy().filter(~pl.col(EVENT).cast(pl.String).is_in(_BOUGHT))
    minutes = looks.group_by(USER, pl.col(TIME).dt.truncate("1m").alias("at")).len().collect()
    hours = minutes.group_by(USER, pl.col("at").dt.truncate("1h")).agg(pl.col("len").sum())
    told = []
    ids = frame[USER].head(0)
    for busy, limit, unit in ((minutes, BOT_EVENTS_A_MINUTE, "minute"), (hours, BOT_EVENTS_AN_HOUR, "hour")):
        over = busy.filter(pl.col("len") >= limit).sort("len", USER, descending=[True, False])
        new = over[USER].unique(maintain_order=True)
        new = new.filter(~new.is_in(ids.implode()))
        if len(new):
            most = over.filter(pl.col(USER).is_in(new.implode())).row(0, named=True)
            told.append(
                f"{len(new):,} shoppers made {limit} or more clicks in one {unit} "
                f"({most[USER]}: {most['len']:,} at {most['at']:%Y-%m-%d %H:%M})"
            )
            ids = pl.concat([ids, new])
    if ids.is_empty():
        return []
    theirs = frame.filter(pl.col(USER).is_in(ids.implode()))
    return [
        Finding(
            "bots",
            f"{', '.join(told)}; they have {len(theirs):,} events",
            len(theirs),
            "leave these shoppers out",
            first_row(theirs),
            Rule(rule="without_users", ids=ids.to_list(), why="bots: more clicks than a person makes"),
            ids,
        )
    ]


def shared_accounts(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find ids that stand for everybody: guests, the till.

    They stand out from the busiest shoppers, are there all day long, or have a name that says it. A visit is what an
    id does at one moment, so that an order counts once (where times are days, a visit is an event). Bots have a
    finding of their own.
    """
    timed = TIME in frame.columns and not only_days(frame)
    visits = frame.select(USER, TIME).unique() if timed else frame
    counts = visits[USER].value_counts()
    for finding in bots(frame):
        counts = counts.filter(~pl.col(USER).is_in(finding.concerned.implode()))
    counts = counts.sort("count", USER, descending=[True, False])
    if len(counts) < 20:
        return []
    share = pl.col("count") >= SHARED_SHARE * int(counts["count"].sum())
    busy = float(counts["count"].quantile(0.99) or 0)
    # Of all shoppers, a hundredth (and 50 at most) can be such accounts: above the last large step between them.
    top = counts["count"].head(min(50, max(1, len(counts) // 100)) + 1).to_list()
    steps = [less for more, less in pairwise(top) if more >= SHARED_TIMES * less]
    above = (pl.col("count") > (steps[-1] if steps else top[0])) & share
    always = pl.col(USER).is_in(_all_day(frame).implode()) & share
    named = pl.col(USER).cast(pl.String).str.contains(_NOBODY) & (pl.col("count") > busy)
    found = counts.filter(above | always | named)
    if found.is_empty():
        return []
    ids, first = found[USER], found.row(0, named=True)
    theirs = frame.filter(pl.col(USER).is_in(ids.implode()))
    return [
        Finding(
            "shared accounts",
            f"{len(ids)} ids look like one account for many people ({first[USER]}: there {first['count']:,} times, "
            f"a busy shopper {busy:,.0f}); together {len(theirs) / len(frame):.1%} of all events",
            len(theirs),
            "leave these ids out, unless they are large customers: an account of many has no taste of its own, and "
            "what it bought isn't bought together",
            first_row(theirs.filter(pl.col(USER) == first[USER])),
            Rule(rule="without_users", ids=ids.to_list(), why="accounts that many people share"),
            ids,
        )
    ]


def _all_day(frame: pl.DataFrame) -> pl.Series:
    """Return the ids that are there in 8 hours or more of most of their days, on 14 days or more."""
    if TIME not in frame.columns:
        return frame[USER].head(0)
    hours = frame.lazy().select(USER, pl.col(TIME).dt.truncate("1h").alias("at")).unique()
    days = hours.group_by(USER, pl.col("at").dt.date()).len()
    typical = days.group_by(USER).agg(pl.col("len").median().alias("hours"), pl.len().alias("days"))
    return typical.filter(pl.col("hours") >= SHARED_HOURS, pl.col("days") >= 14).collect()[USER]


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
