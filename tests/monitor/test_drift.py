"""Scores and coverage."""

import numpy as np
import polars as pl
import pytest

from endcap.monitor.drift import coverage, score_drift, stability_index
from endcap.monitor.reading import Bounds


def by_hand(before, now):
    edges = np.quantile(before, np.linspace(0, 1, 11))[1:-1]
    counts = [np.histogram(values, [-np.inf, *edges, np.inf])[0] + 0.5 for values in (before, now)]
    p, q = (count / count.sum() for count in counts)
    return ((q - p) * np.log(q / p)).sum() - 9 * (1 / len(before) + 1 / len(now))


@pytest.mark.parametrize("shift", [0.3, 1.0])
def test_the_index_is_as_defined(shift):
    rng = np.random.default_rng(1)
    before, now = rng.normal(size=800), rng.normal(shift, size=700)
    assert stability_index(before, now) == pytest.approx(by_hand(before, now))


def test_chance_alone_is_about_nothing():
    rng = np.random.default_rng(0)
    found = [stability_index(rng.normal(size=500), rng.normal(size=500)) for _ in range(200)]
    assert np.mean(found) < 0.02
    assert np.quantile(found, 0.99) < 0.1, "never a warning by chance"


def answers(scores, model="now", items='["a"]'):
    n = len(scores)
    return pl.DataFrame({"surface": ["s"] * n, "model": [model] * n, "score": scores, "items": [items] * n})


def test_only_the_version_in_use_is_compared():
    rng = np.random.default_rng(0)
    before = pl.concat([answers(rng.normal(9, size=900), "old"), answers(rng.normal(size=600))])
    bounds = Bounds(0.1, 0.25)
    same = score_drift("score_drift", before, answers(rng.normal(size=600)), "now", bounds)
    other = score_drift("score_drift", before, answers(rng.normal(2, size=600)), "now", bounds)
    few = score_drift("score_drift", before, answers(rng.normal(size=100)), "now", bounds)
    assert [one.state for one in (same, other, few)] == ["fine", "alarm", "unknown"]


def test_equal_scores_are_no_drift():
    assert stability_index(np.ones(600), np.ones(600)) == 0


def test_coverage_compares_as_many_answers():
    rng = np.random.default_rng(0)

    def some(n, products):
        items = [str(sorted({f"i{x}" for x in rng.integers(products, size=5)})).replace("'", '"') for _ in range(n)]
        return pl.DataFrame({"items": items})

    bounds = Bounds(0.7, 0.4, low_is_bad=True)
    assert coverage("coverage", some(2000, 100), some(300, 100), bounds).state == "fine"
    lost = coverage("coverage", some(2000, 100), some(300, 30), bounds)
    assert lost.state == "alarm"
    assert "show 30 different" in lost.told
    assert coverage("coverage", some(2000, 100), some(30, 100), bounds).state == "unknown"
