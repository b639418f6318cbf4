"""Intervals that hold at every look."""

import numpy as np
import pytest

from endcap.monitor.confidence_sequence import difference, multiplier


def test_the_width_is_least_about_where_it_is_tuned_for():
    sizes = np.logspace(2, 7, 400)
    for tuned in (1_000, 10_000, 300_000):
        # What is least there is how wide it is against other tunings, not against other sizes.
        at = {other: float(multiplier(np.array([tuned]), tuned_for=other)[0]) for other in sizes}
        best = min(at, key=at.get)
        assert 0.7 < best / tuned < 1.4
        assert float(multiplier(np.array([10 * tuned]), tuned_for=tuned)[0]) < 1.1 * at[best]


def test_it_is_ville_s_bound_on_robbins_mixture():
    # At the boundary, the mixture of likelihood ratios is 1/alpha.
    for n in (50.0, 1e4, 1e6):
        z = float(multiplier(np.array([n]), alpha=0.01, tuned_for=5e3)[0])
        looks = -2 * np.log(0.01)
        x = n * (looks + np.log(looks + 1)) / 5e3
        assert np.exp(x * z**2 / (2 * (1 + x))) / np.sqrt(1 + x) == pytest.approx(100)


def test_the_difference_by_hand():
    rng = np.random.default_rng(0)
    one, other = rng.exponential(2.0, 500), rng.exponential(1.5, 400)
    sums = [np.array([[len(v), v.sum(), (v**2).sum()]]) for v in (one, other)]
    gain, low, high = (float(end[0]) for end in difference(*sums))
    error = np.sqrt(one.var(ddof=1) / 500 + other.var(ddof=1) / 400)
    assert gain == pytest.approx(one.mean() - other.mean())
    assert (high - low) / 2 == pytest.approx(error * float(multiplier(np.array([900.0]))[0]))
    nothing = difference(np.array([[1.0, 5.0, 25.0]]), np.array([[0.0, 0.0, 0.0]]))
    assert all(np.isnan(end[0]) for end in nothing[1:])


@pytest.mark.heavy
@pytest.mark.parametrize("mean", [0.0, 0.3])
def test_it_holds_the_truth_at_all_looks_together_where_one_look_s_interval_does_not(mean):
    rng = np.random.default_rng(1)
    missed = peeked = 0
    looks = np.arange(200, 20_001, 200)
    for _ in range(400):
        values = rng.exponential(1.0, (2, looks[-1]))
        values[1] += mean
        sums = np.stack([np.cumsum(values, axis=1), np.cumsum(values**2, axis=1)], axis=2)[:, looks - 1]
        one, control = (np.column_stack([looks, own]) for own in (sums[1], sums[0]))
        gain, low, high = difference(one, control)
        missed += bool(((low > mean) | (high < mean)).any())
        half = (high - low) / 2 / multiplier(2.0 * looks) * 1.96
        peeked += bool((np.abs(gain - mean) > half).any())
    assert missed / 400 <= 0.05
    assert peeked / 400 > 0.2
