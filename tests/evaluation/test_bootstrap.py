import numpy as np
import pytest

from endcap.evaluation.bootstrap import coverage_error, percentile_interval, resampled_means


def test_the_same_seed_draws_the_same_users():
    values = np.random.default_rng(0).random((50, 2))
    first = resampled_means(values, seed=1)
    assert first.shape == (1000, 2)
    np.testing.assert_array_equal(first, resampled_means(values, seed=1))
    assert not np.array_equal(first, resampled_means(values, seed=2))


def test_draws_do_not_depend_on_the_other_columns():
    values = np.random.default_rng(0).random((50, 3))
    np.testing.assert_array_equal(resampled_means(values)[:, 1:2], resampled_means(values[:, 1:2]))


def test_users_without_a_value_are_left_out_of_the_mean():
    values = np.random.default_rng(0).random((500, 2))
    values[::2, 0] = np.nan
    draws = resampled_means(values)
    error = np.nanstd(values[:, 0]) / np.sqrt(250)
    assert draws[:, 0].mean() == pytest.approx(np.nanmean(values[:, 0]), abs=error)
    assert draws[:, 0].std() == pytest.approx(error, rel=0.15)
    np.testing.assert_array_equal(draws[:, 1], resampled_means(values[:, 1:])[:, 0])
    assert np.isnan(resampled_means(np.full((5, 1), np.nan))).all()


def test_differences_are_paired():
    # Two models that differ by 0.1 for every user: no doubt about the difference, however users differ.
    easy = np.random.default_rng(0).random(40)
    draws = resampled_means(np.column_stack([easy + 0.1, easy]))
    low, high = percentile_interval(draws[:, 0] - draws[:, 1])
    assert (low, high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert np.ptp(percentile_interval(draws)[0]) > 0


def test_the_spread_is_that_of_the_mean():
    values = np.random.default_rng(3).normal(size=(400, 1))
    error = values.std() / np.sqrt(400)
    assert resampled_means(values).std() == pytest.approx(error, rel=0.1)


def test_the_same_list_for_everyone_covers_surely():
    assert coverage_error(np.tile(np.arange(3, dtype=np.int32), (30, 1)), 10) == 0


def test_empty_places_cover_nothing():
    recommended = np.array([[0, -1]] * 20, np.int32)
    assert coverage_error(recommended, 1) == 0


def test_coverage_error_is_near_the_spread_of_fresh_users():
    rng = np.random.default_rng(5)
    taste = 1 / np.arange(1, 301)
    taste /= taste.sum()
    fresh = [rng.choice(300, (80, 1), p=taste).astype(np.int32) for _ in range(400)]
    truth = np.std([len(np.unique(f)) / 300 for f in fresh])
    estimates = [coverage_error(f, 300) for f in fresh]
    assert truth <= np.mean(estimates) <= 1.5 * truth


@pytest.mark.heavy
def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(9)
    held = 0
    for n in range(400):
        low, high = percentile_interval(resampled_means(rng.binomial(10, 0.2, (150, 1)) / 10, seed=n))
        held += low[0] <= 0.2 <= high[0]
    assert 0.91 <= held / 400 <= 0.98
