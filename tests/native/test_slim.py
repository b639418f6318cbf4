"""The kernel of SLIM against coordinate descent in NumPy."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from endcap import native
from endcap.data.arrays import IndexLists
from endcap.models.item_columns import ItemColumns

SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def solve(matrix, candidates, l1, l2, positive, threads, rounds=300, most_items=0):
    weights = np.empty(len(candidates.indices), np.float32)
    columns = ItemColumns.of(matrix, most_items=most_items)
    native.slim(*columns, *candidates, l1, l2, positive, rounds, 1e-7, weights, threads)
    return weights


def reference(x, y, l1, l2, positive):
    """Return the weights of the columns of x that predict y, one after the other until nothing changes."""
    w = np.zeros(x.shape[1])
    for _ in range(3000):
        before = w.copy()
        for i in range(len(w)):
            ahead = x[:, i] @ (y - x @ w) + x[:, i] @ x[:, i] * w[i]
            size = max(abs(ahead) - l1, 0)
            w[i] = size * np.sign(ahead) / (x[:, i] @ x[:, i] + l2)
            if positive:
                w[i] = max(w[i], 0)
        if np.abs(w - before).max(initial=0) < 1e-9:
            break
    return w


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
    users=st.integers(1, 30),
    items=st.integers(1, 12),
    share=st.sampled_from([0.0, 0.5, 1.0]),
    l1=st.sampled_from([0.0, 0.1, 2.0]),
    positive=st.booleans(),
    threads=st.sampled_from([1, 2]),
    most_items=st.sampled_from([0, 100]),
)
def test_the_reference_is_matched(simd, seed, users, items, share, l1, positive, threads, most_items):
    matrix, candidates = made(seed, users, items, share)
    found = solve(matrix, candidates, l1, 0.5, positive, threads, most_items=most_items)
    dense = matrix.toarray().astype(np.float64)
    for j in range(items):
        part = slice(candidates.indptr[j], candidates.indptr[j + 1])
        expected = reference(dense[:, candidates.indices[part]], dense[:, j], l1, 0.5, positive)
        assert np.allclose(found[part], expected, atol=1e-4)


def test_threads_do_not_change_a_bit(simd):
    matrix, candidates = made(3, 300, 80, 0.5)
    one, two = (solve(matrix, candidates, 0.2, 1.0, True, threads) for threads in (1, 2))
    assert np.array_equal(one, two)


def test_shapes_that_do_not_fit_are_refused():
    matrix, candidates = made(3, 30, 8, 0.5)
    with pytest.raises(ValueError, match="don't fit together"):
        solve(matrix, IndexLists(candidates.indptr[:-1], candidates.indices), 0.2, 1.0, True, 1)
