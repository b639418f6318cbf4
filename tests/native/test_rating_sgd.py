"""Gradient descent over ratings against one step after the other in NumPy."""

import numpy as np
import pytest
from scipy import sparse

from endcap import native


def some_ratings(rng, users, items, share):
    matrix = sparse.random_array((users, items), density=share, rng=rng, dtype=np.float32, format="csr")
    matrix.data[:] = rng.integers(1, 11, matrix.nnz) / 2
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data


def one_epoch(indptr, items, ratings, mean, bu, bi, p, q, y, rates, decays):
    """Take every step by itself, as the papers have it."""
    estimates = []
    for u in range(len(bu)):
        own = items[indptr[u] : indptr[u + 1]]
        for t in range(indptr[u], indptr[u + 1]):
            i, root = items[t], np.sqrt(len(own))
            implicit = y[own].sum(axis=0) / root if y is not None else 0 * p[u]
            estimates.append(mean + bu[u] + bi[i] + q[i] @ (p[u] + implicit))
            e = ratings[t] - estimates[-1]
            pu, qi = p[u].copy(), q[i].copy()
            bu[u] += rates[0] * (e - decays[0] * bu[u])
            bi[i] += rates[1] * (e - decays[1] * bi[i])
            p[u] += rates[2] * (e * qi - decays[2] * pu)
            q[i] += rates[3] * (e * (pu + implicit) - decays[3] * qi)
            if y is not None:
                y[own] += rates[4] * (e * qi / root - decays[4] * y[own])
    return estimates


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize(("users", "items", "factors", "share"), [(1, 1, 16, 1.0), (9, 7, 16, 0.5), (30, 12, 48, 0.3)])
def test_steps_are_those_taken_one_by_one(simd, implicit, users, items, factors, share):
    rng = np.random.default_rng(users)
    rows = some_ratings(rng, users, items, share)
    rates = np.array([0.05, 0.04, 0.03, 0.02, 0.01], np.float32)
    decays = np.array([0.1, 0.2, 0.3, 0.4, 0.5], np.float32)
    shapes = [(users,), (items,), (users, factors), (items, factors), (items, factors)]
    parts = [rng.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]
    if not implicit:
        parts[4] = None
    exact = [None if part is None else part.astype(np.float64) for part in parts]
    estimates = np.empty(len(rows[2]), np.float32)
    for _ in range(3):
        native.rating_sgd(*rows, 3.0, *parts, rates, decays, estimates)
        expected = one_epoch(*rows, 3.0, *exact, rates, decays)
    np.testing.assert_allclose(estimates, expected, rtol=1e-4)
    for part, right in zip(parts, exact, strict=True):
        if part is not None:
            np.testing.assert_allclose(part, right, rtol=1e-3, atol=1e-5)


def test_a_rate_of_zero_leaves_a_part_as_it_is(simd):
    rng = np.random.default_rng(1)
    rows = some_ratings(rng, 6, 5, 0.6)
    shapes = [(6,), (5,), (6, 16), (5, 16), (5, 16)]
    parts = [rng.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]
    before = [part.copy() for part in parts]
    rates = np.array([0.1, 0, 0.1, 0, 0], np.float32)
    native.rating_sgd(*rows, 3.0, *parts, rates, np.full(5, 0.02, np.float32), None)
    assert [np.array_equal(*pair) for pair in zip(parts, before, strict=True)] == [False, True, False, True, True]


def test_shapes_that_do_not_fit_are_refused():
    def f32(*shape):
        return np.zeros(shape, np.float32)

    rows = np.zeros(3, np.int64), np.zeros(0, np.int32), f32(0)
    with pytest.raises(ValueError, match="multiple of 16"):
        native.rating_sgd(*rows, 0.0, f32(2), f32(2), f32(2, 8), f32(2, 8), None, f32(5), f32(5), None)
    with pytest.raises(ValueError, match="don't fit"):
        native.rating_sgd(*rows, 0.0, f32(4), f32(2), f32(4, 16), f32(2, 16), None, f32(5), f32(5), None)
    with pytest.raises(ValueError, match="five parts"):
        native.rating_sgd(*rows, 0.0, f32(2), f32(2), f32(2, 16), f32(2, 16), None, f32(4), f32(5), None)
