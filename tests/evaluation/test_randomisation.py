import itertools

import numpy as np
import pytest

from endcap.evaluation.randomisation import holm, randomisation_test


def test_the_p_value_is_that_of_all_choices_of_signs():
    differences = np.random.default_rng(3).normal(0.3, 1, 12)
    sums = np.array([np.dot(signs, differences) for signs in itertools.product([-1, 1], repeat=12)])
    exact = (np.abs(sums) >= abs(differences.sum()) - 1e-9).mean()
    (p,) = randomisation_test(differences[None], flips=100_000)
    assert p == pytest.approx(exact, abs=0.006)


def test_no_difference_is_chance_and_a_missing_value_is_none():
    assert randomisation_test(np.zeros((1, 30)))[0] == 1
    values = np.random.default_rng(0).normal(size=(1, 30))
    with_gaps = np.concatenate([values, np.full((1, 34), np.nan)], axis=1)
    assert randomisation_test(with_gaps)[0] == randomisation_test(np.nan_to_num(with_gaps))[0]


def test_p_values_are_uniform_where_nothing_differs():
    differences = np.random.default_rng(4).normal(size=(400, 100))
    p = randomisation_test(differences, flips=1000)
    assert 0.03 < (p < 0.05).mean() < 0.08
    assert 0.44 < p.mean() < 0.56


def test_holm_worked_by_hand():
    # 4 x 0.01, 3 x 0.015, 2 x 0.04, and none below the one before.
    assert holm(np.array([0.04, 0.01, 0.015, 0.07])) == pytest.approx([0.08, 0.04, 0.045, 0.08])
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]
