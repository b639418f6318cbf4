"""Many events of one user with one item become one entry of a matrix."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from endcap.data.arrays import Float32Array, Int32Array, Int64Array


class Pairs(NamedTuple):
    """Distinct pairs of a row and a column, ordered by row, then column."""

    rows: Int32Array
    columns: Int32Array
    weights: Float32Array
    """The sum of the pair's events, above zero."""
    times: Int64Array | None
    """The latest of the pair's events."""


def fold_pairs(
    rows: Int32Array, columns: Int32Array, weights: Float32Array, times: Int64Array | None, shape: tuple[int, int]
) -> Pairs:
    """Sum the weights of equal pairs and keep their latest time; pairs with a sum of zero or below are left out.

    Events are ordered by two counting sorts, which take linear time and no hash table. Weights are single, sums
    double precision: so the order of the events plays no part in the result.
    """
    if len(rows) == 0:
        return Pairs(rows, columns, weights, times)
    by_column = _counting_order(columns, shape[1])
    order = by_column[_counting_order(rows[by_column], shape[0])]
    row, column = rows[order], columns[order]
    begins = np.empty(len(order), np.bool_)
    begins[0] = True
    np.not_equal(column[1:], column[:-1], out=begins[1:])
    begins[1:] |= row[1:] != row[:-1]
    starts = np.flatnonzero(begins)
    sums = np.add.reduceat(weights[order], starts, dtype=np.float64).astype(np.float32)
    latest = None if times is None else np.maximum.reduceat(times[order], starts)
    row, column = row[starts], column[starts]
    kept = sums > 0
    if kept.all():
        return Pairs(row, column, sums, latest)
    return Pairs(row[kept], column[kept], sums[kept], None if latest is None else latest[kept])


def _counting_order(keys: Int32Array, bound: int) -> npt.NDArray[np.signedinteger]:
    """Return the stable order of keys from 0 to bound - 1: SciPy's transposition of a matrix is a counting sort."""
    kind = np.int32 if len(keys) < 2**31 else np.int64
    one_a_row = sparse.csr_array(
        (np.ones(len(keys), np.bool_), keys, np.arange(len(keys) + 1, dtype=kind)), shape=(len(keys), bound)
    )
    order: npt.NDArray[np.signedinteger] = one_a_row.tocsc().indices
    return order
