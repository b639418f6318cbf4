"""The kernel of ridge regressions on few items against NumPy's solver."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from endcap import native
from endcap.data.arrays import IndexLists
from endcap.models.item_columns import ItemColumns

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def solve(matrix, candidates, ridge, threads, most_items):
    weights = np.full(len(candidates.indices), np.nan, np.float32)
    columns = ItemColumns.of(matrix, most_items=most_items)
    assert (columns.rows is None) == (most_items == 0)
    native.local_ridge(*columns, *candidates, ridge, weights, threads)
    return weights


def made(seed, users, items, share):
    rng = np.random.default_rng(seed)
    matrix = sparse.csr_array(sparse.random_array((users, items), density=0.3, rng=rng, dtype=np.float32))
    matrix.sort_indices()
    chosen = rng.random((items, items)) < share
    np.fill_diagonal(chosen, False)
    return matrix, IndexLists.from_matrix(sparse.csr_array(chosen))


@SETTINGS
@given(
    seed=st.integers(0, 2**32 - 1),
    users=st.integers(1, 40),
    items=st.integers(1, 60),
    share=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    ridge=st.sampled_from([0.5, 10.0]),
    threads=st.sampled_from([1, 2]),
    most_items=st.sampled_from([0, 100]),
)
def test_the_reference_is_matched(simd, seed, users, items, share, ridge, threads, most_items):
    matrix, candidates = made(seed, users, items, share)
    found = solve(matrix, candidates, ridge, threads, most_items)
    x = matrix.toarray().astype(np.float64)
    for j in range(items):
        part = slice(candidates.indptr[j], candidates.indptr[j + 1])
        own = x[:, candidates.indices[part]]
        expected = np.linalg.solve(own.T @ own + ridge * np.eye(own.shape[1]), own.T @ x[:, j])
        assert np.allclose(found[part], expected, atol=1e-4)


@pytest.mark.parametrize("most_items", [0, 1000])
def test_threads_do_not_change_a_bit(simd, most_items):
    matrix, candidates = made(3, 300, 80, 0.5)
    one, two = (solve(matrix, candidates, 1.0, threads, most_items) for threads in (1, 2))
    assert np.array_equal(one, two)


def test_shapes_that_do_not_fit_are_refused():
    matrix, candidates = made(3, 30, 8, 0.5)
    with pytest.raises(ValueError, match="don't fit together"):
        solve(matrix, IndexLists(candidates.indptr[:-1], candidates.indices), 1.0, 1, 0)
    columns = ItemColumns.of(matrix)._replace(row_ptr=None)
    with pytest.raises(ValueError, match="its products don't fit"):
        native.local_ridge(*columns, *candidates, 1.0, np.empty(len(candidates.indices), np.float32), 1)
