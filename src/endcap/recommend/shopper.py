"""A shopper as a question to the models: what was known when they were trained, and what has been done since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from endcap.data.arrays import Int32Array, Int64Array, one_row
from endcap.data.event_log import EventLog
from endcap.data.interactions import Interactions
from endcap.data.vocabulary import Id
from endcap.models.queries import Queries


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a shopper did since the model was trained."""

    item: Id
    event: str
    time: int
    """Microseconds since 1970."""


def question(data: Interactions, row: int, positions: Sequence[int], weights: Sequence[float]) -> Queries:
    """Return one shopper as a query.

    Parameters
    ----------
    data
        What the model was trained on.
    row
        The shopper's row there, -1 for none.
    positions, weights
        The items that the shopper had to do with since, oldest first, and how much each says. All of it happened
        "now", at the end of the training data.
    """
    known = Queries.of_user(data, row)
    if not len(positions):
        return known
    newer, m = np.array(positions, np.int32), data.shape[1]
    items = np.concatenate([known.histories.indices.astype(np.int32), newer])
    amounts = np.concatenate([known.histories.data, np.array(weights, np.float32)])
    distinct, place = np.unique(items, return_inverse=True)
    summed = np.bincount(place, amounts, len(distinct)).astype(np.float32)
    matrix = one_row(summed, distinct, m)
    times: Int64Array | None = None
    if known.last_time is not None:
        times = np.zeros(len(distinct), np.int64)
        np.maximum.at(times, place, np.concatenate([known.last_time, np.full(len(newer), data.newest)]))
    log = None if known.log is None else _continued(known.log, newer, data.newest)
    # The shopper is no longer the one whom a model may have stored under the row, so the history speaks alone.
    return Queries(matrix, times, np.array([-1], np.int32), log)


def _continued(log: EventLog, items: Int32Array, newest: int) -> EventLog:
    """Return one shopper's events and, as a session of their own, those that followed."""
    n = len(items)
    session = int(log.sessions.max(initial=-1)) + 1
    first = int(log.baskets.max(initial=-1)) + 1
    times = None if log.times is None else np.concatenate([log.times, np.full(n, newest, np.int64)])
    return EventLog(
        np.array([0, len(log) + n]),
        np.concatenate([log.items, items]),
        np.concatenate([log.sessions, np.full(n, session, np.int32)]),
        np.concatenate([log.baskets, np.arange(first, first + n, dtype=np.int32)]),
        times,
    )
