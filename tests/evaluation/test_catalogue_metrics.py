import itertools

import numpy as np
import pytest

from endcap.evaluation.catalogue_metrics import catalogue_coverage, catalogue_coverages, gini, personalisation


def test_coverage_counts_each_item_once():
    assert catalogue_coverage(np.array([[0, 1], [1, -1]], np.int32), 8) == 0.25
    assert catalogue_coverage(np.array([0, 1, 1]), 8) == 0.25  # lists one after the other


def test_coverage_at_several_lengths_is_that_of_each():
    # Of 5 items, the first places hold 0 and 1; places up to the second 3, too; an empty place is no item.
    lists = np.array([[0, 1, 0], [1, 3, -1]], np.int32)
    assert catalogue_coverages(lists, 5, [1, 2, 3]) == [2 / 5, 3 / 5, 3 / 5]
    assert catalogue_coverages(lists, 5, [3, 4, 9]) == [3 / 5] * 3  # longer than the lists are
    assert catalogue_coverages(lists, 5, [3]) == [catalogue_coverage(lists, 5)]


def test_gini_is_the_mean_difference_of_counts():
    lists = np.random.default_rng(0).integers(0, 9, (7, 3))
    counts = np.bincount(lists.ravel(), minlength=12)
    expected = np.abs(counts[:, None] - counts).mean() / (2 * counts.mean())
    assert gini(lists, 12) == pytest.approx(expected)
    assert gini(np.array([[0, 1], [2, 3]]), 4) == 0
    assert gini(np.array([[3]] * 9), 10) == pytest.approx(0.9)
    assert gini(np.array([[-1]]), 3) == 0


def test_personalisation_is_one_less_the_mean_overlap_of_pairs():
    rng = np.random.default_rng(1)
    lists = np.argsort(rng.random((6, 8)), axis=1)[:, :4]
    shared = [len(set(a) & set(b)) / 4 for a, b in itertools.combinations(lists.tolist(), 2)]
    assert personalisation(lists) == pytest.approx(1 - np.mean(shared))
    assert personalisation(np.array([[0, 1]] * 3)) == 0
    # Of three pairs of users, one shares one of two items: 1 - (1/2 + 0 + 0) / 3.
    assert personalisation(np.array([[0, 1], [1, 2], [3, 4]])) == pytest.approx(5 / 6)
    assert np.isnan(personalisation(np.array([[0]])))
