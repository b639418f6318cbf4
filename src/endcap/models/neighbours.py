"""Item-item similarity from who had to do with what: the most similar items of each item."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from endcap import native
from endcap.data.arrays import CsrMatrix, Float32Array, IndexLists


def item_neighbours(
    matrix: CsrMatrix,
    norms: Float32Array,
    k: int,
    *,
    shrinkage: float = 0,
    threads: int = 0,
) -> CsrMatrix:
    """Return the k items most similar to each item, itself excluded, as CSR of shape (items, items).

    The similarity of items i and j is x_i . x_j / (norms[i] * norms[j] + shrinkage), x_i being column i of `matrix`,
    of shape (users, items): with the columns' Euclidean norms, the cosine. Only similarities above zero are stored;
    among equal ones the lower position is kept. Row i holds what is similar to item i, sorted by position.

    Parameters
    ----------
    matrix
        Shape (users, items), float32 CSR.
    norms
        Shape (items,), above zero.
    """
    m = matrix.shape[1]
    by_user, by_item = IndexLists.from_matrix(matrix), matrix.T.tocsr()
    item_users = IndexLists.from_matrix(by_item)
    width = max(1, min(k, m - 1))
    neighbours, similarities = np.empty((m, width), np.int32), np.empty((m, width), np.float32)
    counts = np.zeros(m, np.int32)
    native.neighbours(
        *by_user, matrix.data, *item_users, by_item.data, norms, shrinkage, neighbours, similarities, counts, threads
    )
    indptr = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    if indptr[-1] < 2**31:
        indptr = indptr.astype(np.int32)  # or SciPy makes the indices 64 bits wide
    there = np.arange(width) < counts[:, None]
    return sparse.csr_array((similarities[there], neighbours[there], indptr), shape=(m, m))
