"""Neighbours from what things have in common: the most similar things of each."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from endcap import native
from endcap.data.arrays import CsrMatrix, Float32Array, IndexLists, Int32Array


def nearest(
    asked: CsrMatrix,
    by_feature: CsrMatrix,
    left: Float32Array,
    right: Float32Array,
    k: int,
    *,
    own: Int32Array,
    over_union: bool = False,
    shrinkage: float = 0,
    threads: int = 0,
) -> CsrMatrix:
    """Return the k things most similar to each row of `asked`, as CSR of shape (rows, things), sorted by position.

    With the inner product p of a row's vector and a thing's, their similarity is p / (left * right + shrinkage), or
    p / (left + right - p + shrinkage) where `over_union`. Only similarities above zero are stored; among equal ones
    the lower position is kept.

    Parameters
    ----------
    asked
        Shape (rows, features), float32 CSR.
    by_feature
        Shape (features, things), float32 CSR.
    left, right
        Shapes (rows,) and (things,), above zero.
    own
        Shape (rows,): the thing that a row is itself, which is not its neighbour; -1: none.
    """
    rows, things = asked.shape[0], by_feature.shape[1]
    width = max(1, min(k, things))
    found, similarities = np.empty((rows, width), np.int32), np.empty((rows, width), np.float32)
    counts = np.zeros(rows, np.int32)
    vectors, lists = IndexLists.from_matrix(asked), IndexLists.from_matrix(by_feature)
    native.neighbours(
        *vectors,
        asked.data,
        *lists,
        by_feature.data,
        own,
        left,
        right,
        over_union,
        shrinkage,
        found,
        similarities,
        counts,
        threads,
    )
    indptr = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    if indptr[-1] < 2**31:
        indptr = indptr.astype(np.int32)  # or SciPy makes the indices 64 bits wide
    there = np.arange(width) < counts[:, None]
    return sparse.csr_array((similarities[there], found[there], indptr), shape=(rows, things))


def item_neighbours(
    matrix: CsrMatrix,
    norms: Float32Array,
    k: int,
    *,
    right: Float32Array | None = None,
    over_union: bool = False,
    shrinkage: float = 0,
    threads: int = 0,
) -> CsrMatrix:
    """Return the k items most similar to each item, itself excluded, as `nearest` does, shape (items, items).

    `matrix` is of shape (users, items), `norms`, of shape (items,), are both `left` and, where that is None, `right`:
    with the columns' Euclidean norms, the similarity is the cosine.
    """
    return nearest(
        matrix.T.tocsr(),
        matrix,
        norms,
        norms if right is None else right,
        k,
        own=np.arange(matrix.shape[1], dtype=np.int32),
        over_union=over_union,
        shrinkage=shrinkage,
        threads=threads,
    )
