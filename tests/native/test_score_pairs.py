"""The kernels that score given pairs against plain NumPy."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from endcap.models.pair_scores import score_factors, score_linear

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def whole_numbers(rng, shape, density):
    """Return a CSR matrix of small whole numbers, on which float32 sums are exact in any order."""
    matrix = sparse.csr_array(sparse.random_array(shape, density=density, rng=rng, dtype=np.float32))
    matrix.data = rng.integers(-3, 4, matrix.nnz).astype(np.float32)
    matrix.sort_indices()
    return matrix


def pairs(rng, count, queries, items, ascending):
    rows = rng.integers(0, max(queries, 1), count if queries else 0).astype(np.int32)
    return (np.sort(rows) if ascending else rows), rng.integers(0, items, len(rows)).astype(np.int32)


@SETTINGS
@given(
    seed=st.integers(0, 2**32 - 1),
    queries=st.integers(0, 70),
    items=st.integers(1, 200),
    density=st.sampled_from([0.0, 0.01, 0.1, 1.0]),
    dense=st.booleans(),
    count=st.integers(0, 500),
    ascending=st.booleans(),
    threads=st.sampled_from([1, 2]),
)
def test_linear_scores_match_the_product(simd, seed, queries, items, density, dense, count, ascending, threads):
    rng = np.random.default_rng(seed)
    histories, weights = whole_numbers(rng, (queries, items), density), whole_numbers(rng, (items, items), density)
    rows, wanted = pairs(rng, count, queries, items, ascending)
    given_weights = weights.toarray() if dense else weights
    found = score_linear(histories, given_weights, rows, wanted, threads=threads)
    assert found.dtype == np.float32
    assert np.array_equal(found, (histories.toarray() @ weights.toarray())[rows, wanted])


@SETTINGS
@given(
    seed=st.integers(0, 2**32 - 1),
    users=st.integers(0, 70),
    items=st.integers(1, 50),
    factors=st.integers(1, 70),
    count=st.integers(0, 500),
    ascending=st.booleans(),
    threads=st.sampled_from([1, 2]),
)
def test_factor_scores_match_the_product(simd, seed, users, items, factors, count, ascending, threads):
    rng = np.random.default_rng(seed)
    x, y = (rng.integers(-3, 4, (n, factors)).astype(np.float32) for n in (users, items))
    rows, wanted = pairs(rng, count, users, items, ascending)
    assert np.array_equal(score_factors(x, y, rows, wanted, threads=threads), (x @ y.T)[rows, wanted])


@pytest.mark.parametrize("density", [0.0005, 0.3])
def test_no_query_leaves_anything_to_the_next(simd, density):
    # few additions are taken back one by one, many by clearing the whole row
    rng = np.random.default_rng(3)
    histories, weights = whole_numbers(rng, (200, 4000), density), whole_numbers(rng, (4000, 4000), 0.002)
    rows = np.repeat(np.arange(200, dtype=np.int32), 50)
    wanted = rng.integers(0, 4000, len(rows)).astype(np.int32)
    expected = np.asarray((histories @ weights)[rows, wanted]).ravel()
    assert np.array_equal(score_linear(histories, weights, rows, wanted, threads=2), expected)


def test_row_pointers_of_64_bits():
    rng = np.random.default_rng(5)
    histories, weights = whole_numbers(rng, (30, 40), 0.2), whole_numbers(rng, (40, 40), 0.2)
    rows, wanted = pairs(rng, 100, 30, 40, False)
    narrow = score_linear(histories, weights, rows, wanted)
    weights.indptr, weights.indices = weights.indptr.astype(np.int64), weights.indices.astype(np.int64)
    assert np.array_equal(score_linear(histories, weights, rows, wanted), narrow)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="don't fit together"):
        score_factors(np.ones((2, 3)), np.ones((4, 5)), np.zeros(1, np.int32), np.zeros(1, np.int32))
