"""Multiplicative updates against the formula in NumPy."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap import native


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(1, 40), st.integers(1, 9), st.sampled_from([16, 32]), st.booleans(), st.integers(0, 999))
def test_the_update_is_the_formula(simd, rows, columns, factors, with_estimates, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((rows, columns)) < 0.5
    rating = np.where(mask, rng.integers(1, 6, (rows, columns)), 0).astype(np.float32)
    x, y = (rng.random((n, factors)).astype(np.float32) for n in (rows, columns))
    x[:, -1] = y[:, -1] = 0  # padding stays zero
    estimate = np.where(mask, rng.random((rows, columns)) + 1 if with_estimates else x @ y.T, 0).astype(np.float32)
    indptr = np.append(0, mask.sum(axis=1).cumsum()).astype(np.int64)
    entries = np.nonzero(mask)
    arguments = indptr, entries[1].astype(np.int32), rating[entries], estimate[entries] if with_estimates else None
    found = []
    for threads in (1, 2):
        found.append(np.full_like(x, np.nan))
        native.nmf_update(*arguments, x, y, 0.06, found[-1], threads)
    below = estimate @ y + 0.06 * mask.sum(axis=1, keepdims=True) * x
    expected = np.where(below > 0, x * (rating @ y) / np.where(below > 0, below, 1), 0)
    np.testing.assert_allclose(found[0], expected, rtol=1e-4, atol=1e-6)
    assert np.array_equal(*found)


def test_shapes_that_do_not_fit_are_refused():
    x = np.zeros((2, 16), np.float32)
    rows = np.zeros(3, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32), None
    with pytest.raises(ValueError, match="multiple of 16"):
        native.nmf_update(*rows, x[:, :8].copy(), x, 0.1, x.copy(), 1)
    with pytest.raises(ValueError, match="don't fit"):
        native.nmf_update(*rows, x[:1], x, 0.1, x[:1].copy(), 1)
