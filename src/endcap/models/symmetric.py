"""Large symmetric matrices of which only one triangle is held, and their inverse in place."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import linalg
from threadpoolctl import threadpool_limits

from endcap import native
from endcap.data.arrays import CsrMatrix, Float32Array, Int32Array, Int64Array

# Rows of a slab. Fewer make the products with a slab slower, more the work on the slab itself longer.
_HEIGHT = 256
# Columns that are updated at once: the product stays in the second-level cache until it is added.
_WIDTH = 1024


class Symmetric:
    """A symmetric matrix as slabs of rows, each as long as the lower triangle needs: half the memory of a square."""

    def __init__(self, n: int, height: int = _HEIGHT) -> None:
        self.n = n
        self.height = height
        starts = np.arange(0, n, height)
        ends = np.minimum(starts + height, n)
        sizes = (ends - starts) * ends
        self._offsets = np.concatenate([[0], np.cumsum(sizes)])
        self.values: Float32Array = np.empty(int(self._offsets[-1]), np.float32)
        self.slabs: list[Float32Array] = [
            self.values[first : first + size].reshape(-1, end)
            for first, size, end in zip(self._offsets, sizes, ends, strict=False)
        ]

    @classmethod
    def gram(cls, matrix: CsrMatrix, *, threads: int = 0, height: int = _HEIGHT) -> Symmetric:
        """Return X'X of a CSR matrix X with sorted indices; above the diagonal the slabs hold zeros."""
        result = cls(matrix.shape[1], height)
        by_item = matrix.tocsc()
        native.sparse_gram(*_parts(matrix), *_parts(by_item), result.row_ptr(), result.values, threads)
        return result

    def row_ptr(self) -> Int64Array:
        """Return where each row begins in `values`, and the end."""
        lengths = [np.full(len(slab), slab.shape[1]) for slab in self.slabs]
        ends: Int64Array = np.cumsum(np.concatenate([[0], *lengths]), dtype=np.int64)
        return ends

    def add_to_diagonal(self, value: float) -> None:
        """Add a number to every element of the diagonal."""
        for start, slab in zip(range(0, self.n, self.height), self.slabs, strict=True):
            slab[np.arange(len(slab)), start + np.arange(len(slab))] += np.float32(value)

    def diagonal(self) -> Float32Array:
        """Return the diagonal, shape (n,)."""
        return np.concatenate([np.diagonal(slab[:, -len(slab) :]) for slab in self.slabs])

    def invert(self, *, threads: int = 0, progress: Callable[[float], None] = lambda _share: None) -> None:
        """Replace a positive definite matrix by its inverse, in place.

        Sweeps a slab after the other (Goodnight, "A tutorial on the SWEEP operator", 1979; here by blocks): with the
        pivot block D and the columns V of the slab, the rest becomes A - V D^-1 V', the columns V D^-1, the block
        -D^-1. After the last slab, what is there is minus the inverse. That is n^3 operations in all, as with
        Cholesky's factorisation, but nearly all of them in large matrix products. The result doesn't depend on the
        threads: each product runs on one.

        Raises
        ------
        numpy.linalg.LinAlgError
            Where the matrix isn't positive definite to single precision.
        """
        count = len(self.slabs)
        workers = native.resolve_threads(threads)
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(workers) as pool:
            for pivot in range(count):
                progress(pivot / count)
                self._sweep(pivot, pool)
            list(pool.map(lambda slab: np.negative(slab, out=slab), self.slabs))

    def _sweep(self, pivot: int, pool: ThreadPoolExecutor) -> None:
        own = self.slabs[pivot]
        start = pivot * self.height
        end = start + len(own)
        root = linalg.cholesky(own[:, start:], lower=True, check_finite=False)
        inverse_root = linalg.lapack.strtri(root, lower=1)[0]
        scaled = np.empty((self.n, len(own)), np.float32)  # V times the inverse root, so that A - scaled scaled'

        def scale(s: int) -> None:
            rows = slice(s * self.height, s * self.height + len(self.slabs[s]))
            columns = self.slabs[s][:, start:end] if s > pivot else own[:, rows].T
            np.matmul(columns, inverse_root.T, out=scaled[rows])

        def update(s: int) -> None:
            slab, first = self.slabs[s], s * self.height
            mine = scaled[first : first + len(slab)]
            for column in range(0, slab.shape[1], _WIDTH):
                part = slab[:, column : column + _WIDTH]
                part -= mine @ scaled[column : column + part.shape[1]].T
            solved = mine @ inverse_root
            if s > pivot:
                slab[:, start:end] = solved
            else:
                own[:, first : first + len(slab)] = solved.T

        others = [s for s in range(len(self.slabs)) if s != pivot]
        others.reverse()  # the largest first, for an even load
        scaled[start:end] = 0
        list(pool.map(scale, others))
        list(pool.map(update, others))
        own[:, start:] = -(inverse_root.T @ inverse_root)

    def scaled_square(self, scale: Float32Array) -> Float32Array:
        """Return the full square matrix, its columns times `scale`, shape (n, n)."""
        square = np.empty((self.n, self.n), np.float32)
        for start, slab in zip(range(0, self.n, self.height), self.slabs, strict=True):
            end = start + len(slab)
            np.multiply(slab[:, :start], scale[:start], out=square[start:end, :start])
            for column in range(0, start, self.height):
                part = slab[:, column : column + self.height].T
                np.multiply(part, scale[start:end], out=square[column : column + self.height, start:end])
            lower = np.tril(slab[:, start:])
            block = lower + np.tril(lower, -1).T
            np.multiply(block, scale[start:end], out=square[start:end, start:end])
        return square


def _parts(matrix: CsrMatrix) -> tuple[Int64Array, Int32Array, Float32Array]:
    return (
        matrix.indptr.astype(np.int64, copy=False),
        matrix.indices.astype(np.int32, copy=False),
        matrix.data.astype(np.float32, copy=False),
    )
