"""Who is asked in an evaluation in time, and what counts as right: decided by the training data alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

import polars as pl

from endcap.data.arrays import IndexLists
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.data.schema import ITEM, TIME, USER
from endcap.evaluation.task import Task, in_history, make_task

REPEATS_COUNT_FROM: Final = 0.1
"""Repeats count as relevant where at least this share of what shoppers take is something they took before."""
RETURNING_FROM: Final = 0.05
"""Where fewer of those who could be asked were there before, visitors are asked: known shoppers are too few to speak
for a shop, such as one whose shoppers have a new id in every session."""
NO_ORDER: Final = (
    "the events have no times: a random part of the pairs of a shopper and a product was held out, and only products "
    "that a shopper isn't known to have count"
)


@dataclass(frozen=True)
class Protocol:
    """How models are asked."""

    exclude_seen: bool
    """Whether what a shopper had before is neither recommended nor relevant."""
    reason: str
    """Why."""
    repeat_share: float | None = None
    """The share of what shoppers took in the past's last window that they had taken before, if measured."""
    visitors: bool = False
    """Whether the first half of what unknown visitors do in a window is given, and the rest is to be found."""

    @classmethod
    def of(
        cls,
        past: Events,
        window: timedelta | float | None,
        *,
        exclude_seen: bool | None = None,
        event_weights: Mapping[str, float] | None = None,
    ) -> Protocol:
        """Decide it by what the past's last `window` says of shoppers; no length of time: they have no order.

        `exclude_seen` is what the user asked for; None: seen items are left out where less than a tenth of what
        shoppers take is something they took before.
        """
        if not isinstance(window, timedelta):
            return cls(True, NO_ORDER) if exclude_seen is None else cls(exclude_seen, "as asked for")
        visitors = few_return(past, window)
        if exclude_seen is not None:
            return cls(exclude_seen, "as asked for", visitors=visitors)
        if visitors:
            return cls(True, "hardly anyone comes back, so what is new to a visitor counts", visitors=True)
        share = repeat_share(past, window, event_weights=event_weights)
        return cls(*seen_rule(share), None if math.isnan(share) else share)

    def task(self, train: Interactions, test: Events, *, event_weights: Mapping[str, float] | None = None) -> Task:
        """Return the task that a window of test events sets; see `make_task`."""
        return make_task(
            train, test, exclude_seen=self.exclude_seen, event_weights=event_weights, visitors=self.visitors
        )


def seen_rule(share: float) -> tuple[bool, str]:
    """Return whether seen items are excluded, and why."""
    least = f"{REPEATS_COUNT_FROM:.0%}"
    if math.isnan(share):
        return True, "nobody came back within the training data, so seen items are excluded"
    of = f"{share:.1%} of what shoppers took in the last window of the training data they had taken before"
    if share >= REPEATS_COUNT_FROM:
        return False, f"{of} ({least} or more), so repeats count and seen items may be recommended"
    return True, f"only {of} (under {least}), so seen items are excluded and only new ones count"


def repeat_share(past: Events, window: timedelta, *, event_weights: Mapping[str, float] | None = None) -> float:
    """Return which share of what shoppers took in the last window of the past they had taken before.

    Counted are distinct pairs of a user, who has a history before the window, and an item. The window is at most
    half of the time there is.

    Returns
    -------
    float
        From 0 to 1; NaN where nobody came back.
    """
    before, after = _last_window(past, window)
    history = Interactions.from_events(before, event_weights=event_weights)
    taken = Interactions.from_events(after, event_weights=event_weights)
    if history.nnz == 0 or taken.nnz == 0:
        return float("nan")
    users, items = history.users.encode(taken.users.ids), history.items.encode(taken.items.ids)
    lists = IndexLists.from_matrix(taken.matrix)
    u, i = users[lists.rows()], items[lists.indices]
    u, i = u[u >= 0], i[u >= 0]
    return float(in_history(history.matrix, u, i).mean()) if len(u) else float("nan")


def few_return(past: Events, window: timedelta) -> bool:
    """Return whether hardly anyone of the last window of the past was there before.

    Compared are those who can be asked: known shoppers, and newcomers who had to do with two products or more.
    """
    before, after = _last_window(past, window)
    shoppers = after.group_by(USER).agg(several=pl.col(ITEM).n_unique() > 1)
    shoppers = shoppers.join(before.select(USER).unique().with_columns(known=True), on=USER, how="left")
    known = int(shoppers["known"].count())
    newcomers = len(shoppers.filter(pl.col("known").is_null() & pl.col("several")))
    return known < RETURNING_FROM * (known + newcomers)


def _last_window(past: Events, window: timedelta) -> tuple[pl.DataFrame, pl.DataFrame]:
    start, end = cast(datetime, past.frame[TIME].min()), cast(datetime, past.frame[TIME].max())
    cut = end - min(window, (end - start) / 2)
    return past.frame.filter(pl.col(TIME) <= cut), past.frame.filter(pl.col(TIME) > cut)
