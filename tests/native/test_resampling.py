"""Resampling and sign flips against the same random numbers in plain Python."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap import native

ALL = 2**64 - 1


def random_at(stream, place):
    """SplitMix64."""
    z = (stream + (place + 1) * 0x9E3779B97F4A7C15) & ALL
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & ALL
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & ALL
    return z ^ (z >> 31)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(1, 40), st.integers(1, 3), st.integers(0, ALL))
def test_means_over_users_drawn_with_replacement(simd, users, columns, seed):
    values = np.random.default_rng(1).normal(size=(columns, users))
    found = []
    for threads in (1, 2):
        found.append(np.empty((5, columns)))
        native.resampled_means(values, seed, found[-1], threads)
    for r in range(5):
        stream = random_at(seed, r)
        drawn = [random_at(stream, i) * users >> 64 for i in range(users)]
        np.testing.assert_allclose(found[0][r], values[:, drawn].mean(axis=1), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(*found)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(1, 150), st.integers(1, 3), st.integers(1, 1100), st.integers(0, ALL))
def test_sums_with_signs_drawn_anew(simd, users, rows, flips, seed):
    differences = np.random.default_rng(2).integers(-3, 5, (rows, users)) / 4  # sums are exact
    found = []
    for threads in (1, 2):
        found.append(np.zeros(rows, np.int64))
        native.sign_flips(differences, seed, flips, found[-1], threads)
    asked = min(flips, 40)
    first = np.zeros(rows, np.int64)
    native.sign_flips(differences, seed, asked, first, 1)
    for row in range(rows):
        count = 0
        for f in range(asked):
            bits = [random_at(random_at(seed, i // 64), f) >> (i % 64) & 1 for i in range(users)]
            count += abs((differences[row] * (2 * np.array(bits) - 1)).sum()) >= abs(differences[row].sum())
        assert first[row] == count
    np.testing.assert_array_equal(*found)


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="fit together"):
        native.resampled_means(np.zeros((2, 3)), 0, np.zeros((5, 3)), 1)
    with pytest.raises(ValueError, match="fit together"):
        native.sign_flips(np.zeros((2, 3)), 0, 5, np.zeros(1, np.int64), 1)
