"""Two sides of events, and what is on one of them alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from endcap.data.arrays import Int64Array
from endcap.data.events import Events
from endcap.data.schema import ITEM, USER
from endcap.errors import DataError, ParameterError


class Split(NamedTuple):
    """What every `split_...` returns: unpack it as `train, test`.

    Users and items of the test side that training doesn't know (cold ones) stay there; `describe` counts them.
    `endcap.evaluate` leaves cold users out, who have no history to recommend from, and counts cold items as missed.
    """

    train: Events
    """To learn from; what was set aside when the events were read stays here."""
    test: Events
    """To test on."""

    @property
    def cold_users(self) -> int:
        """Distinct users of the test side without an event in training."""
        return _only_in(self.test, self.train, USER)

    @property
    def cold_items(self) -> int:
        """Distinct items of the test side without an event in training."""
        return _only_in(self.test, self.train, ITEM)

    def describe(self) -> str:
        """Return one line: the sizes of both sides, and how many users and items of the test side are cold."""
        users, items = self.test.frame[USER].n_unique(), self.test.frame[ITEM].n_unique()
        return (
            f"{len(self.train):,} events to train on, {len(self.test):,} to test on; {self.cold_users:,} of the test's "
            f"{users:,} users and {self.cold_items:,} of its {items:,} items are not in training"
        )


def divide(events: Events, held_out: pl.Series, kept: pl.Series | None = None) -> Split:
    """Return the events where `held_out` is true as the test side; the others, or those in `kept`, as training."""
    if kept is None:
        kept = ~held_out
    train = replace(events, frame=events.frame.filter(kept))
    test = replace(events, frame=events.frame.filter(held_out), quarantine=pl.DataFrame(), rows_read=0)
    return Split(
        replace(train, rows_read=len(train) + len(train.quarantine)),
        replace(test, rows_read=len(test)),
    )


def pair_numbers(events: Events) -> tuple[Int64Array, int]:
    """Return the number of every event's pair of user and item, shape (events,), and how many pairs there are.

    Pairs are numbered in the order of their ids, so that a seed chooses the same pairs whatever the order of rows.
    """
    if len(events) == 0:
        raise DataError("there are no events to split")
    pairs = events.frame.select(USER, ITEM).unique().sort(USER, ITEM).with_row_index("pair")
    found = events.frame.select(USER, ITEM).join(pairs, on=[USER, ITEM], how="left", maintain_order="left")
    return found["pair"].to_numpy().astype(np.int64), len(pairs)


def checked_share(test: Any) -> float:
    """Return a share between 0 and 1, both excluded, or raise `ParameterError`."""
    if isinstance(test, bool) or not isinstance(test, (int, float)) or not 0 < test < 1:
        raise ParameterError(f"test={test!r} won't do: give a share between 0 and 1, such as 0.2")
    return float(test)


def checked_count(name: str, value: Any, least: int) -> int:
    """Return a whole number of at least `least`, or raise `ParameterError`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ParameterError(f"{name}={value!r} won't do: give {least} or more")
    return value


def _only_in(test: Events, train: Events, column: str) -> int:
    known = train.frame.select(column).unique()
    return len(test.frame.select(column).unique().join(known, on=column, how="anti"))
