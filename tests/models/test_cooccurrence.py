"""Counts of pairs against dense products, Fisher's exact test and false discoveries against SciPy."""

import numpy as np
import pytest
from scipy import sparse, stats

from endcap.models import cooccurrence
from endcap.models.cooccurrence import discoveries, fisher_exact, frequent_pairs


def counted(baskets, min_count):
    """Return the pairs of all blocks as a dense matrix."""
    found = np.zeros((baskets.shape[1],) * 2, int)
    for pairs in frequent_pairs(baskets, min_count):
        np.add.at(found, (pairs.first, pairs.second), pairs.together)
    return found


@pytest.mark.parametrize("block", [10, 1000, 5_000_000])
@pytest.mark.parametrize("min_count", [1, 3, 6])
def test_pairs_are_counted(block, min_count, monkeypatch):
    monkeypatch.setattr(cooccurrence, "_BLOCK", block)
    rng = np.random.default_rng(3)
    baskets = sparse.random_array((90, 25), density=0.2, rng=rng).tocsr()
    held = (baskets.toarray() > 0).astype(int)
    expected = np.triu(held.T @ held, 1)
    expected[expected < min_count] = 0
    assert expected.any()
    assert np.array_equal(counted(baskets, min_count), expected)


def test_no_pairs():
    assert not counted(sparse.csr_array((4, 3), dtype=np.float32), 1).any()
    assert not counted(sparse.csr_array(np.eye(4, dtype=np.float32)), 1).any()


@pytest.mark.parametrize("baskets", [7, 60, 4000])
def test_fishers_exact_test_is_that_of_scipy(baskets):
    rng = np.random.default_rng(baskets)
    first, second = rng.integers(1, baskets, (2, 600))
    most = np.minimum(first, second)
    together = rng.integers(first * second // baskets, most, endpoint=True)
    more = together > first * second / baskets
    together, first, second = together[more], first[more], second[more]
    assert len(together) > 50
    expected = [
        stats.fisher_exact([[k, a - k], [b - k, baskets - a - b + k]], alternative="greater").pvalue
        for k, a, b in zip(together, first, second, strict=True)
    ]
    assert np.allclose(fisher_exact(together, first, second, baskets), expected, rtol=1e-8, atol=1e-13)


def test_a_hopelessly_small_p_value_is_still_above_or_at_zero():
    p = fisher_exact(np.array([40_000, 70]), np.array([50_000, 300]), np.array([45_000, 400]), 1_000_000)
    assert p[0] == 0
    assert 0 < p[1] < 1e-100


def test_discoveries_are_those_of_benjamini_and_hochberg():
    rng = np.random.default_rng(6)
    p_values = np.concatenate([rng.random(200), rng.random(60) ** 6])
    for tests in (260, 1000):
        padded = np.concatenate([p_values, np.ones(tests - 260)])
        expected = stats.false_discovery_control(padded, method="bh")[:260] <= 0.1
        assert 0 < expected.sum() < 260
        assert np.array_equal(discoveries(p_values, 0.1, tests), expected)


def test_no_discoveries():
    assert not discoveries(np.array([0.4, 0.6]), 0.05, 2).any()
    assert len(discoveries(np.zeros(0), 0.05, 0)) == 0
