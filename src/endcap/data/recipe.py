"""Cleaning as a recipe: rules that set events aside when they are read for training, never in the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, model_validator

from endcap.data.schema import EVENT_ID, ITEM, TIME, TRANSACTION, USER


class Rule(BaseModel):
    """Which events are set aside, and why: one `[[clean]]` of `endcap.toml`."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    rule: Literal["without_users", "without_items", "without_repeats", "from", "until"]
    """`without_users`, `without_items`: those of `ids`; `without_repeats`: orders (and single events)
    that are in the data already, all columns but the events' ids being equal; `from`: before `time`; `until`: from
    `time` on."""
    ids: list[int | str] = []
    """The shoppers or products."""
    time: datetime | None = None
    """A moment, in UTC."""
    why: str = ""
    """For those who read the file later."""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Rule:
        if self.rule in ("without_users", "without_items") and not self.ids:
            raise ValueError(f"the rule {self.rule!r} needs ids = [...]")
        if self.rule in ("from", "until") and self.time is None:
            raise ValueError(f"the rule {self.rule!r} needs a time = 2026-01-31T00:00:00")
        return self

    def sets_aside(self, frame: pl.DataFrame) -> pl.Series:
        """Return for every event whether the rule sets it aside."""
        if self.rule == "without_repeats":
            return _delivered_again(frame)
        if self.rule in ("without_users", "without_items"):
            ids = frame[USER if self.rule == "without_users" else ITEM]
            wanted = pl.Series([str(one) for one in self.ids] if ids.dtype == pl.String else self.ids, strict=False)
            return ids.is_in(wanted.cast(ids.dtype, strict=False).drop_nulls().implode())
        if TIME not in frame.columns or self.time is None:
            return pl.repeat(False, len(frame), eager=True)
        moment = self.time.replace(tzinfo=None)
        return frame[TIME] < moment if self.rule == "from" else frame[TIME] >= moment


def _delivered_again(frame: pl.DataFrame) -> pl.Series:
    """Return the rows of orders that are in the data already, whole: all rows of a shopper at one moment.

    An order that came d times has each of its rows d times or a multiple of that; a product that was scanned twice
    in an order that came once is no repeat.
    """
    row = [name for name in frame.columns if name != EVENT_ID]
    order = [name for name in (USER, TIME, TRANSACTION) if name in frame.columns]
    rows = frame.select(row)
    if not rows.is_duplicated().any():
        return pl.repeat(False, len(frame), eager=True)
    times = pl.len().over(row)
    deliveries = pl.col("times").min().over(order if len(order) > 1 else row)
    counted = rows.with_columns(times.alias("times"), pl.int_range(pl.len()).over(row).alias("before"))
    # What came in one delivery: rounded up where the last delivery was cut short.
    return counted.select(pl.col("before") >= (pl.col("times") + deliveries - 1) // deliveries).to_series()


def apply_recipe(frame: pl.DataFrame, rules: Sequence[Rule]) -> tuple[pl.DataFrame, list[int]]:
    """Return the events that stay, and how many each rule set aside, in the order of the rules.

    Examples
    --------
    >>> import polars as pl
    >>> from endcap.data.recipe import Rule, apply_recipe
    >>> events = pl.DataFrame({"user_id": ["a", "till"], "item_id": [1, 2]})
    >>> kept, counts = apply_recipe(events, [Rule(rule="without_users", ids=["till"])])
    >>> kept["user_id"].to_list(), counts
    (['a'], [1])
    """
    counts = []
    for rule in rules:
        aside = rule.sets_aside(frame)
        counts.append(int(aside.sum()))
        if counts[-1]:
            frame = frame.filter(~aside)
    return frame, counts
