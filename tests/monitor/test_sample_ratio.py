"""Numbers of shoppers that aren't as planned."""

import numpy as np
import pytest

from endcap.monitor.sample_ratio import ALARM, sample_ratio


def test_it_is_pearsons_test():
    from scipy.stats import chisquare

    counts, shares = {"a": 480, "b": 990, "c": 530}, {"a": 0.25, "b": 0.5, "c": 0.25}
    expected = chisquare(list(counts.values()), [2000 * share for share in shares.values()]).pvalue
    assert sample_ratio(counts, shares) == pytest.approx(expected)


def test_a_variant_that_nobody_saw_counts_and_no_shoppers_are_no_alarm():
    assert sample_ratio({"a": 40}, {"a": 0.5, "b": 0.5}) < ALARM
    assert sample_ratio({}, {"a": 0.5, "b": 0.5}) == 1.0


def test_false_alarms_are_as_rare_as_it_says():
    rng = np.random.default_rng(0)
    p = [sample_ratio({"a": n, "b": 3000 - n}, {"a": 0.3, "b": 0.7}) for n in rng.binomial(3000, 0.3, 20_000).tolist()]
    assert np.mean(np.array(p) < ALARM) < 0.002
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.008)
