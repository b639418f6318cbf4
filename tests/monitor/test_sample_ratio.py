"""Numbers of shoppers that aren't as planned."""

import numpy as np
import pytest

from endcap.monitor.sample_ratio import ALARM, sample_ratio

EVEN = {"a": 0.5, "b": 0.5}


def test_a_variant_that_nobody_saw_counts_and_no_shoppers_are_no_alarm():
    assert sample_ratio({"a": 40}, EVEN) < ALARM
    assert sample_ratio({}, EVEN) == 1.0


def test_it_is_a_bet_that_is_fair_while_the_shares_are_as_planned():
    """What the next shopper makes of the odds against the plan is, on average, nothing."""
    shares, whole = {"a": 0.2, "b": 0.3, "c": 0.5}, {"a": 30, "b": 20, "c": 50}
    odds = 1 / sample_ratio(whole, shares)
    assert odds > 1
    after = [1 / sample_ratio({**whole, name: whole[name] + 1}, shares) for name in shares]
    assert np.dot(list(shares.values()), after) == pytest.approx(odds)


def test_it_may_be_looked_at_after_every_day():
    rng, days = np.random.default_rng(0), np.arange(1, 31) * 100
    counts = rng.binomial(100, 0.3, (1000, 30)).cumsum(axis=1)
    lowest = [
        min(sample_ratio({"a": n, "b": of - n}, {"a": 0.3, "b": 0.7}) for n, of in zip(run, days.tolist(), strict=True))
        for run in counts.tolist()
    ]
    assert np.mean(np.array(lowest) < 0.05) <= 0.05
    assert np.mean(np.array(lowest) < ALARM) <= 0.002


@pytest.mark.parametrize(("share", "shoppers"), [(0.6, 1_500), (0.53, 12_000), (0.51, 100_000)])
def test_a_mismatch_is_found(share, shoppers):
    found = np.random.default_rng(1).binomial(shoppers, share, 200).tolist()
    assert np.mean([sample_ratio({"a": n, "b": shoppers - n}, EVEN) < ALARM for n in found]) > 0.9
