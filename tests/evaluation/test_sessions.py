"""Next items of sessions, worked by hand."""

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError, NotFittedError, ParameterError
from endcap.evaluation import sessions
from endcap.evaluation.sessions import next_item_metrics


def clicks(*texts, first=0):
    users = np.repeat(np.arange(first, first + len(texts)), [len(t) for t in texts])
    return pl.DataFrame({"user_id": users, "item_id": list("".join(texts))})


def values(found):
    return dict(found.table.select("metric", "value").rows())


@pytest.fixture
def markov():
    # a is followed by b three times, by c twice, by d once; b by a; c by a.
    return ec.Markov().fit(clicks("ab", "ab", "ab", "ac", "ac", "ad", "ba", "ca"))


def test_metrics_by_hand():
    found = next_item_metrics(np.array([[4, 2, 7], [4, 2, -1], [1, 2, 3], [0, -1, -1]]), np.array([7, 2, 9, -1]))
    assert found == pytest.approx(np.array([[1, 1 / 3, 1 / 2], [1, 1 / 2, 1 / np.log2(3)], [0, 0, 0], [0, 0, 0]]))


def test_every_prefix_is_asked_for_its_next_item(markov):
    # Three questions to the first session: b after a (place 1), a after b (1), c after a (2). One to the second:
    # d after a (3). One to the third: z after a, which nobody knows. The fourth asks nothing.
    found = ec.evaluate_sessions(markov, clicks("abac", "ad", "az", "b", first=100), k=3)
    assert (found.n_sessions, found.n_predictions, found.cold_targets) == (3, 5, 1)
    assert values(found) == pytest.approx(
        {
            "hit_rate": 4 / 5,
            "mrr": (1 + 1 + 1 / 2 + 1 / 3) / 5,
            "ndcg": (1 + 1 + 1 / np.log2(3) + 1 / np.log2(4)) / 5,
        }
    )
    assert values(ec.evaluate_sessions(markov, clicks("abac", "ad", "az", first=100), k=1))["hit_rate"] == 2 / 5


def test_unknown_items_before_the_next_one_are_left_out(markov):
    assert values(ec.evaluate_sessions(markov, clicks("azb", first=100), k=1))["hit_rate"] == 1 / 2


def test_returns_count_unless_seen_items_are_left_out(markov):
    test = clicks("aba", first=100)
    assert values(ec.evaluate_sessions(markov, test, k=1))["hit_rate"] == 1
    assert values(ec.evaluate_sessions(markov, test, k=1, exclude_seen=True))["hit_rate"] == 1 / 2


def test_sessions_of_one_user_are_told_apart(markov):
    test = pl.DataFrame({"user_id": [9] * 4, "session_id": [1, 1, 2, 2], "item_id": list("abca")})
    found = ec.evaluate_sessions(markov, test, k=1)
    assert (found.n_sessions, found.n_predictions) == (2, 2)


def test_the_size_of_the_batches_does_not_matter(markov, monkeypatch):
    rng = np.random.default_rng(2)
    test = clicks(*("".join(rng.choice(list("abcdz"), rng.integers(1, 9))) for _ in range(40)), first=100)
    whole = ec.evaluate_sessions(markov, test, k=2)
    monkeypatch.setattr(sessions, "_AT_ONCE", 7)
    parts = ec.evaluate_sessions(markov, test, k=2)
    assert parts.table.equals(whole.table)
    assert parts.coverage == whole.coverage
    assert parts.n_predictions == whole.n_predictions


def test_any_model_can_be_asked():
    train = clicks("ab", "ab", "ac", "bc")
    found = ec.evaluate_sessions(ec.ItemKNN().fit(train), clicks("ab", "bc", first=100), k=2)
    assert 0 < values(found)["hit_rate"] <= 1
    low, value, high = found.table.select("low", "value", "high").row(0)
    assert low <= value <= high


def test_what_cannot_be_evaluated(markov):
    with pytest.raises(NotFittedError):
        ec.evaluate_sessions(ec.Markov(), clicks("ab"))
    with pytest.raises(DataError, match="no session has two events"):
        ec.evaluate_sessions(markov, clicks("a", "b"))
    with pytest.raises(ParameterError, match="k=0"):
        ec.evaluate_sessions(markov, clicks("ab"), k=0)
