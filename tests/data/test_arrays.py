"""Lists of positions from pairs, in order or not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from endcap.data.arrays import IndexLists


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8))), st.booleans())
def test_lists_hold_each_pair_once_in_ascending_order(pairs, in_order):
    pairs = sorted(set(pairs)) if in_order else pairs
    rows, columns = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    lists = IndexLists.from_pairs(rows, columns, 7)
    expected = [sorted({column for row, column in pairs if row == wanted}) for wanted in range(7)]
    assert [part.tolist() for part in np.split(lists.indices, lists.indptr[1:-1])] == expected
    assert (lists.indptr.dtype, lists.indices.dtype) == (np.int64, np.int32)
