"""The best k items for many queries at once: exact, with exclusions, ties to the lower position."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from endcap import native
from endcap.data.arrays import CsrMatrix, Float32Array, IndexLists, Int32Array, Int64Array, TopK


def top_k_dense(
    users: Float32Array,
    items: Float32Array,
    k: int,
    exclude: IndexLists,
    candidates: Int32Array | None = None,
    *,
    threads: int = 0,
) -> TopK:
    """Return the best k rows of `items` (m, f) by inner product with every row of `users` (n, f)."""
    users = np.ascontiguousarray(users, np.float32)
    allowed = np.arange(len(items), dtype=np.int32) if candidates is None else candidates
    top = TopK(np.empty((len(users), k), np.int32), np.empty((len(users), k), np.float32))
    native.top_k_dense(users, np.ascontiguousarray(items, np.float32), allowed, *exclude, *top, threads)
    return top


def top_k_linear(
    histories: CsrMatrix,
    weights: CsrMatrix | Float32Array,
    k: int,
    exclude: IndexLists,
    candidates: Int32Array | None = None,
    *,
    threads: int = 0,
) -> TopK:
    """Return the best k columns of `histories @ weights`: histories (n, m) CSR, weights (m, m) CSR or dense.

    With CSR weights, only items reached by a stored weight count, and only with a score above zero; with dense ones
    every item does.
    """
    if sparse.issparse(weights):
        return _top_k_linear_sparse(histories, weights, k, exclude, candidates, threads)
    n, m = histories.shape[0], weights.shape[1]
    return _in_chunks(n, m, lambda r: np.asarray(histories[r] @ weights), k, exclude, candidates, -np.inf)


def _top_k_linear_sparse(
    histories: CsrMatrix,
    weights: CsrMatrix,
    k: int,
    exclude: IndexLists,
    candidates: Int32Array | None,
    threads: int,
) -> TopK:
    n, m = histories.shape[0], weights.shape[1]
    allowed = None
    if candidates is not None:
        allowed = np.zeros(m, np.uint8)
        allowed[candidates] = 1
    top = TopK(np.empty((n, k), np.int32), np.empty((n, k), np.float32))
    own, reached = IndexLists.from_matrix(histories), weights.indices.astype(np.int32, copy=False)
    native.top_k_sparse(*own, histories.data, weights.indptr, reached, weights.data, *exclude, allowed, *top, threads)
    return top


def _in_chunks(
    n: int,
    m: int,
    score: Callable[[Int64Array], Float32Array],
    k: int,
    exclude: IndexLists,
    candidates: Int32Array | None,
    minimum: float,
) -> TopK:
    step = max(1, 50_000_000 // max(m, 1))
    top = TopK(np.full((n, k), -1, np.int32), np.zeros((n, k), np.float32))
    outside = None if candidates is None else np.setdiff1d(np.arange(m), candidates)
    for start in range(0, n, step):
        rows = np.arange(start, min(n, start + step))
        scores = score(rows).astype(np.float32, copy=True)
        banned = exclude.take(rows)
        scores[banned.rows(), banned.indices] = -np.inf
        if outside is not None:
            scores[:, outside] = -np.inf
        width = min(k, m)
        # A stable sort of the negated scores puts the lower position first among equals.
        order = np.argsort(-scores, axis=1, kind="stable")[:, :width].astype(np.int32)
        best = np.take_along_axis(scores, order, axis=1)
        good = best > minimum
        top.items[rows, :width] = np.where(good, order, -1)
        top.scores[rows, :width] = np.where(good, best, 0)
    return top
