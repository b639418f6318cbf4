"""The metrics against values worked by hand, and against a slow reference written user by user."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.data.arrays import IndexLists
from endcap.errors import DataError
from endcap.evaluation.metrics import USER_METRICS, catalogue_coverage, ranking_metrics


def lists(*relevant):
    rows = np.repeat(np.arange(len(relevant)), [len(r) for r in relevant])
    return IndexLists.from_pairs(rows, np.array([i for r in relevant for i in r], np.int32), len(relevant))


def measure(recommended, *relevant):
    values = ranking_metrics(np.array(recommended, np.int32), lists(*relevant))
    return [dict(zip(USER_METRICS, row, strict=True)) for row in values.tolist()]


def slow(recommended, relevant, k):
    hit = [item in relevant for item in recommended]
    h, r = sum(hit), len(relevant)
    precision, recall = h / k, h / r
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if h else 0,
        "ndcg": sum(x / math.log2(p + 2) for p, x in enumerate(hit))
        / sum(1 / math.log2(p + 2) for p in range(min(k, r))),
        "hit_rate": float(h > 0),
        "map": sum(sum(hit[: p + 1]) / (p + 1) for p, x in enumerate(hit) if x) / min(k, r),
        "mrr": 1 / (hit.index(True) + 1) if h else 0,
    }


def test_values_worked_by_hand():
    # Hits at places 2 and 4; 3 relevant items.
    (user,) = measure([[9, 1, 8, 2]], [1, 2, 3])
    assert user["precision"] == 2 / 4
    assert user["recall"] == pytest.approx(2 / 3)
    assert user["f1"] == pytest.approx(4 / 7)
    assert user["ndcg"] == pytest.approx((0.6309298 + 0.4306766) / (1 + 0.6309298 + 0.5))
    assert user["hit_rate"] == 1
    assert user["map"] == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert user["mrr"] == 1 / 2


def test_the_ideal_list_has_one_everywhere_but_in_recall():
    (user,) = measure([[3, 1]], [1, 2, 3])
    assert {m for m in USER_METRICS if user[m] == 1} == set(USER_METRICS) - {"recall", "f1"}


def test_empty_places_count_in_precision_and_never_hit():
    (user,) = measure([[4, -1, -1, -1]], [4])
    assert user["precision"] == 1 / 4
    assert user["recall"] == user["ndcg"] == user["map"] == 1
    (nothing,) = measure([[-1, -1]], [0])
    assert set(nothing.values()) == {0}


def test_an_item_relevant_to_the_next_user_is_no_hit():
    first, second = measure([[5], [5]], [0], [5])
    assert (first["precision"], second["precision"]) == (0, 1)


@st.composite
def cases(draw):
    n, k, m = draw(st.integers(1, 6)), draw(st.integers(1, 6)), draw(st.integers(6, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    recommended = np.argsort(rng.random((n, m)), axis=1)[:, :k].astype(np.int32)
    filled = rng.integers(0, k + 1, n)
    recommended[np.arange(k) >= filled[:, None]] = -1
    # Relevant items beyond the catalogue are those that nobody had before.
    relevant = [np.sort(rng.choice(m + 2, rng.integers(1, m + 1), replace=False)).tolist() for _ in range(n)]
    return recommended, relevant


@given(cases())
@settings(deadline=None)
def test_the_same_as_user_by_user(case):
    recommended, relevant = case
    k = recommended.shape[1]
    for row, items, user in zip(recommended.tolist(), relevant, measure(recommended, *relevant), strict=True):
        assert user == pytest.approx(slow([i for i in row if i >= 0], set(items), k))


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(DataError, match="without a relevant item"):
        ranking_metrics(np.zeros((1, 1), np.int32), IndexLists.empty(1))
    with pytest.raises(DataError, match="twice"):
        measure([[1, 1]], [1])
    with pytest.raises(DataError, match="2 users"):
        measure([[1], [1]], [1])


def test_coverage_counts_each_item_once():
    assert catalogue_coverage(np.array([[0, 1], [1, -1]], np.int32), 8) == 0.25
