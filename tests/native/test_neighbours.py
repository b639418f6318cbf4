"""The kernel of item-item neighbours against plain NumPy."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from endcap.models.neighbours import item_neighbours

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def reference(matrix, norms, k, shrinkage):
    """Return the dense item x item matrix with only the k best of each row left."""
    dense = matrix.toarray().astype(np.float32)
    similarity = dense.T @ dense / (norms[:, None] * norms + np.float32(shrinkage))
    np.fill_diagonal(similarity, 0)
    order = np.argsort(-similarity, axis=1, kind="stable")
    np.put_along_axis(similarity, order[:, k:], 0, axis=1)
    return similarity


def whole_numbers(seed, users, items, density):
    """Return a matrix of small whole numbers, on which float32 sums are exact in any order, and norms above zero."""
    rng = np.random.default_rng(seed)
    matrix = sparse.csr_array(sparse.random_array((users, items), density=density, rng=rng, dtype=np.float32))
    matrix.data = rng.integers(1, 5, matrix.nnz).astype(np.float32)
    matrix.sort_indices()
    return matrix, rng.integers(1, 4, items).astype(np.float32)


@SETTINGS
@given(
    seed=st.integers(0, 2**32 - 1),
    users=st.integers(1, 40),
    items=st.integers(1, 300),
    density=st.sampled_from([0.0, 0.01, 0.1, 0.6, 1.0]),
    k=st.integers(1, 320),
    shrinkage=st.sampled_from([0, 1, 10]),
    threads=st.sampled_from([1, 2]),
)
def test_the_reference_is_matched(simd, seed, users, items, density, k, shrinkage, threads):
    matrix, norms = whole_numbers(seed, users, items, density)
    found = item_neighbours(matrix, norms, k, shrinkage=shrinkage, threads=threads)
    assert found.has_sorted_indices
    assert (found.data > 0).all()
    assert np.array_equal(found.toarray(), reference(matrix, norms, k, shrinkage))


def test_few_users_among_many_items(simd):
    # So few additions among so many items that the items reached are listed and the row is not scanned.
    matrix, norms = whole_numbers(3, 20, 5000, 0.002)
    found = item_neighbours(matrix, norms, 7, threads=2)
    assert found.nnz > 100
    assert np.array_equal(found.toarray(), reference(matrix, norms, 7, 0))


def test_threads_do_not_change_a_bit(simd):
    rng = np.random.default_rng(8)
    matrix = sparse.csr_array(sparse.random_array((400, 900), density=0.03, rng=rng, dtype=np.float32))
    norms = rng.random(900, dtype=np.float32) + 0.5
    one, two = (item_neighbours(matrix, norms, 20, shrinkage=0.3, threads=n) for n in (1, 2))
    assert np.array_equal(one.indices, two.indices)
    assert np.array_equal(one.data, two.data)


def test_cosine_is_the_angle(simd):
    rng = np.random.default_rng(2)
    matrix = sparse.csr_array(sparse.random_array((80, 50), density=0.3, rng=rng, dtype=np.float32))
    dense = matrix.toarray().astype(np.float64)
    norms = np.linalg.norm(dense, axis=0)
    found = item_neighbours(matrix, norms.astype(np.float32), 49, threads=2).toarray()
    expected = dense.T @ dense / np.outer(norms, norms)
    np.fill_diagonal(expected, 0)
    assert np.allclose(found, expected, atol=1e-6)


def test_among_equals_the_lower_position_is_kept(simd):
    matrix = sparse.csr_array(np.ones((3, 100), np.float32))
    found = item_neighbours(matrix, np.ones(100, np.float32), 2, threads=1)
    assert found[[0]].indices.tolist() == [1, 2]
    assert found[[1]].indices.tolist() == [0, 2]
    assert found[[99]].indices.tolist() == [0, 1]


def test_more_equals_than_the_buffer_holds_in_any_order(simd):
    # Every user takes the items from high positions down to low ones, so equal scores come in falling positions.
    users = np.repeat(np.arange(400), 2)
    items = np.ravel(np.column_stack([np.zeros(400, np.int32), np.arange(8000, 7600, -1)]))
    matrix = sparse.csr_array((np.ones(800, np.float32), (users, items)), shape=(400, 8001))
    found = item_neighbours(matrix, np.ones(8001, np.float32), 3, threads=1)
    assert found[[0]].indices.tolist() == [7601, 7602, 7603]


def test_shapes_that_do_not_fit_are_refused():
    matrix, norms = whole_numbers(1, 4, 5, 0.5)
    with pytest.raises(ValueError, match="don't fit together"):
        item_neighbours(matrix, norms[:4], 2)
