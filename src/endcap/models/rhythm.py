"""How often an item is bought again, and whether it is due: time since the last purchase by the item's own rhythm."""

from __future__ import annotations

from typing import Final

import numpy as np

from endcap.data.arrays import CsrMatrix, Float64Array, Int64Array
from endcap.data.event_log import EventLog

OWN: Final = 2
"""So many gaps between a shopper's own purchases of an item make a rhythm of the shopper's own."""


def own_rhythm(log: EventLog, histories: CsrMatrix) -> tuple[Float64Array, Int64Array]:
    """Return each entry's mean gap between the shopper's purchases of the item, and how many gaps there are.

    Both of shape (nnz,), in the order of the histories' entries; microseconds, 0 where there is no gap. Purchases at
    the same time are one. Only what is in a basket counts.
    """
    m = histories.shape[1]
    entries = np.repeat(np.arange(histories.shape[0]), np.diff(histories.indptr)) * m + histories.indices
    gap, gaps = np.zeros(len(entries)), np.zeros(len(entries), np.int64)
    if log.times is None or not len(entries):
        return gap, gaps
    bought = log.baskets >= 0
    key, time = (log.rows() * m + log.items)[bought], log.times[bought]
    order = np.lexsort((time, key))
    key, time = key[order], time[order]
    new = np.ones(len(key), np.bool_)
    new[1:] = (key[1:] != key[:-1]) | (time[1:] != time[:-1])
    key, time = key[new], time[new]
    pairs, first, count = np.unique(key, return_index=True, return_counts=True)
    place = np.minimum(np.searchsorted(entries, pairs), len(entries) - 1)
    there = (entries[place] == pairs) & (count > 1)
    span = (time[first + count - 1] - time[first])[there]
    gaps[place[there]] = count[there] - 1
    gap[place[there]] = span / (count[there] - 1)
    return gap, gaps


def item_rhythm(gap: Float64Array, gaps: Int64Array, histories: CsrMatrix) -> Float64Array:
    """Return each item's median of the shoppers' mean gaps, shape (items,), microseconds; NaN without any."""
    again = np.flatnonzero(gaps > 0)
    again = again[np.lexsort((gap[again], histories.indices[again]))]
    item = histories.indices[again]
    bounds = np.searchsorted(item, np.arange(histories.shape[1] + 1))
    rhythm = np.full(histories.shape[1], np.nan)
    some = np.flatnonzero(np.diff(bounds))
    low, high = (bounds[some] + bounds[some + 1] - 1) // 2, (bounds[some] + bounds[some + 1]) // 2
    rhythm[some] = (gap[again[low]] + gap[again[high]]) / 2
    return rhythm
