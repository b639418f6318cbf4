"""Positions in the whole catalogue and in the part of it that a model covers."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from endcap.data.arrays import BoolArray, CsrMatrix, IndexLists, Int32Array, TopK


class PartOfCatalogue:
    """Some of the items, ascending, and the translation of positions among all into positions among them and back."""

    def __init__(self, items: Int32Array, total: int) -> None:
        self.items = items
        self._place = np.full(total, -1, np.int32)
        self._place[items] = np.arange(len(items), dtype=np.int32)

    def places(self, items: Int32Array) -> Int32Array:
        """Return where each of `items` is in the part; -1: outside."""
        places: Int32Array = self._place[items]
        return places

    def ascending(self, items: Int32Array | None) -> Int32Array | None:
        """Return the places of those of ascending `items` that are inside; None stays None."""
        return None if items is None else self.places(items)[self.places(items) >= 0]

    def lists(self, lists: IndexLists) -> IndexLists:
        """Return lists of places, without what is outside."""
        kept = self.restrict(lists, np.ones(len(lists.indptr) - 1, np.bool_))
        return IndexLists(kept.indptr, self.places(kept.indices))

    def restrict(self, lists: IndexLists, rows: BoolArray) -> IndexLists:
        """Return lists without what is outside, and nothing at all in the rows that are False in `rows`."""
        inside = (self.places(lists.indices) >= 0) & rows[lists.rows()]
        kept = np.concatenate([[0], np.cumsum(inside)])
        return IndexLists(kept[lists.indptr].astype(np.int64), lists.indices[inside])

    def columns(self, matrix: CsrMatrix) -> CsrMatrix:
        """Return the columns of a CSR matrix that are inside."""
        inside = self.places(matrix.indices) >= 0
        lists = self.lists(IndexLists.from_matrix(matrix))
        shape = (matrix.shape[0], len(self.items))
        return sparse.csr_array((matrix.data[inside], lists.indices, lists.indptr), shape=shape)

    def back(self, top: TopK) -> TopK:
        """Return places as positions in the whole catalogue."""
        found = top.items >= 0
        return TopK(np.where(found, self.items[np.where(found, top.items, 0)], -1).astype(np.int32), top.scores)
