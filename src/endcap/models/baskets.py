"""The purchase baskets of an event log as a sparse matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Float64Array, Int64Array
from endcap.data.event_log import EventLog


@dataclass(frozen=True)
class Baskets:
    """Every shopper's baskets, the oldest first; an item is in a basket or it isn't, however many pieces."""

    matrix: CsrMatrix
    """Shape (baskets, items), float32 CSR of ones with sorted indices."""
    shopper: Int64Array
    """Shape (baskets,): the row of the log, never falling."""
    counts: Int64Array
    """Shape (shoppers,): how many baskets each has."""

    @classmethod
    def of_log(cls, log: EventLog, n_items: int) -> Baskets:
        """Return the baskets of a log; events that are no purchase are in none."""
        bought = log.baskets >= 0
        rows, numbers, items = log.rows()[bought], log.baskets[bought], log.items[bought]
        first = np.ones(len(rows), np.bool_)
        first[1:] = (rows[1:] != rows[:-1]) | (numbers[1:] != numbers[:-1])
        shopper = rows[first]
        indptr = np.append(np.flatnonzero(first), len(items))
        held: CsrMatrix = sparse.csr_array(
            (np.ones(len(items), np.float32), items, indptr), shape=(len(shopper), n_items)
        )
        held.sum_duplicates()
        held.data[:] = 1
        return cls(held, shopper, np.bincount(shopper, minlength=len(log.indptr) - 1))

    def age(self) -> Int64Array:
        """Return how many later baskets the shopper has, shape (baskets,)."""
        last = np.cumsum(self.counts)[self.shopper] - 1
        age: Int64Array = last - np.arange(len(self.shopper))
        return age

    def sum_by_shopper(self, weights: Float64Array) -> CsrMatrix:
        """Return the weights of the baskets that hold an item, summed; shape (shoppers, items), float32 CSR."""
        n = len(self.counts)
        indptr = np.concatenate([[0], np.cumsum(self.counts)])
        chosen: CsrMatrix = sparse.csr_array((weights, np.arange(len(weights)), indptr), shape=(n, len(weights)))
        summed = (chosen @ self.matrix).astype(np.float32)
        summed.eliminate_zeros()
        summed.sort_indices()
        return summed
