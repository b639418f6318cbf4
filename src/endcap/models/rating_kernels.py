"""Ratings and pairs in the form that the kernels of rating prediction take them."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from endcap.data.arrays import CsrMatrix, Float32Array, Int32Array, Int64Array

_STEP: Final = 16
"""Kernels want the number of factors as a multiple of this; the rest is filled with zeros, which stay zero."""


class Lists(NamedTuple):
    """A CSR matrix as contiguous arrays of fixed types; no copy where they have these already."""

    indptr: Int64Array
    indices: Int32Array
    values: Float32Array

    @classmethod
    def of(cls, matrix: CsrMatrix) -> Lists:
        """Take a CSR matrix with float32 entries."""
        return cls(
            np.ascontiguousarray(matrix.indptr, np.int64),
            np.ascontiguousarray(matrix.indices, np.int32),
            np.ascontiguousarray(matrix.data, np.float32),
        )


class Groups(NamedTuple):
    """Pairs ordered by one of their two sides."""

    order: Int64Array
    """Shape (pairs,): which pair comes when."""
    indptr: Int64Array
    """Shape (groups + 1,)."""
    keys: Int32Array
    """Shape (groups,): what the pairs of each group have in common."""

    @classmethod
    def of(cls, keys: Int32Array) -> Groups:
        """Group pairs by a key, in ascending order."""
        order = np.argsort(keys, kind="stable")
        found, starts = np.unique(keys[order], return_index=True)
        return cls(order, np.append(starts, len(keys)).astype(np.int64), found.astype(np.int32))


def padded(factors: Float32Array) -> Float32Array:
    """Return a copy of factors, shape (n, f), with zeros up to the width that kernels want."""
    n, f = factors.shape
    wide = np.zeros((n, -(-f // _STEP) * _STEP), np.float32)
    wide[:, :f] = factors
    return wide


def products(x: Float32Array, y: Float32Array, rows: Int32Array, columns: Int32Array) -> Float32Array:
    """Return x[rows] . y[columns] for each pair, 0 where one is -1."""
    result = np.zeros(len(rows), np.float32)
    known = np.flatnonzero((rows >= 0) & (columns >= 0))
    for begin in range(0, len(known), 1 << 15):
        some = known[begin : begin + (1 << 15)]
        result[some] = np.einsum("pf,pf->p", x[rows[some]], y[columns[some]])
    return result
