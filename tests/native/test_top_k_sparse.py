"""The kernel of top-k by sparse item-item weights against plain NumPy."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from endcap.data.arrays import IndexLists
from endcap.models.top_k import top_k_linear

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def reference(histories, weights, k, exclude, candidates):
    """Return items and scores of the k best columns with a score above zero, ties to the lower position."""
    scores = (histories.toarray() @ weights.toarray()).astype(np.float32)
    scores[exclude.rows(), exclude.indices] = 0
    if candidates is not None:
        scores[:, np.setdiff1d(np.arange(scores.shape[1]), candidates)] = 0
    n, m = scores.shape
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k].astype(np.int32)
    best = np.take_along_axis(scores, order, axis=1)
    items, values = np.full((n, k), -1, np.int32), np.zeros((n, k), np.float32)
    items[:, : min(k, m)] = np.where(best > 0, order, -1)
    values[:, : min(k, m)] = np.where(best > 0, best, 0)
    return items, values


def whole_numbers(rng, shape, density, low=1):
    """Return a CSR matrix of small whole numbers, on which float32 sums are exact in any order."""
    matrix = sparse.csr_array(sparse.random_array(shape, density=density, rng=rng, dtype=np.float32))
    matrix.data = rng.integers(low, 4, matrix.nnz).astype(np.float32)
    matrix.sort_indices()
    return matrix


def lists(rng, n, m, density):
    return IndexLists.from_matrix(whole_numbers(rng, (n, m), density))


@SETTINGS
@given(
    seed=st.integers(0, 2**32 - 1),
    queries=st.integers(0, 40),
    items=st.integers(1, 300),
    density=st.sampled_from([0.0, 0.01, 0.1, 1.0]),
    low=st.sampled_from([1, -3]),
    k=st.integers(1, 320),
    excluded=st.sampled_from([0.0, 0.3, 1.0]),
    candidates=st.sampled_from([None, 0.0, 0.3]),
    threads=st.sampled_from([1, 2]),
)
def test_the_reference_is_matched(simd, seed, queries, items, density, low, k, excluded, candidates, threads):
    rng = np.random.default_rng(seed)
    histories = whole_numbers(rng, (queries, items), density)
    # Weights below zero bring sums back to zero and below, which must not be answered.
    weights = whole_numbers(rng, (items, items), density, low)
    exclude = lists(rng, queries, items, excluded)
    allowed = None if candidates is None else np.flatnonzero(rng.random(items) < candidates).astype(np.int32)
    found = top_k_linear(histories, weights, k, exclude, allowed, threads=threads)
    expected = reference(histories, weights, k, exclude, allowed)
    assert np.array_equal(found.items, expected[0])
    assert np.array_equal(found.scores, expected[1])


@pytest.mark.parametrize("low", [1, -3])
def test_short_histories_among_many_items(simd, low):
    # So few additions among so many items that the items reached are listed and the row is not scanned.
    rng = np.random.default_rng(4)
    histories = whole_numbers(rng, (50, 4000), 0.001)
    weights = whole_numbers(rng, (4000, 4000), 0.01, low)
    exclude, allowed = lists(rng, 50, 4000, 0.2), np.arange(0, 4000, 3, dtype=np.int32)
    for candidates in (None, allowed):
        found = top_k_linear(histories, weights, 20, exclude, candidates, threads=2)
        expected = reference(histories, weights, 20, exclude, candidates)
        assert np.array_equal(found.items, expected[0])
        assert np.array_equal(found.scores, expected[1])


def test_threads_do_not_change_a_bit(simd):
    rng = np.random.default_rng(8)
    histories = sparse.csr_array(sparse.random_array((500, 900), density=0.03, rng=rng, dtype=np.float32))
    weights = sparse.csr_array(sparse.random_array((900, 900), density=0.05, rng=rng, dtype=np.float32))
    one, two = (top_k_linear(histories, weights, 10, IndexLists.empty(500), threads=n) for n in (1, 2))
    assert np.array_equal(one.items, two.items)
    assert np.array_equal(one.scores, two.scores)


def test_scores_are_the_sums(simd):
    rng = np.random.default_rng(9)
    histories = sparse.csr_array(sparse.random_array((20, 60), density=0.3, rng=rng, dtype=np.float32))
    weights = sparse.csr_array(sparse.random_array((60, 60), density=0.5, rng=rng, dtype=np.float32))
    found = top_k_linear(histories, weights, 60, IndexLists.empty(20), threads=2)
    sums = histories.toarray() @ weights.toarray()
    assert np.allclose(found.scores, np.take_along_axis(sums, found.items, axis=1), rtol=1e-5)


def test_row_pointers_of_64_bits():
    rng = np.random.default_rng(5)
    histories, weights = whole_numbers(rng, (30, 40), 0.2), whole_numbers(rng, (40, 40), 0.2)
    narrow = top_k_linear(histories, weights, 10, IndexLists.empty(30))
    weights.indptr, weights.indices = weights.indptr.astype(np.int64), weights.indices.astype(np.int64)
    wide = top_k_linear(histories, weights, 10, IndexLists.empty(30))
    assert np.array_equal(narrow.items, wide.items)
    assert np.array_equal(narrow.scores, wide.scores)


def test_shapes_that_do_not_fit_are_refused():
    rng = np.random.default_rng(1)
    histories, weights = whole_numbers(rng, (3, 5), 0.5), whole_numbers(rng, (5, 5), 0.5)
    with pytest.raises(ValueError, match="don't fit together"):
        top_k_linear(histories, weights, 2, IndexLists.empty(4))
