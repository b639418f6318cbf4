"""The kernel of top-k by dense item-item weights against plain NumPy."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from endcap.data.arrays import IndexLists
from endcap.models.top_k import top_k_linear

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def whole_numbers(rng, shape, density):
    """Return a CSR matrix of small whole numbers, on which float32 sums are exact in any order."""
    matrix = sparse.csr_array(sparse.random_array(shape, density=density, rng=rng, dtype=np.float32))
    matrix.data = rng.integers(1, 4, matrix.nnz).astype(np.float32)
    matrix.sort_indices()
    return matrix


@SETTINGS
@given(
    seed=st.integers(0, 2**32 - 1),
    queries=st.integers(0, 90),
    items=st.integers(1, 300),
    density=st.sampled_from([0.0, 0.01, 0.1, 1.0]),
    k=st.integers(1, 320),
    excluded=st.sampled_from([0.0, 0.3, 1.0]),
    candidates=st.sampled_from([None, 0.0, 0.3]),
    threads=st.sampled_from([1, 2]),
)
def test_the_reference_is_matched(simd, best_columns, seed, queries, items, density, k, excluded, candidates, threads):
    rng = np.random.default_rng(seed)
    histories = whole_numbers(rng, (queries, items), density)
    weights = rng.integers(-3, 4, (items, items)).astype(np.float32)
    exclude = IndexLists.from_matrix(whole_numbers(rng, (queries, items), excluded))
    allowed = None if candidates is None else np.flatnonzero(rng.random(items) < candidates).astype(np.int32)
    found = top_k_linear(histories, weights, k, exclude, allowed, threads=threads)
    scores = histories @ weights
    scores[np.diff(histories.indptr) == 0] = -np.inf  # an empty history speaks for nothing
    expected = best_columns(scores, k, exclude, allowed)
    assert np.array_equal(found.items, expected[0])
    assert np.array_equal(found.scores, expected[1])


@pytest.mark.parametrize("step", [1, 3])
def test_neither_batch_nor_threads_change_a_bit(simd, step):
    rng = np.random.default_rng(8)
    m = 2500
    histories = sparse.csr_array(sparse.random_array((100, m), density=0.01, rng=rng, dtype=np.float32))
    weights = rng.standard_normal((m, m)).astype(np.float32)
    candidates = None if step == 1 else np.arange(0, m, step, dtype=np.int32)
    one, two = (top_k_linear(histories, weights, 10, IndexLists.empty(100), candidates, threads=n) for n in (1, 2))
    alone = [top_k_linear(histories[[r]], weights, 10, IndexLists.empty(1), candidates) for r in range(100)]
    for found, single in zip(one, zip(*alone, strict=True), strict=True):
        assert np.array_equal(found, np.concatenate(single))
    assert np.array_equal(one.items, two.items)
    assert np.array_equal(one.scores, two.scores)
    sums = np.take_along_axis(histories @ weights, one.items, axis=1)
    assert np.allclose(one.scores, sums, rtol=1e-4, atol=1e-5)


def test_shapes_that_do_not_fit_are_refused():
    histories = whole_numbers(np.random.default_rng(1), (3, 5), 0.5)
    with pytest.raises(ValueError, match="don't fit together"):
        top_k_linear(histories, np.ones((5, 5), np.float32), 2, IndexLists.empty(4))
    with pytest.raises(ValueError, match="don't fit together"):
        top_k_linear(histories, np.ones((5, 4), np.float32), 2, IndexLists.empty(3))
