"""The metrics against values worked by hand, and against a slow reference written user by user."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.data.arrays import IndexLists
from endcap.errors import DataError, ParameterError
from endcap.evaluation.metrics import ACCURACY, USER_METRICS, Background, ranking_metrics


def lists(*relevant):
    rows = np.repeat(np.arange(len(relevant)), [len(r) for r in relevant])
    return IndexLists.from_pairs(rows, np.array([i for r in relevant for i in r], np.int32), len(relevant))


def measure(recommended, *relevant, background=None, k=None):
    values = ranking_metrics(np.array(recommended, np.int32), lists(*relevant), k and [k], background)
    return [dict(zip(USER_METRICS, row, strict=True)) for row in values[:, 0].tolist()]


def dcg(gains):
    return sum(g / math.log2(p + 2) for p, g in enumerate(gains))


def slow(recommended, relevant, k, *, m, seen, value, category, users_of, best):
    """Return every metric of one user, from its definition; NaN where there is none."""
    places = [i for i in recommended[:k] if i >= 0]
    hit = [item in relevant for item in recommended[:k]]
    h, r = sum(hit), len(relevant)
    precision, recall = h / k, h / r
    rest = [i for i in range(m) if i not in places and i not in seen]
    rank = {i: p for p, i in enumerate(places)} | dict.fromkeys(rest, len(places))
    irrelevant = [i for i in range(m) if i not in relevant and i not in seen]
    pairs = [(rank.get(i, m + 1), rank[j]) for i in relevant for j in irrelevant]
    fresh, repeats = set(relevant) - set(seen), set(relevant) & set(seen)
    known = [category[i] for i in places if category[i] >= 0]
    couples = list(itertools.combinations(known, 2))
    ideal = dcg(sorted(value.values(), reverse=True)[:k])
    nan = math.nan
    bits = [-math.log2(users_of[i]) for i in places]
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if h else 0,
        "ndcg": dcg(hit) / dcg([1] * min(k, r)),
        "hit_rate": float(h > 0),
        "map": sum(sum(hit[: p + 1]) / (p + 1) for p, x in enumerate(hit) if x) / min(k, r),
        "mrr": 1 / (hit.index(True) + 1) if h else 0,
        "auc": sum((a < b) + (a == b) / 2 for a, b in pairs) / len(pairs) if pairs else nan,
        "new": sum(i not in seen for i in places) / len(places) if places else nan,
        "recall_new": len(fresh & set(places)) / len(fresh) if fresh else nan,
        "recall_repeat": len(repeats & set(places)) / len(repeats) if repeats else nan,
        "revenue": sum(value[i] for i in places if i in relevant),
        "revenue_ndcg": dcg([value.get(i, 0) for i in recommended[:k]]) / ideal if ideal else nan,
        "diversity": sum(a != b for a, b in couples) / len(couples) if couples else nan,
        "serendipity": sum(i in relevant and i not in best[:k] for i in places) / k,
        "novelty": sum(bits) / len(bits) if bits else nan,
        "popularity": sum(users_of[i] for i in places) / len(places) if places else nan,
    }


def test_accuracy_worked_by_hand():
    # Hits at places 2 and 4; 3 relevant items.
    (user,) = measure([[9, 1, 8, 2]], [1, 2, 3])
    assert user["precision"] == 2 / 4
    assert user["recall"] == pytest.approx(2 / 3)
    assert user["f1"] == pytest.approx(4 / 7)
    assert user["ndcg"] == pytest.approx((0.6309298 + 0.4306766) / (1 + 0.6309298 + 0.5))
    assert user["hit_rate"] == 1
    assert user["map"] == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert user["mrr"] == 1 / 2


def test_what_lies_beyond_accuracy_worked_by_hand():
    # A catalogue of 6; items 1 and 4 are relevant and brought in 30 and 10; item 4 was had before, as was 5.
    background = Background(
        6,
        seen=lists([4, 5]),
        values=np.array([30.0, 10.0]),
        categories=np.array([0, 1, 0, 0, -1, 2], np.int32),
        users_of=np.array([1, 1 / 2, 1 / 4, 1 / 4, 1 / 8, 1 / 8]),
        best_sellers=np.array([[0, 1, 2]], np.int32),
    )
    (user,) = measure([[0, 4, 2]], [1, 4], background=background)
    # Irrelevant are 0, 2, 3, 5. Item 4 is behind 0 alone: 3 of 4 right. Item 1 is in no order with 3 and 5: 2 / 2.
    assert user["auc"] == (3 + 1) / 8
    assert user["new"] == pytest.approx(2 / 3)
    assert (user["recall_new"], user["recall_repeat"]) == (0, 1)
    assert user["revenue"] == 10
    assert user["revenue_ndcg"] == pytest.approx(10 / math.log2(3) / (30 + 10 / math.log2(3)))
    assert user["diversity"] == 0  # 0 and 2 are of one category, that of 4 is unknown
    assert user["serendipity"] == pytest.approx(1 / 3)  # 4 is no best-seller
    assert user["novelty"] == pytest.approx((0 + 3 + 2) / 3)
    assert user["popularity"] == pytest.approx((1 + 1 / 8 + 1 / 4) / 3)
    (excluding,) = measure([[0, 1, 2]], [1], background=Background(6, seen=lists([4, 5]), exclude_seen=True))
    assert excluding["auc"] == pytest.approx(2 / 3)  # 0, 2 and 3 are irrelevant candidates, and 0 is before 1
    (surprise,) = measure([[1, 0]], [1], background=Background(6, best_sellers=np.array([[0, 1]], np.int32)), k=1)
    assert surprise["serendipity"] == 1  # item 1 is the second best-seller, but not among the first 1


def test_the_ideal_list_has_one_everywhere_but_in_recall():
    (user,) = measure([[3, 1]], [1, 2, 3])
    assert {m for m in ACCURACY if user[m] == 1} == set(ACCURACY) - {"recall", "f1"}


def test_empty_places_count_in_precision_and_never_hit():
    (user,) = measure([[4, -1, -1, -1]], [4])
    assert user["precision"] == 1 / 4
    assert user["recall"] == user["ndcg"] == user["map"] == 1
    (nothing,) = measure([[-1, -1]], [0])
    assert {nothing[m] for m in ACCURACY} == {0}


def test_what_is_not_known_is_nan():
    (user,) = measure([[5, 3]], [3])
    assert {m for m in USER_METRICS if math.isnan(user[m])} == set(USER_METRICS) - {*ACCURACY, "auc"}


def test_an_item_relevant_to_the_next_user_is_no_hit():
    first, second = measure([[5], [5]], [0], [5])
    assert (first["precision"], second["precision"]) == (0, 1)


@st.composite
def cases(draw):
    n, k, m = draw(st.integers(1, 6)), draw(st.integers(1, 6)), draw(st.integers(6, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    exclude = draw(st.booleans())
    seen = [np.sort(rng.choice(m, rng.integers(0, m - 1), replace=False)).astype(np.int32) for _ in range(n)]
    recommended = np.argsort(rng.random((n, m)), axis=1)[:, :k].astype(np.int32)
    filled = rng.integers(0, k + 1, n)
    recommended[np.arange(k) >= filled[:, None]] = -1
    # Relevant items beyond the catalogue are those that nobody had before.
    relevant = [np.sort(rng.choice(m + 2, rng.integers(1, m + 1), replace=False)) for _ in range(n)]
    if exclude:
        recommended = np.array(
            [np.where(np.isin(row, own), -1, row) for row, own in zip(recommended, seen, strict=True)]
        )
        relevant = [np.union1d(np.setdiff1d(items, own), [m]) for items, own in zip(relevant, seen, strict=True)]
    background = Background(
        m,
        lists(*seen),
        exclude,
        rng.integers(0, 9, sum(map(len, relevant))).astype(float),
        rng.integers(-1, 3, m).astype(np.int32),
        rng.integers(1, 9, m) / 8,
        np.argsort(rng.random((n, m)), axis=1)[:, :k].astype(np.int32),
    )
    return recommended, relevant, background


@given(cases())
@settings(deadline=None)
def test_the_same_as_user_by_user_at_every_length(case):
    recommended, relevant, background = case
    n, width = recommended.shape
    found = ranking_metrics(recommended, lists(*relevant), range(1, width + 1), background)
    values = np.split(background.values, np.cumsum([len(r) for r in relevant])[:-1])
    for user in range(n):
        seen = background.seen.take(np.array([user])).indices.tolist()
        value = dict(zip(relevant[user].tolist(), values[user].tolist(), strict=True))
        for k in range(1, width + 1):
            expected = slow(
                recommended[user].tolist(),
                set(relevant[user].tolist()),
                k,
                m=background.n_items,
                seen=seen if background.exclude_seen else [],
                value=value,
                category=background.categories.tolist(),
                users_of=background.users_of.tolist(),
                best=background.best_sellers[user].tolist(),
            )
            if not background.exclude_seen:  # only AUC asks whether what was seen is a candidate
                places = {i for i in recommended[user, :k].tolist() if i >= 0}
                fresh, repeats = set(value) - set(seen), set(value) & set(seen)
                expected["new"] = len(places - set(seen)) / len(places) if places else math.nan
                expected["recall_new"] = len(fresh & places) / len(fresh) if fresh else math.nan
                expected["recall_repeat"] = len(repeats & places) / len(repeats) if repeats else math.nan
            got = dict(zip(USER_METRICS, found[user, k - 1].tolist(), strict=True))
            assert got == pytest.approx(expected, nan_ok=True), k


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(DataError, match="without a relevant item"):
        ranking_metrics(np.zeros((1, 1), np.int32), IndexLists.empty(1))
    with pytest.raises(DataError, match=r"twice to the same user \(row 1\)"):
        measure([[1, 2], [1, 1]], [1], [1])
    with pytest.raises(DataError, match="2 users"):
        measure([[1], [1]], [1])
    with pytest.raises(DataError, match="isn't among the 3 of the catalogue"):
        measure([[3]], [1], background=Background(3))
    for wrong in ([0], [2, 1], [3], []):
        with pytest.raises(ParameterError, match="ascending lengths from 1 to 2"):
            ranking_metrics(np.array([[1, 2]], np.int32), lists([1]), wrong)
