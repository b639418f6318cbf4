"""The sessions of the past as arrays that the kernel of session neighbours reads, and those that are to go on."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from endcap.data.arrays import Float64Array, Int32Array, Int64Array
from endcap.data.event_log import EventLog

LONGEST: Final = 200
"""So many events of a past session are kept, the last: longer sessions are robots', and would cost their square."""


class SessionIndex(NamedTuple):
    """Past sessions, the newest at position 0, and which of them hold an item."""

    session_ptr: Int64Array
    """Shape (sessions + 1,)."""
    session_items: Int32Array
    """Shape (events,): each session's items in their order, repeats kept."""
    item_ptr: Int64Array
    """Shape (items + 1,)."""
    item_sessions: Int32Array
    """The sessions that hold each item, newest first, at most `recent` of them."""
    last_session: Int32Array
    """Shape (users,): the position of each user's last session, -1 for one without events."""
    age: Float64Array
    """Shape (sessions,): microseconds from a session's last event to the newest session's; 0 without times."""

    @classmethod
    def build(
        cls, log: EventLog, items: int, recent: int, *, distinct: bool = False
    ) -> tuple[SessionIndex, Int64Array]:
        """Index the sessions of a log of `items` items, and count the sessions that hold each item.

        Without times, the sessions of later rows are newer. Of a session, the last `LONGEST` events are taken, or
        `distinct` items, each at its last place.
        """
        begin = session_starts(log)
        lengths = np.diff(begin, append=len(log))
        rows = log.rows()[begin]
        times = np.zeros(len(begin), np.int64) if log.times is None else log.times[begin + lengths - 1]
        newest = np.lexsort((np.arange(len(begin)), times))[::-1]
        position = np.empty(len(begin), np.int32)
        position[newest] = np.arange(len(begin), dtype=np.int32)
        last_session = np.full(len(log.indptr) - 1, -1, np.int32)
        last_session[rows] = position  # a user's sessions are in order, so that the last one stays
        taken = np.minimum(lengths, LONGEST)
        first, taken = (begin + lengths - taken)[newest], taken[newest]
        session_ptr = np.concatenate([[0], np.cumsum(taken)]).astype(np.int64)
        session_items = log.items[np.repeat(first - session_ptr[:-1], taken) + np.arange(session_ptr[-1])]
        if distinct:
            session_ptr, session_items = _last_places(session_ptr, session_items)
        item_ptr, item_sessions, holders = _newest_holders(session_ptr, session_items, items, recent)
        age = (times.max(initial=0) - times[newest]).astype(np.float64)
        return cls(session_ptr, session_items, item_ptr, item_sessions, last_session, age), holders


def _last_places(session_ptr: Int64Array, session_items: Int32Array) -> tuple[Int64Array, Int32Array]:
    """Return the sessions with each item at its last place only."""
    session = np.repeat(np.arange(len(session_ptr) - 1), np.diff(session_ptr))
    keys = session << 32 | session_items
    last = np.sort(len(keys) - 1 - np.unique(keys[::-1], return_index=True)[1])
    counts = np.bincount(session[last], minlength=len(session_ptr) - 1)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), session_items[last]


def _newest_holders(
    session_ptr: Int64Array, session_items: Int32Array, items: int, recent: int
) -> tuple[Int64Array, Int32Array, Int64Array]:
    """Return the newest sessions that hold each item, as lists, and how many there are in all."""
    session = np.repeat(np.arange(len(session_ptr) - 1, dtype=np.int32), np.diff(session_ptr))
    order = np.argsort(session_items, kind="stable")
    item, session = session_items[order], session[order]
    new = np.ones(len(item), np.bool_)
    new[1:] = (item[1:] != item[:-1]) | (session[1:] != session[:-1])
    item, session = item[new], session[new]
    first = np.searchsorted(item, np.arange(items + 1))
    kept = np.arange(len(item)) - first[item] < recent
    holders = np.diff(first)
    item_ptr = np.concatenate([[0], np.cumsum(np.minimum(holders, recent))]).astype(np.int64)
    return item_ptr, session[kept], holders.astype(np.int64)


def session_starts(log: EventLog) -> Int64Array:
    """Return the place of every session's first event, by user and in order."""
    rows = log.rows()
    new = np.ones(len(log), np.bool_)
    new[1:] = (rows[1:] != rows[:-1]) | (log.sessions[1:] != log.sessions[:-1])
    return np.flatnonzero(new)


class CurrentSessions(NamedTuple):
    """The last session of each of n shoppers, as its distinct items, the latest first."""

    indptr: Int64Array
    """Shape (n + 1,)."""
    items: Int32Array
    """Distinct items of each session."""
    steps: Int32Array
    """How far each item's last event is from the session's end: 1 for the last event."""
    lengths: Int64Array
    """Shape (n,): the events of each session, repeats counted."""

    @classmethod
    def of_log(cls, log: EventLog, last: int | None = None) -> CurrentSessions:
        """Take the last session of every row, or the `last` events of it."""
        n, ends = len(log.indptr) - 1, log.indptr[1:]
        row = log.rows()
        newest = np.zeros(n, np.int32)
        there = ends > log.indptr[:-1]
        newest[there] = log.sessions[ends[there] - 1]
        steps = (ends[row] - np.arange(len(row))).astype(np.int32)
        place = np.flatnonzero((log.sessions == newest[row]) & (steps <= (last or len(log))))
        row, steps = row[place], steps[place]
        lengths = np.bincount(row, minlength=n)
        order = np.lexsort((steps, row))  # the latest first
        row, items, steps = row[order], log.items[place[order]], steps[order]
        first = np.sort(np.unique(row << 32 | items, return_index=True)[1])
        indptr = np.concatenate([[0], np.cumsum(np.bincount(row[first], minlength=n))]).astype(np.int64)
        return cls(indptr, items[first], steps[first], lengths)

    def rows(self) -> Int64Array:
        """Return the shopper of every item."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))
