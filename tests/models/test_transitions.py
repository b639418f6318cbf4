"""SequentialRules and Markov by hand and against plain Python."""

import numpy as np
import polars as pl
import pytest
from scipy import sparse

import endcap as ec
from endcap.models.transitions import count_transitions, largest_of_rows


def clicks(*sessions):
    users = np.repeat(np.arange(len(sessions)), [len(s) for s in sessions])
    return ec.read_events(pl.DataFrame({"user_id": users, "item_id": list("".join(sessions))}))


def scores(found):
    found = found.filter(~pl.col("fallback")) if "fallback" in found.columns else found
    return dict(zip(found["item_id"], found["score"], strict=True))


@pytest.mark.parametrize("steps", [1, 3, 100])
def test_transitions_are_those_counted_one_by_one(steps):
    rng = np.random.default_rng(steps)
    sessions = [rng.choice(list("abcdef"), rng.integers(1, 9)) for _ in range(50)]
    data = ec.Interactions.from_events(clicks(*map("".join, sessions)), log=True)
    expected = np.zeros((6, 6))
    for session in sessions:
        for i, first in enumerate(session):
            for d, then in enumerate(session[i + 1 : i + 1 + steps], 1):
                expected["abcdef".index(first), "abcdef".index(then)] += 1 / d
    assert np.allclose(count_transitions(data.log, 6, steps).toarray(), expected)


def test_only_the_largest_stay_and_ties_go_to_the_lower():
    matrix = sparse.csr_array(np.array([[1, 3, 3, 2], [0, 0, 0, 0], [5, 0, 1, 1]], np.float32))
    assert largest_of_rows(matrix, 2).toarray().tolist() == [[0, 3, 3, 0], [0, 0, 0, 0], [5, 0, 1, 0]]


def test_rules_by_hand():
    model = ec.SequentialRules().fit(clicks("abc", "ac", "ba"))
    assert scores(model.recommend(history=["a"], k=3)) == pytest.approx({"c": 1.5, "b": 1.0})
    assert scores(model.similar_items("b")) == pytest.approx({"c": 1.0, "a": 1.0})
    assert set(scores(ec.SequentialRules(neighbours=1).fit(clicks("abc", "ac", "ba")).similar_items("a"))) == {"c"}


def test_transitions_by_hand():
    model = ec.Markov().fit(clicks("abc", "ac", "ba"))
    assert scores(model.recommend(history=["b", "a"], k=3)) == pytest.approx({"b": 0.5, "c": 0.5})
    assert scores(model.similar_items("b")) == pytest.approx({"a": 0.5, "c": 0.5})


def test_the_last_item_decides_unless_more_are_asked_for():
    events = clicks("ax", "by", "cz")
    for model in (ec.SequentialRules(), ec.Markov()):
        assert scores(model.fit(events).recommend(history=list("abcab"), k=6)) == {"y": 1.0}
    model = ec.SequentialRules(last=2).fit(events)
    assert scores(model.recommend(history=list("abcab"), k=6)) == {"y": 1.0, "x": 0.5}
    reasons = model.explain(history=list("abcab"), item="x")
    assert reasons.rows() == [("a", 0.5)]


def test_sessions_are_not_joined():
    table = pl.DataFrame({"user_id": [1] * 4, "session_id": [1, 1, 2, 2], "item_id": list("abcd")})
    model = ec.Markov().fit(ec.read_events(table))
    assert scores(model.similar_items("a")) == {"b": 1.0}
    assert len(model.similar_items("b")) == 0


def test_an_item_may_follow_itself():
    model = ec.Markov().fit(clicks("aab"))
    assert scores(model.recommend(history=["a"], k=2)) == {"a": 0.5, "b": 0.5}
    assert scores(model.similar_items("a")) == {"b": 0.5}
