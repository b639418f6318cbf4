"""The best k items for many queries at once: exact, with exclusions, ties to the lower position."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from endcap import native
from endcap.data.arrays import (
    BoolArray,
    CsrMatrix,
    Float32Array,
    Float64Array,
    IndexLists,
    Int32Array,
    Int64Array,
    TopK,
)


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
    users, items = np.ascontiguousarray(users, np.float32), np.ascontiguousarray(items, np.float32)
    top = _empty(len(users), k)
    native.top_k_dense(users, items, _allowed(len(items), candidates), *exclude, *top, threads)
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
    every item does, unless the history is empty.
    """
    if sparse.issparse(weights):
        return _top_k_linear_sparse(histories, weights, k, exclude, candidates, threads)
    return _top_k_linear_dense(histories, weights, k, exclude, candidates, threads)


def _top_k_linear_dense(
    histories: CsrMatrix,
    weights: Float32Array,
    k: int,
    exclude: IndexLists,
    candidates: Int32Array | None,
    threads: int,
) -> TopK:
    own, top = IndexLists.from_matrix(histories), _empty(histories.shape[0], k)
    allowed = _allowed(weights.shape[1], candidates)
    native.top_k_linear(*own, histories.data, weights, allowed, *exclude, *top, threads)
    return top


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
    top = _empty(n, k)
    own, reached = IndexLists.from_matrix(histories), weights.indices.astype(np.int32, copy=False)
    native.top_k_sparse(*own, histories.data, weights.indptr, reached, weights.data, *exclude, allowed, *top, threads)
    return top


def best_of_pairs(
    rows: Int32Array | Int64Array, items: Int32Array, scores: Float32Array | Float64Array, n: int, k: int
) -> TopK:
    """Return the best k items of each of n queries out of scored pairs, which come by query, items ascending."""
    near = _as_good_as_the_best(rows, scores, n, k)
    rows, items, scores = rows[near], items[near], scores[near]
    order = np.lexsort((-scores, rows))  # stable, so that ties go to the lower position
    rows, items, scores = rows[order], items[order], scores[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = rank < k
    top = TopK(np.full((n, k), -1, np.int32), np.zeros((n, k), np.float32))
    top.items[rows[kept], rank[kept]] = items[kept]
    top.scores[rows[kept], rank[kept]] = scores[kept]
    return top


def _as_good_as_the_best(
    rows: Int32Array | Int64Array, scores: Float32Array | Float64Array, n: int, k: int
) -> BoolArray | slice:
    """Return which pairs score no less than their query's k-th best, which is found faster than an order of all.

    Where queries have few pairs or very different numbers of them, all pairs are returned.
    """
    first = np.searchsorted(rows, np.arange(n + 1))
    width = int(np.diff(first).max(initial=0))
    if width <= k or n * width > 4 * len(rows):
        return slice(None)
    worse = np.full((n, width), np.inf, scores.dtype)
    worse[rows, np.arange(len(rows)) - first[rows]] = -scores
    kth = np.partition(worse, k - 1, axis=1)[:, k - 1]
    near: BoolArray = -scores <= kth[rows]
    return near


def _empty(n: int, k: int) -> TopK:
    return TopK(np.empty((n, k), np.int32), np.empty((n, k), np.float32))


def _allowed(m: int, candidates: Int32Array | None) -> Int32Array:
    return np.arange(m, dtype=np.int32) if candidates is None else np.ascontiguousarray(candidates, np.int32)
