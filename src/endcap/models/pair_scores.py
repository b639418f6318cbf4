"""The scores of given pairs of a query and an item, where the best k of the catalogue are not what is asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from endcap import native
from endcap.data.arrays import CsrMatrix, Float32Array, IndexLists, Int32Array, Int64Array


def score_factors(
    users: Float32Array, factors: Float32Array, rows: Int32Array, items: Int32Array, *, threads: int = 0
) -> Float32Array:
    """Return the inner product of rows[p] of `users` (n, f) and items[p] of `factors` (m, f), shape (pairs,)."""
    users, factors = np.ascontiguousarray(users, np.float32), np.ascontiguousarray(factors, np.float32)

    def score(asked: IndexLists, scores: Float32Array) -> None:
        native.score_factors(users, factors, *asked, scores, threads)

    return _by_query(score, rows, items, len(users))


def score_linear(
    histories: CsrMatrix,
    weights: CsrMatrix | Float32Array,
    rows: Int32Array,
    items: Int32Array,
    *,
    threads: int = 0,
) -> Float32Array:
    """Return the entries (rows[p], items[p]) of `histories @ weights`, shape (pairs,).

    Histories (n, m) are CSR, weights (m, m) CSR or dense.
    """
    own = (*IndexLists.from_matrix(histories), histories.data)

    def score(asked: IndexLists, scores: Float32Array) -> None:
        if sparse.issparse(weights):
            stored: CsrMatrix = weights
            columns = stored.indices.astype(np.int32, copy=False)
            native.score_sparse(*own, stored.indptr, columns, stored.data, *asked, scores, threads)
        else:
            native.score_linear(*own, weights, *asked, scores, threads)

    return _by_query(score, rows, items, histories.shape[0])


def _by_query(
    score: Callable[[IndexLists, Float32Array], None], rows: Int32Array | Int64Array, items: Int32Array, n: int
) -> Float32Array:
    """Have the pairs scored query by query, and return the scores in the order in which they were asked for."""
    order = None if (rows[1:] >= rows[:-1]).all() else np.argsort(rows, kind="stable")
    if order is not None:
        rows, items = rows[order], items[order]
    asked = IndexLists(np.searchsorted(rows, np.arange(n + 1)), np.ascontiguousarray(items, np.int32))
    found = np.empty(len(rows), np.float32)
    score(asked, found)
    if order is None:
        return found
    scores = np.empty_like(found)
    scores[order] = found
    return scores
