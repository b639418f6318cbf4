"""What shoppers did: a checked table of events, and what was set aside while checking."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from endcap.data.schema import ITEM, TIME, USER


@dataclass(frozen=True)
class Events:
    """Events in the canonical columns of `endcap.data.schema`.

    Made by `endcap.read_events`. `user_id` and `item_id` are always there; the other columns where the source had
    them. `timestamp` is a naive Datetime("us") in UTC.
    """

    frame: pl.DataFrame
    """The good rows, in the order of the source."""
    quarantine: pl.DataFrame = field(default_factory=pl.DataFrame)
    """The rows set aside: the source's own columns, with `file`, `row` and `reason`."""

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def has_time(self) -> bool:
        """Whether the events say when they happened."""
        return TIME in self.frame.columns

    def describe(self) -> str:
        """Return one line: how many events, users, items, and from when to when."""
        users, items = self.frame[USER].n_unique(), self.frame[ITEM].n_unique()
        text = f"{len(self):,} events of {users:,} users on {items:,} items"
        if self.has_time and len(self):
            days = self.frame[TIME].dt.date()
            text += f", {days.min()!s} to {days.max()!s}"
        return text
