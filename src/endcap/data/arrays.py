"""The array types that rooms hand each other, and the one sparse structure that kernels read."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from endcap import native

Float32Array: TypeAlias = npt.NDArray[np.float32]
Float64Array: TypeAlias = npt.NDArray[np.float64]
Int32Array: TypeAlias = npt.NDArray[np.int32]
Int64Array: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
CsrMatrix: TypeAlias = Any  # scipy.sparse.csr_array, float32; SciPy's stubs can't say so in a release-proof way


class IndexLists(NamedTuple):
    """A list of positions for each of n rows: row r holds `indices[indptr[r]:indptr[r + 1]]`, ascending."""

    indptr: Int64Array
    """Shape (n + 1,)."""
    indices: Int32Array
    """Shape (indptr[-1],)."""

    @classmethod
    def empty(cls, n: int) -> IndexLists:
        """Return n lists without an entry."""
        return cls(np.zeros(n + 1, np.int64), np.zeros(0, np.int32))

    @classmethod
    def from_matrix(cls, matrix: CsrMatrix) -> IndexLists:
        """Return the positions of a CSR matrix's entries (sorted; no copy where types already fit)."""
        return cls(matrix.indptr.astype(np.int64, copy=False), matrix.indices.astype(np.int32, copy=False))

    @classmethod
    def from_pairs(cls, rows: Int32Array | Int64Array, columns: Int32Array, n: int) -> IndexLists:
        """Return the lists that pairs of (row, column) make; repeats are merged."""
        rows = np.ascontiguousarray(rows, None if rows.dtype == np.int32 else np.int64)
        indptr, indices = np.empty(n + 1, np.int64), np.ascontiguousarray(columns, np.int32)
        if native.pair_lists(rows, indices, indptr):
            return cls(indptr, indices)  # in order, as most callers have them: nothing to sort, nothing to merge
        width = int(columns.max(initial=-1)) + 1
        matrix = sparse.csr_array((np.ones(len(rows), np.bool_), (rows, columns)), shape=(n, width))
        matrix.sort_indices()
        return cls.from_matrix(matrix)

    def take(self, rows: Int32Array | Int64Array) -> IndexLists:
        """Return the lists of some rows, in the order asked for; row -1 has an empty one."""
        if len(rows) == len(self.indptr) - 1 and (rows == np.arange(len(rows))).all():
            return self  # everyone, as a shop's evaluation asks for
        indptr, places = places_of_rows(self.indptr, rows)
        return IndexLists(indptr, self.indices[places])

    def union(self, other: IndexLists) -> IndexLists:
        """Return, row by row, what is in either."""
        if len(other.indices) == 0:
            return self
        if len(self.indices) == 0:
            return other
        n = len(self.indptr) - 1
        rows = np.concatenate([self.rows(), other.rows()])
        return IndexLists.from_pairs(rows, np.concatenate([self.indices, other.indices]), n)

    def rows(self) -> Int64Array:
        """Return the row of every entry, shape (indptr[-1],)."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))


def with_values(matrix: CsrMatrix, values: Float32Array) -> CsrMatrix:
    """Return a CSR matrix with other values at the same places, which are shared."""
    other = copy(matrix)  # SciPy's own way checks the places again, which takes a request longer than the values
    other.data = values
    return other


def one_row(values: Float32Array, columns: Int32Array, m: int) -> CsrMatrix:
    """Return a CSR matrix of shape (1, m) with the entries given, columns ascending."""
    row = copy(_empty_row(m))
    row.data, row.indices, row.indptr = values, columns, np.array([0, len(columns)], columns.dtype)
    return row


@lru_cache(maxsize=16)
def _empty_row(m: int) -> CsrMatrix:
    return sparse.csr_array((1, m), dtype=np.float32)


def with_short_positions(matrix: CsrMatrix) -> CsrMatrix:
    """Return a CSR matrix with positions of 32 bits, as kernels read them, where that is enough; values are shared."""
    if matrix.indices.dtype == matrix.indptr.dtype == np.int32 or max(matrix.nnz, *matrix.shape) >= 2**31:
        return matrix
    positions = matrix.indices.astype(np.int32, copy=False), matrix.indptr.astype(np.int32, copy=False)
    return sparse.csr_array((matrix.data, *positions), shape=matrix.shape)


def places_of_rows(indptr: Int32Array | Int64Array, rows: Int32Array | Int64Array) -> tuple[Int64Array, Int64Array]:
    """Return where the entries of some rows lie: the lists' own `indptr`, and the places to gather from.

    Row -1 is one without entries.
    """
    known = rows >= 0  # looked up one by one: a request asks for one of a million rows
    starts = indptr[np.where(known, rows, 0)].astype(np.int64)
    lengths = np.where(known, indptr[np.where(known, rows + 1, 0)] - starts, 0)
    taken = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return taken, np.repeat(starts - taken[:-1], lengths) + np.arange(taken[-1])


class TopK(NamedTuple):
    """The best k items for each of n queries, best first; ties go to the lower position."""

    items: Int32Array
    """Shape (n, k); -1 where fewer than k items qualified."""
    scores: Float32Array
    """Shape (n, k); 0 where there is no item."""
