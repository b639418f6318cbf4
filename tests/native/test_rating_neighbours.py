"""Means over nearest neighbours against loops over rows."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from endcap import native
from endcap.models.rating_kernels import Groups, Lists


def similarity(kind, a, b, min_support, shrinkage):
    n = len(a)
    if n == 0 or n < min_support:
        return 0.0
    if kind == "msd":
        return 1 / (np.mean((a - b) ** 2) + 1)
    if kind == "cosine":
        trust = (n - 1) / (n - 1 + shrinkage) if shrinkage else 1
        return (a @ b) / np.sqrt((a @ a) * (b @ b)) * trust
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return np.corrcoef(a, b)[0, 1]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from([("msd", 0), ("cosine", 0), ("cosine", 10), ("pearson", 0)]),
    st.integers(1, 25), st.integers(1, 12), st.integers(1, 5), st.integers(1, 3), st.integers(0, 999),
)  # fmt: skip
def test_means_are_those_of_the_most_similar(simd, kind, rows, columns, k, min_support, seed):
    name, shrinkage = kind
    rng = np.random.default_rng(seed)
    has = rng.random((rows, columns)) < 0.7
    value = rng.integers(1, 11, (rows, columns)) / 2
    entries = np.nonzero(has)
    matrix = sparse.csr_array((value[entries].astype(np.float32), entries), shape=(rows, columns))
    matrix.sort_indices()
    lists = Lists.of(matrix.T.tocsr())
    x, y = (rng.integers(0, n, 20).astype(np.int32) for n in (rows, columns))
    groups = Groups.of(x)
    found = []
    for threads in (1, 2):
        found.append((np.full(20, np.nan, np.float32), np.full(20, -1, np.int32)))
        native.rating_neighbours(
            *Lists.of(matrix), *lists, rows, *lists, groups.indptr, groups.keys, y[groups.order], name, min_support,
            float(shrinkage), k, *found[-1], threads,
        )  # fmt: skip
    assert all(np.array_equal(*pair) for pair in zip(*found, strict=True))
    means, counts = found[0]
    for place, p in enumerate(groups.order):
        candidates = np.flatnonzero(has[:, y[p]])
        common = [has[x[p]] & has[n] for n in candidates]
        near = [
            similarity(name, value[x[p], c], value[n, c], min_support, shrinkage)
            for n, c in zip(candidates, common, strict=True)
        ]
        near = np.round(near, 6)  # what is equal but for rounding counts as equal, below
        best = sorted((t for t in range(len(near)) if near[t] > 1e-6), key=lambda t: -near[t])
        assert counts[place] == min(k, len(best))
        if len(best) > k and np.isclose(near[best[k - 1]], near[best[k]], atol=2e-6):
            continue  # which of those as similar is taken hangs on the last bit
        best = best[:k]
        expected = near[best] @ value[candidates[best], y[p]] / near[best].sum() if best else 0
        np.testing.assert_allclose(means[place], expected, rtol=1e-4, atol=1e-6)


def test_of_rows_as_similar_the_earlier_counts(simd):
    values = np.array([[3, 1], [3, 2], [3, 4]], np.float32)
    matrix = sparse.csr_array(values)
    lists = Lists.of(matrix.T.tocsr())
    asked = Lists.of(sparse.csr_array(np.array([[3, 0]], np.float32)))
    means, counts = np.zeros(1, np.float32), np.zeros(1, np.int32)
    one, zero = np.array([0, 1], np.int64), np.zeros(1, np.int32)
    native.rating_neighbours(
        *asked, *lists, 3, *lists, one, zero, np.array([1], np.int32), "msd", 1, 0.0, 2, means, counts, 1
    )
    assert (means[0], counts[0]) == (1.5, 2)


def test_an_unknown_similarity_is_refused():
    rows = np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)
    nothing = np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32)
    results = np.zeros(0, np.float32), np.zeros(0, np.int32)
    with pytest.raises(ValueError, match="similarity must be"):
        native.rating_neighbours(*rows, *rows, 1, *rows, *nothing, "jaccard", 1, 0.0, 1, *results, 1)
