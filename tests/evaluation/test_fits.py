"""Several fits of a model: what a seed changes belongs to how sure a figure is."""

import numpy as np
import pytest
from scipy import stats

import endcap as ec
from endcap.evaluation.fits import FITS, Spread, p_value, widened, with_other_seed
from endcap.models.parameters import parameters_of


def test_only_models_that_draw_by_chance_have_other_fits():
    assert with_other_seed(ec.EASE(), 1) is None
    model = ec.ALS(factors=8, seed=5)
    assert with_other_seed(model, 0).seed == 5
    others = [with_other_seed(model, fit).seed for fit in (1, 2)]
    neighbours = [with_other_seed(ec.ALS(seed=6), fit).seed for fit in range(3)]
    assert len({5, *others, *neighbours}) == 6  # copies that differ in the seed share no fit
    assert others == [with_other_seed(model, fit).seed for fit in (1, 2)]
    assert model.seed == 5
    assert with_other_seed(model, 1).factors == 8


def test_the_members_of_a_blend_have_other_seeds_too():
    blend = ec.Blend(models=[ec.EASE(), ec.ALS(factors=8, seed=5), "BPR"])
    other = with_other_seed(blend, 1)
    (_, ease), (_, als), (_, bpr) = other.models
    assert ease == parameters_of(ec.EASE())
    assert als == parameters_of(with_other_seed(ec.ALS(factors=8, seed=5), 1))
    assert bpr == {"seed": with_other_seed(ec.BPR(), 1).seed}
    assert dict(blend.models)["ALS"]["seed"] == 5


def test_a_spread_by_hand():
    spread = Spread.of([np.array([1.0, 4.0]), np.array([3.0, 4.0]), np.array([5.0, 4.0])])
    assert spread.variance.tolist() == pytest.approx([4 / 3, 0])  # variance 4 of three fits
    assert spread.degrees == 2
    assert Spread.of([np.array([1.0])]) == Spread(np.zeros(1), 0)


def test_with_users_and_seeds_independent_it_is_welchs_test():
    # Without a variance by users, comparing the fits of two models is what Welch (1947) did.
    rng = np.random.default_rng(0)
    one, other = rng.normal(0.3, 0.01, 3), rng.normal(0.32, 0.03, 5)
    expected = stats.ttest_ind(one, other, equal_var=False)
    spreads = Spread.of(list(one)), Spread.of(list(other))
    assert p_value(one.mean() - other.mean(), 0.0, *spreads) == pytest.approx(expected.pvalue)
    ends = widened(np.array(one.mean() - other.mean()), np.zeros(()), np.zeros(()), np.zeros(()), *spreads)
    assert [float(end) for end in ends] == pytest.approx([*expected.confidence_interval(0.95)])


def test_intervals_are_widened_where_seeds_matter_and_left_alone_elsewhere():
    low, high, by_users = np.array([0.9, 1.9]), np.array([1.2, 2.2]), np.array([0.01, 0.01])
    estimate = np.array([1.0, 2.0])
    assert widened(estimate, low, high, by_users, Spread(np.zeros(2), 0)) == (low, high)
    wide_low, wide_high = widened(estimate, low, high, by_users, Spread(np.array([0.0, 0.03]), 2))
    assert (wide_low[0], wide_high[0]) == pytest.approx((0.9, 1.2))
    degrees = 0.04**2 / (0.03**2 / 2)
    times = stats.t.ppf(0.975, degrees) * 0.2 / (1.959964 * 0.1)
    assert (wide_low[1], wide_high[1]) == pytest.approx((2 - 0.1 * times, 2 + 0.2 * times))


def test_equal_models_are_called_different_in_no_more_than_one_in_twenty():
    # Figures of 2,000 pairs of equal models: by the seed alone, by users' noise alone, and by both.
    rng = np.random.default_rng(3)
    for by_seed, by_user in ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (3.0, 1.0)):
        called = 0
        for _ in range(2000):
            fits = [rng.normal(0, by_seed, FITS) + rng.normal(0, by_user, FITS) for _ in range(2)]
            difference = fits[0].mean() - fits[1].mean()
            called += p_value(difference, 2 * by_user**2 / FITS, *(Spread.of(list(f)) for f in fits)) < 0.05
        assert called <= 0.05 * 2000 + 3 * np.sqrt(2000 * 0.05 * 0.95)
