"""Slope One against loops over users and items."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from endcap import native
from endcap.models.rating_kernels import Groups, Lists


def deviation(rated, rating, i, j):
    """Return the mean of r_ui - r_uj over those who rated both, or None."""
    both = rated[:, i] & rated[:, j]
    return (rating[both, i] - rating[both, j]).mean() if both.any() else None


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(1, 12), st.integers(1, 9), st.integers(1, 30), st.integers(0, 999))
def test_deviations_are_means_of_means(simd, users, items, pairs, seed):
    rng = np.random.default_rng(seed)
    rated = rng.random((users, items)) < 0.5
    rating = rng.integers(1, 11, (users, items)) / 2
    entries = np.nonzero(rated)
    matrix = sparse.csr_array((rating[entries].astype(np.float32), entries), shape=(users, items))
    matrix.sort_indices()
    histories, asked = rng.integers(0, users, pairs).astype(np.int32), rng.integers(0, items, pairs).astype(np.int32)
    groups = Groups.of(asked)
    by_user, by_item = Lists.of(matrix), Lists.of(matrix.T.tocsr())
    found = []
    for threads in (1, 2):
        found.append(np.full(pairs, np.nan, np.float32))
        native.slope_one(
            *by_user, *by_item, by_user.indptr, by_user.indices, groups.indptr, groups.keys,
            histories[groups.order], found[-1], threads,
        )  # fmt: skip
    for place, p in enumerate(groups.order):
        all_of_them = [deviation(rated, rating, asked[p], j) for j in np.flatnonzero(rated[histories[p]])]
        known = [d for d in all_of_them if d is not None]
        np.testing.assert_allclose(found[0][place], np.mean(known) if known else 0, rtol=1e-5, atol=1e-6)
    assert np.array_equal(*found)
