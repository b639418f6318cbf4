"""From who saw what when, and what they did, to the sums that an experiment is judged by, day by day."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import polars as pl

from endcap.data.schema import EVENT, PRICE, QUANTITY, USER
from endcap.recommend.experiments import Metric

DAY: Final = 86_400_000_000
"""Microseconds."""


def first_seen(exposures: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """Return each shopper's variant: the one that was seen first, whatever ids the shopper had.

    Who saw several, such as a visitor who logged in, stays with the first: so the variants stay as comparable as the
    draw made them, and what came after counts for what came before.

    Parameters
    ----------
    exposures
        `user_id, variant, at`: when an id first saw a variant.
    aliases
        `anonymous_id, user_id`: whose a visitor's id turned out to be.

    Returns
    -------
    polars.DataFrame
        `user_id, variant, at, several` (whether the shopper saw more than one).

    Examples
    --------
    >>> import polars as pl
    >>> from endcap.monitor.moments import first_seen
    >>> seen = pl.DataFrame({"user_id": ["c1", "ann"], "variant": ["a", "b"], "at": [1, 2]})
    >>> first_seen(seen, pl.DataFrame({"anonymous_id": ["c1"], "user_id": ["ann"]})).rows()
    [('ann', 'a', 1, True)]
    """
    return (
        as_user(exposures, aliases)
        .sort("at", USER, "variant")
        .group_by(USER, maintain_order=True)
        .agg(pl.col("variant").first(), pl.col("at").first(), several=pl.col("variant").n_unique() > 1)
    )


def as_user(table: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """Return a table with each visitor's id replaced by that of the user it turned out to be, as text."""
    known = aliases.select(pl.col("anonymous_id").cast(pl.String), now=pl.col(USER).cast(pl.String))
    return (
        table.with_columns(pl.col(USER).cast(pl.String))
        .join(known, left_on=USER, right_on="anonymous_id", how="left", maintain_order="left")
        .with_columns(pl.coalesce("now", USER).alias(USER))
        .drop("now")
    )


def outcomes(metric: Metric, events: pl.DataFrame, clicks: pl.DataFrame) -> pl.DataFrame:
    """Return what a metric counts, as `user_id, at, amount`.

    Parameters
    ----------
    metric
        "revenue": price times quantity of purchases, refunds taken off; "conversion": purchases; "clicks": clicks on
        recommendations.
    events
        In canonical columns.
    clicks
        `user_id, at`.
    """
    if metric == "clicks":
        return clicks.select(USER, "at", amount=pl.lit(1.0))
    needed: dict[str, Any] = {PRICE: pl.Float64, QUANTITY: pl.Float64, "timestamp": pl.Datetime("us"), EVENT: pl.String}
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in needed.items() if name not in events.columns]
    events = events.with_columns(absent).rename({"timestamp": "at"})
    bought = events.filter(pl.col(EVENT) == "purchase")
    if metric == "conversion":
        return bought.select(USER, "at", amount=pl.lit(1.0))
    sign = pl.when(pl.col(EVENT) == "refund").then(-1.0).otherwise(1.0)
    money = events.filter(pl.col(EVENT).is_in(["purchase", "refund"]))
    amount = sign * pl.col(PRICE).fill_null(0.0).abs() * pl.col(QUANTITY).fill_null(1.0).abs()
    return money.select(USER, "at", amount=amount).filter(pl.col("amount") != 0)


def moments(
    shoppers: pl.DataFrame, done: pl.DataFrame, variants: list[str], start: datetime, days: int, *, once: bool
) -> pl.DataFrame:
    """Return, for the end of each day and each variant, the sums over its shoppers of what they did until then.

    Parameters
    ----------
    shoppers
        `user_id, variant, at`, as `first_seen` returns them.
    done
        `user_id, at, amount`; what was done before the shopper saw the variant isn't counted.
    variants
        The variants' names; each has a row for every day.
    start
        When the first day begins.
    days
        How many there are.
    once
        Whether a shopper counts 1 at most, as one who bought.

    Returns
    -------
    polars.DataFrame
        `day` (from 0), `variant`, `shoppers`, `total` and `squares` (sums of the shoppers' values and of their
        squares), and `active` (shoppers with a value), all until the day's end; sorted by variant and day.
    """
    day = ((pl.col("at") - start).dt.total_microseconds() // DAY).clip(0).cast(pl.Int64).alias("day")
    came = shoppers.select("variant", day).group_by("variant", "day").agg(shoppers=pl.len().cast(pl.Float64))
    own = (
        done.sort("at")
        .join(shoppers.select(USER, "variant", seen="at"), on=USER, how="inner", maintain_order="left")
        .filter(pl.col("at") >= pl.col("seen"))
    )
    if once:
        own = own.unique(USER, keep="first", maintain_order=True).with_columns(amount=pl.lit(1.0))
    # As a shopper's sum grows from s to s + a, the sum of squares grows by a (2 s + a).
    before = pl.col("amount").cum_sum().over(USER) - pl.col("amount")
    grown = own.select(
        "variant", day, "amount", square=pl.col("amount") * (2 * before + pl.col("amount")),
        first=pl.col(USER).is_first_distinct(),
    )  # fmt: skip
    did = grown.group_by("variant", "day").agg(
        total=pl.col("amount").sum(), squares=pl.col("square").sum(), active=pl.col("first").sum().cast(pl.Float64)
    )
    grid = pl.DataFrame({"variant": variants}).join(
        pl.DataFrame({"day": pl.int_range(days, eager=True)}), how="cross", maintain_order="left_right"
    )
    sums = ["shoppers", "total", "squares", "active"]
    filled = grid.join(came, on=["variant", "day"], how="left", maintain_order="left").join(
        did, on=["variant", "day"], how="left", maintain_order="left"
    )
    return filled.with_columns(pl.col(sums).fill_null(0.0).cum_sum().over("variant"))
