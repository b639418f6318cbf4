"""Lists of positions from pairs, in order or not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from endcap.data.arrays import IndexLists, one_row, with_values


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8))), st.booleans())
def test_lists_hold_each_pair_once_in_ascending_order(pairs, in_order):
    pairs = sorted(set(pairs)) if in_order else pairs
    rows, columns = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    lists = IndexLists.from_pairs(rows, columns, 7)
    expected = [sorted({column for row, column in pairs if row == wanted}) for wanted in range(7)]
    assert [part.tolist() for part in np.split(lists.indices, lists.indptr[1:-1])] == expected
    assert (lists.indptr.dtype, lists.indices.dtype) == (np.int64, np.int32)


def test_a_row_and_other_values_are_what_scipy_makes_of_them():
    values, columns = np.array([2.0, 0.5], np.float32), np.array([1, 4], np.int32)
    row, usual = one_row(values, columns, 6), sparse.csr_array((values, columns, np.array([0, 2])), shape=(1, 6))
    assert (row != usual).nnz == 0
    assert (row.T @ row).toarray().tolist() == (usual.T @ usual).toarray().tolist()
    doubled = with_values(row, values * 2)
    assert doubled.toarray().tolist() == (usual * 2).toarray().tolist()
    assert row.data is values
    assert one_row(values[:0], columns[:0], 6).nnz == 0
