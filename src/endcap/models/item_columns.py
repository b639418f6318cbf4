"""The user x item matrix in the forms in which kernels read its columns."""

from __future__ import annotations

from typing import NamedTuple

from endcap.data.arrays import CsrMatrix, Float32Array, IndexLists, Int32Array, Int64Array
from endcap.models.symmetric import Symmetric

_MOST_ITEMS = 10_000
"""Up to so many items all their products are held, as a triangle, which takes 200 MB then; beyond, those needed are
computed when they are."""


class ItemColumns(NamedTuple):
    """The matrix by user and by item and, of a small catalogue, the products of all items."""

    user_ptr: Int64Array
    user_items: Int32Array
    user_values: Float32Array
    item_ptr: Int64Array
    item_users: Int32Array
    item_values: Float32Array
    row_ptr: Int64Array | None
    rows: Float32Array | None

    @classmethod
    def of(cls, matrix: CsrMatrix, *, most_items: int = _MOST_ITEMS, threads: int = 0) -> ItemColumns:
        """Return what kernels read of a CSR matrix of shape (users, items), positions ascending."""
        by_item = matrix.T.tocsr()
        parts = *IndexLists.from_matrix(matrix), matrix.data, *IndexLists.from_matrix(by_item), by_item.data
        if matrix.shape[1] > most_items:
            return cls(*parts, None, None)
        products = Symmetric.gram(matrix, threads=threads)
        return cls(*parts, products.row_ptr(), products.values)
