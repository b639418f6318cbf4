import numpy as np
import pytest

from endcap.automatic.contest import without_luck


def test_the_best_of_many_equal_trials_is_worth_no_more_than_any():
    draws = np.random.default_rng(0)
    trials = [np.full(400, 0.5) + draws.normal(0, 0.3, 400) for _ in range(60)]
    best = max(one.mean() for one in trials)
    assert best > 0.53
    assert without_luck(trials, 0).mean() == pytest.approx(0.5, abs=0.01)


def test_what_is_better_for_everyone_stays_better():
    base = np.random.default_rng(1).random(300)
    found = without_luck([base, base + 0.1, base - 0.1], 0)
    np.testing.assert_allclose(found, base + 0.1)


def test_a_single_trial_is_worth_what_it_is():
    base = np.random.default_rng(2).random(50)
    np.testing.assert_allclose(without_luck([base], 0), base)
