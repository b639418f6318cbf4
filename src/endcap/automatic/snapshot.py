"""What events a model was trained on, in a few figures, and whether later ones look like the same shop's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import polars as pl

from endcap.automatic.check import Check, is_usual
from endcap.data.events import Events
from endcap.data.schema import ITEM, TIME, USER
from endcap.data.splits.in_order import have_order

LEAST_LEFT: Final = 0.8
"""A shop's past doesn't go away: with less than this share of what there was, an import went wrong."""
MOST_SURGE: Final = 3.0
"""Times the usual events a day: weeks before Christmas have two to three; models would be measured on what is odd."""
MOST_PAST: Final = 0.2
"""What happened long ago has happened: a few events come late, but a fifth more are made up, or another shop's."""


@dataclass(frozen=True)
class Snapshot:
    """The events that a model was trained on."""

    events: int
    users: int
    items: int
    newest: datetime | None
    """The time of the newest event; None where events have no time."""
    widest_item: float
    """The share of the shoppers that had to do with the item that most had to do with."""
    busiest_user: float
    """The share of the events that are the busiest shopper's."""
    surge: float
    """Events a day in the newest weeks (a fifth of all time, four weeks at most) over those before; 1 where events have
    no time."""

    @classmethod
    def of(cls, events: Events) -> Snapshot:
        """Count events."""
        frame = events.frame
        if frame.is_empty():
            return cls(0, 0, 0, None, 0.0, 0.0, 1.0)
        users = frame[USER].n_unique()
        by_item = frame.group_by(ITEM).agg(pl.col(USER).n_unique())[USER]
        by_user = frame.group_by(USER).len()["len"]
        newest = cast(datetime, frame[TIME].max()) if events.has_time else None
        most = cast(int, by_item.max()), cast(int, by_user.max())
        surge = _surge(frame[TIME]) if events.has_time else 1.0
        return cls(len(frame), users, len(by_item), newest, most[0] / users, most[1] / len(frame), surge)

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {**vars(self), "newest": None if self.newest is None else self.newest.isoformat()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Snapshot:
        """Return what `to_dict` made."""
        newest = stored["newest"]
        return cls(**{**stored, "newest": None if newest is None else datetime.fromisoformat(newest)})


def data_checks(now: Snapshot, before: Snapshot | None, events: Events | None = None) -> list[Check]:
    """Return whether the events are the same shop's as before: not fewer, not older, not all about one product.

    `before` is what the model in use was trained on; None: that isn't known. `now` was made of `events`.
    """
    checks = [Check("events", now.events > 0, f"{now.events:,} events" if now.events else "there are no events")]
    if before is None or not now.events:
        return checks
    checks[0] = _enough("events", now.events, before.events)
    checks.append(_enough("shoppers", now.users, before.users))
    checks.append(_enough("products", now.items, before.items))
    if before.newest is not None:
        newer = now.newest is not None and now.newest >= before.newest and (events is None or have_order(events))
        what = "the events have no time now" if now.newest is None else f"the newest event is of {now.newest:%F %H:%M}"
        if events is not None and now.newest is not None and not have_order(events):
            what = f"all events are of {now.newest:%F %H:%M}"
        checks.append(Check("newest event", newer, f"{what}; before it was of {before.newest:%F %H:%M}"))
        if events is not None and events.has_time:
            checks.append(_the_past(int((events.frame[TIME] <= before.newest).sum()), before))
    surge = f"the newest weeks have {now.surge:.1f} times the events a day of those before; it was {before.surge:.1f}"
    checks.append(Check("newest weeks", now.surge <= MOST_SURGE * max(1.0, before.surge), surge))
    item = f"one product is taken by {now.widest_item:.1%} of the shoppers; before at most by {before.widest_item:.1%}"
    checks.append(Check("widest product", is_usual(now.widest_item, before.widest_item), item))
    user = f"one shopper makes {now.busiest_user:.1%} of the events; before at most {before.busiest_user:.1%}"
    checks.append(Check("busiest shopper", is_usual(now.busiest_user, before.busiest_user), user))
    return checks


def _the_past(known: int, before: Snapshot) -> Check:
    more = known / max(1, before.events) - 1
    told = f"{known:,} events are dated up to {before.newest:%F %H:%M}; then there were {before.events:,}"
    return Check("the past", more <= MOST_PAST, f"{told}: {more:+.0%}")


def _surge(times: pl.Series) -> float:
    first, last = cast(datetime, times.min()), cast(datetime, times.max())
    span = last - first
    newest = min(span / 5, timedelta(weeks=4))
    if not newest:
        return 1.0
    late = int((times > last - newest).sum())
    early = max(1, len(times) - late)
    return float(late / early * ((span - newest) / newest))


def _enough(what: str, now: int, before: int) -> Check:
    share = now / max(1, before)
    return Check(what, share >= LEAST_LEFT, f"{now:,} {what}, {share:.0%} of the {before:,} before")
