"""Best-sellers where a model has no evidence, so that an answer is never short."""

from __future__ import annotations

import numpy as np

from endcap.data.arrays import BoolArray, IndexLists, Int32Array, Int64Array
from endcap.data.interactions import Interactions


def popularity_order(data: Interactions) -> Int32Array:
    """Return the items' positions by the number of users who had to do with them, most first; ties by position."""
    users = np.bincount(data.matrix.indices, minlength=data.shape[1])
    return np.argsort(-users, kind="stable").astype(np.int32)


def fill_with_popular(
    items: Int32Array,
    popularity: Int32Array,
    exclude: IndexLists,
    candidates: IndexLists | Int32Array | None,
) -> BoolArray:
    """Fill the empty places (-1) of `items`, shape (n, k), in order of popularity, and return which were filled.

    Nothing excluded, outside the candidates, or already in the row is put there; what can't be filled stays -1.
    """
    if candidates is None:
        return fill_in_order(items, popularity, exclude)
    place = np.empty(len(popularity), np.int64)
    place[popularity] = np.arange(len(popularity))
    if not isinstance(candidates, IndexLists):
        return fill_in_order(items, candidates[np.argsort(place[candidates])], exclude)
    filled = np.zeros(items.shape, np.bool_)
    for row in np.flatnonzero((items < 0).any(axis=1)).tolist():
        own = candidates.indices[candidates.indptr[row] : candidates.indptr[row + 1]]
        one = items[row : row + 1]
        filled[row] = fill_in_order(one, own[np.argsort(place[own])], exclude.take(np.array([row])))[0]
    return filled


def fill_in_order(items: Int32Array, order: Int32Array, exclude: IndexLists) -> BoolArray:
    """Fill the empty places (-1) of `items`, shape (n, k), with the first of `order` not excluded or in the row."""
    filled = np.zeros(items.shape, np.bool_)
    short = np.flatnonzero((items < 0).any(axis=1))
    for start in range(0, len(short), 4096):
        _fill(items, filled, short[start : start + 4096], order, exclude)
    return filled


def _fill(items: Int32Array, filled: BoolArray, rows: Int64Array, order: Int32Array, exclude: IndexLists) -> None:
    k, banned, own = items.shape[1], exclude.take(rows), items[rows]
    # Among so many of the first, k are free even for the row with the longest exclusions.
    head = order[: 2 * k + int(np.diff(banned.indptr).max(initial=0))]
    place = np.full(max(int(a.max(initial=-1)) for a in (order, banned.indices, own)) + 2, -1)
    place[head] = np.arange(len(head))
    free = np.ones((len(rows), len(head) + 1), np.bool_)  # the last column takes what isn't in the head
    free[banned.rows(), place[banned.indices]] = False
    free[np.arange(len(rows))[:, None], place[own]] = False
    free = free[:, :-1]
    empty = own < 0
    # The nth free item goes to the nth empty place.
    take = free & (np.cumsum(free, axis=1) <= empty.sum(axis=1, keepdims=True))
    into = empty & (np.cumsum(empty, axis=1) <= take.sum(axis=1, keepdims=True))
    row, column = np.nonzero(into)
    items[rows[row], column] = head[np.nonzero(take)[1]]
    filled[rows[row], column] = True
