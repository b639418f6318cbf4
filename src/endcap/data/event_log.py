"""The ordered events behind the interactions: who did what after what, in which session and basket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from endcap.data.arrays import BoolArray, CsrMatrix, Int32Array, Int64Array, places_of_rows
from endcap.data.schema import EVENT, SESSION, TIME, TRANSACTION

SESSION_SILENCE: Final = timedelta(minutes=30)
"""A session ends after so much time without an event; the field's convention, Google Analytics' default too."""


@dataclass(frozen=True)
class EventLog:
    """Every user's events, oldest first; repeats are kept. Refunds, and what they cancel, aren't in it.

    Made by `Interactions.from_events(..., log=True)`. Events of equal time are ordered by their transaction, then as
    in the source. The events of row r are at `indptr[r]` to `indptr[r + 1]` of all other arrays.
    """

    indptr: Int64Array
    """Shape (users + 1,)."""
    items: Int32Array
    """Shape (events,): positions of items."""
    sessions: Int32Array
    """Shape (events,): the number of the session within the user, from 0, never falling. A session ends where the
    next event has another session id or, where one of the two has none, after 30 minutes of silence. Without times
    and session ids there is one session."""
    baskets: Int32Array
    """Shape (events,): the number of the basket within the user, from 0, never falling. A basket ends where the next
    purchase has another transaction id or, where one of the two has none, another time. Where there are purchases,
    -1 for all other events; where there are none, every event counts as one."""
    times: Int64Array | None = None
    """Shape (events,), microseconds since 1970, or None."""

    @classmethod
    def from_events(cls, frame: pl.DataFrame, users: Int32Array, items: Int32Array, n_users: int) -> EventLog:
        """Order events in canonical columns, whose users and items are given as positions."""
        by_time = np.arange(len(users))
        transactions = _codes(frame, TRANSACTION)
        times = frame[TIME].cast(pl.Datetime("us")).cast(pl.Int64).to_numpy() if TIME in frame.columns else None
        if times is not None:
            keys = (times,) if transactions is None else (transactions, times)
            by_time = np.lexsort(keys)
        order = by_time[np.argsort(users[by_time], kind="stable")]
        users, times = users[order], None if times is None else times[order]
        indptr = np.concatenate([[0], np.cumsum(np.bincount(users, minlength=n_users))]).astype(np.int64)
        silence = SESSION_SILENCE // timedelta(microseconds=1)
        sessions = _numbered(users, _ordered(_codes(frame, SESSION), order), times, silence)
        baskets = np.full(len(users), -1, np.int32)
        bought = _purchases(frame, len(users))[order]
        baskets[bought] = _numbered(
            users[bought], _ordered(transactions, order[bought]), None if times is None else times[bought], 0
        )
        return cls(indptr, items[order], sessions, baskets, times)

    @classmethod
    def from_matrix(cls, matrix: CsrMatrix, last_time: Int64Array | None = None) -> EventLog:
        """Take each stored pair for one event at its last time; without times, a user's pairs are one session."""
        users = np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))
        frame = pl.DataFrame()
        if last_time is not None:
            frame = pl.DataFrame({TIME: pl.Series(last_time).cast(pl.Datetime("us"))})
        return cls.from_events(frame, users, matrix.indices.astype(np.int32), matrix.shape[0])

    @classmethod
    def from_histories(cls, lists: list[Int32Array]) -> EventLog:
        """Take lists of items, oldest first: each is one session, and every mention a basket of its own."""
        lengths = np.array([len(items) for items in lists], np.int64)
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        place = (np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths)).astype(np.int32)
        items = np.concatenate([np.zeros(0, np.int32), *lists]).astype(np.int32)
        return cls(indptr, items, np.zeros(len(items), np.int32), place)

    def __len__(self) -> int:
        return len(self.items)

    def rows(self) -> Int64Array:
        """Return the row of every event, shape (events,)."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    def take(self, rows: Int32Array | Int64Array) -> EventLog:
        """Return the events of some rows, in the order asked for; row -1 has none."""
        indptr, places = places_of_rows(self.indptr, rows)
        times = None if self.times is None else self.times[places]
        return EventLog(indptr, self.items[places], self.sessions[places], self.baskets[places], times)


def _codes(frame: pl.DataFrame, column: str) -> Int64Array | None:
    """Return the ids of a column as numbers in the order of their first appearance, -1 for none; None: no column."""
    if column not in frame.columns or frame[column].null_count() == len(frame):
        return None
    values = frame[column]
    first = values.unique(maintain_order=True).drop_nulls()
    codes = values.replace_strict(first, np.arange(len(first)), default=-1, return_dtype=pl.Int64)
    return codes.to_numpy()


def _ordered(codes: Int64Array | None, order: Int64Array) -> Int64Array | None:
    return None if codes is None else codes[order]


def _purchases(frame: pl.DataFrame, n: int) -> BoolArray:
    """Return which of n events count for baskets: the purchases, or all where there are none."""
    if EVENT in frame.columns:
        bought: BoolArray = (frame[EVENT].cast(pl.String) == "purchase").fill_null(False).to_numpy()
        if bought.any():
            return bought
    return np.ones(n, np.bool_)


def _numbered(users: Int32Array, ids: Int64Array | None, times: Int64Array | None, silence: int) -> Int32Array:
    """Return the number within its user of each event's group: a new one at another id or, without ids, after silence.

    Shape (events,). Events come by user, oldest first; `ids` below 0 are unknown.
    """
    if len(users) == 0:
        return np.zeros(0, np.int32)
    later = np.zeros(len(users) - 1, np.bool_) if times is None else np.diff(times) > silence
    if ids is not None:
        known = (ids[1:] >= 0) & (ids[:-1] >= 0)
        later = np.where(known, ids[1:] != ids[:-1], later)
    begins = np.concatenate([[False], later | (users[1:] != users[:-1])])
    number = np.cumsum(begins).astype(np.int32)
    first = np.flatnonzero(np.concatenate([[True], users[1:] != users[:-1]]))
    numbers: Int32Array = number - np.repeat(number[first], np.diff(first, append=len(users)))
    return numbers
