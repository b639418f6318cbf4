"""Pairs held out of interactions, so that a model can learn from what it couldn't see."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import sparse

from endcap.data.arrays import BoolArray, IndexLists
from endcap.data.event_log import EventLog
from endcap.data.interactions import Interactions


def hold_out_pairs(data: Interactions, *, share: float, seed: int) -> tuple[Interactions, IndexLists]:
    """Take pairs of a user and an item out of the interactions: the newest ones, or random ones without times.

    Parameters
    ----------
    data
        Any interactions.
    share
        How many of the pairs are taken, from 0 to 1. Pairs of one moment stay together, so that the share can be
        missed where times are coarse.
    seed
        Of the random choice where there are no times.

    Returns
    -------
    train, held_out
        Interactions of the same users and items without those pairs, and every user's items that were taken.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.data.hold_out import hold_out_pairs
    >>> from endcap.data.interactions import Interactions
    >>> train, held_out = hold_out_pairs(Interactions.from_matrix(np.ones((4, 5))), share=0.2, seed=0)
    >>> train.nnz, len(held_out.indices)
    (16, 4)
    """
    taken = np.zeros(data.nnz, np.bool_)
    if data.last_time is not None and data.nnz and data.last_time.min() < data.last_time.max():
        start = np.partition(data.last_time, int((1 - share) * data.nnz))[int((1 - share) * data.nnz)]
        taken = data.last_time >= max(start, data.last_time.min() + 1)
    else:
        taken[np.random.default_rng(seed).permutation(data.nnz)[: round(share * data.nnz)]] = True
    return divide_pairs(data, taken)


def divide_pairs(data: Interactions, taken: BoolArray) -> tuple[Interactions, IndexLists]:
    """Return interactions of the same users and items without some pairs, and every user's items that were taken.

    `taken` has shape (nnz,), in the order of `data.matrix.indices`.
    """
    matrix = data.matrix
    kept = _part(matrix, ~taken)
    train = dataclasses.replace(
        data,
        matrix=kept,
        last_time=None if data.last_time is None else data.last_time[~taken],
        log=None if data.log is None else _without(data.log, kept),
    )
    return train, IndexLists.from_matrix(_part(matrix, taken))


def _part(matrix: sparse.csr_array, kept: BoolArray) -> sparse.csr_array:
    indptr = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr].astype(matrix.indptr.dtype)
    return sparse.csr_array((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)


def _without(log: EventLog, matrix: sparse.csr_array) -> EventLog:
    """Return the events whose pair is still in the matrix."""
    width = matrix.shape[1]
    lists = IndexLists.from_matrix(matrix)
    kept = np.isin(log.rows() * width + log.items, lists.rows() * width + lists.indices)
    indptr = np.concatenate([[0], np.cumsum(kept)])[log.indptr].astype(np.int64)
    times = None if log.times is None else log.times[kept]
    return EventLog(indptr, log.items[kept], log.sessions[kept], log.baskets[kept], times)
