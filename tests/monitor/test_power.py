"""How long it takes, against experiments that were played."""

import numpy as np
import pytest

from endcap.monitor.confidence_sequence import difference, multiplier
from endcap.monitor.power import Traffic, days_needed, detectable


def steady(per_day=1000, mean=2.0, variance=4.0, days=14):
    return Traffic(per_day * np.arange(1.0, days + 1), np.full(days, mean), np.full(days, variance))


def test_a_smaller_change_fewer_shoppers_or_a_small_variant_take_longer():
    base = days_needed(steady(), 0.05, (0.5, 0.5))
    assert days_needed(steady(), 0.02, (0.5, 0.5)) > 4 * base
    assert days_needed(steady(500), 0.05, (0.5, 0.5)) == pytest.approx(2 * base, abs=2)
    assert days_needed(steady(), 0.05, (0.95, 0.05)) > 4 * base
    assert days_needed(steady(), 0.05, (1 / 3, 1 / 3, 1 / 3)) > base
    assert days_needed(steady(1), 0.0001, (0.5, 0.5)) is None
    assert days_needed(Traffic(*np.zeros((3, 5))), 0.1, (0.5, 0.5)) is None


def test_the_days_beyond_what_was_seen_bring_as_many_new_shoppers():
    late = Traffic(np.array([100.0, 150.0, 170.0, 180.0]), np.ones(4), np.ones(4))
    assert late.onwards(6).shoppers.tolist() == [100, 150, 170, 180, 195, 210]
    assert np.isinf(detectable(Traffic(np.ones(3), np.zeros(3), np.ones(3)), (0.5, 0.5))).all()


def test_the_lift_that_is_named_stands_out_by_that_many_standard_errors_of_its_own_variance():
    traffic, shares = steady(days=30), (0.6, 0.4)
    for day, lift in enumerate(detectable(traffic, shares)):
        n = traffic.shoppers[day]
        error = np.sqrt(4.0 / n / 0.6 + 4.0 * (1 + lift) ** 2 / n / 0.4)
        assert lift * 2.0 / error == pytest.approx(multiplier(np.array([n]))[0] + 0.841621)
    few = Traffic(np.arange(1.0, 4.0), np.ones(3), np.full(3, 9.0))
    assert np.isinf(detectable(few, (0.5, 0.5))).all(), "so few shoppers tell no lift from chance, however large"


@pytest.mark.heavy
@pytest.mark.parametrize(("lift", "per_day"), [(0.08, 400), (0.5, 40)])
def test_by_the_day_that_it_names_four_of_five_are_found(lift, per_day):
    rng = np.random.default_rng(3)
    runs = 400
    days = days_needed(steady(per_day, 1.0, 1.0), lift, (0.5, 0.5))
    found = at_the_end = 0
    for _ in range(runs):
        sums = []
        for mean in (1 + lift, 1.0):
            values = rng.exponential(mean, (days, per_day // 2))
            own = np.column_stack([np.full(days, per_day / 2), values.sum(axis=1), (values**2).sum(axis=1)])
            sums.append(own.cumsum(axis=0))
        _, low, _ = difference(*sums)
        found += bool((low > 0).any())
        at_the_end += bool(low[-1] > 0)
    assert found / runs > 0.78
    assert 0.7 < at_the_end / runs < 0.9


def returning(rng, days, *, per_day, rate, lift=0.0, stay=np.inf):
    """Return the sums by day, shape (days, 3), of shoppers who come all the time, and back at habits of their own."""
    n = rng.poisson(per_day * days)
    came, left = np.sort(rng.uniform(0, days, n)), rng.exponential(stay, n) if np.isfinite(stay) else np.full(n, days)
    habit = rate * rng.gamma(0.3, 1 / 0.3, n)
    spent, sums = np.zeros(n), np.empty((days, 3))
    for day in range(days):
        there = np.clip(np.minimum(day + 1, came + left) - np.maximum(day, came), 0, 1)
        orders = rng.poisson(habit * there)
        who = np.repeat(np.arange(n), orders)
        spent += np.bincount(who, np.exp(rng.normal(3, 0.8, len(who))) * (1 + lift), n)
        sums[day] = np.searchsorted(came, day + 1), spent.sum(), (spent**2).sum()
    return sums


def traffic(sums):
    n, total, squares = sums.T
    return Traffic(n, total / n, squares / n - (total / n) ** 2)


@pytest.mark.parametrize(("stay", "lift"), [(np.inf, 0.16), (np.inf, 0.13), (90, 0.15)])
def test_beyond_what_was_seen_the_days_are_those_that_more_days_of_the_past_name(stay, lift):
    rng, world = np.random.default_rng(4), {"rate": 0.02, "stay": stay}
    many = traffic(returning(rng, 200, per_day=1500, **world))
    takes = days_needed(Traffic(many.shoppers / 10, many.mean, many.variance), lift, (0.5, 0.5))
    assert 40 < takes < 200, "so many are needed where all of them were seen"
    named = [days_needed(traffic(returning(rng, 28, per_day=150, **world)), lift, (0.5, 0.5)) for _ in range(25)]
    assert 0.85 < np.median(named) / takes < 1.15
