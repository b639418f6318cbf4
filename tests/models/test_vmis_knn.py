"""VMISKNN by hand."""

import numpy as np
import polars as pl
import pytest

import endcap as ec


@pytest.fixture
def events():
    sessions = ["abb", "bc", "ad", "xy", "zy"]
    users = np.repeat(np.arange(5), [len(s) for s in sessions])
    return ec.read_events(pl.DataFrame({"user_id": users, "item_id": list("".join(sessions))}))


def scores(model, history):
    found = model.recommend(history=list(history), k=20).filter(~pl.col("fallback"))
    return dict(zip(found["item_id"], found["score"], strict=True))


def test_scores_by_hand(events):
    # In the session (a, b), b counts 2/2 and a 1/2. The first neighbour shares both, b latest: it gives its items
    # 1.5 x 0.9. The second shares b and gives 1 x 0.9. The third shares a, two steps back, and gives 0.5 x 0.8.
    found = scores(ec.VMISKNN().fit(events), "ab")
    rare, common = np.log(5), np.log(5 / 2)
    assert found == pytest.approx({"a": 1.75 * common, "b": 2.25 * common, "c": 0.9 * rare, "d": 0.4 * rare})


def reference(sessions, asked, last, recent, neighbours):
    """Return the scores of all items as the paper has them, by matrices of what is in which session; newest last."""
    items = sorted(set("".join(sessions)))
    holds = np.array([[item in session for item in items] for session in sessions])
    newest = asked[-last:][::-1]
    latest = np.array([newest.index(item) + 1 if item in newest else 0 for item in items])  # steps from the end
    decay = np.where(latest > 0, (len(newest) - latest + 1) / len(newest), 0)
    sharing = np.flatnonzero((holds & (latest > 0)).any(axis=1))[::-1][:recent]
    similarity = holds[sharing] @ decay
    near = np.lexsort((-sharing, -similarity))[:neighbours]
    match = np.where(holds[sharing[near]] & (latest > 0), latest, np.inf).min(axis=1)
    votes = similarity[near] * np.maximum(1 - match / 10, 0)
    idf = np.log(len(sessions) / holds.sum(axis=0))
    return {item: score for item, score in zip(items, votes @ holds[sharing[near]] * idf, strict=True) if score > 0}


@pytest.mark.parametrize("seed", range(8))
def test_scores_are_those_of_the_reference(seed):
    rng = np.random.default_rng(seed)
    sessions = ["".join(rng.choice(list("abcdefghijkl"), rng.integers(1, 9))) for _ in range(50)]
    users = np.repeat(np.arange(50), [len(s) for s in sessions])
    model = ec.VMISKNN(last=4, recent=25, neighbours=7)
    model.fit(ec.read_events(pl.DataFrame({"user_id": users, "item_id": list("".join(sessions))})))
    for asked in ("a", "abcb", "lkjihg", "aab", "cc"):
        assert scores(model, asked) == pytest.approx(reference(sessions, asked, 4, 25, 7), rel=1e-5)


def test_only_the_last_events_count(events):
    assert set(scores(ec.VMISKNN(last=1).fit(events), "ab")) == {"a", "b", "c"}


def test_the_last_item_may_come_again(events):
    model = ec.VMISKNN().fit(events)
    assert "b" in scores(model, "ab")
    assert "b" not in model.recommend(history=["a", "b"], k=3, exclude_seen=True)["item_id"].to_list()


def test_reasons_add_up(events):
    model = ec.VMISKNN().fit(events)
    for item, score in scores(model, "ab").items():
        assert model.explain(history=["a", "b"], item=item)["contribution"].sum() == pytest.approx(score)


@pytest.mark.heavy
def test_on_retailrocket_it_lies_between_sequential_rules_and_v_stan(public_data):
    table = public_data("retailrocket_sessions").with_columns(user_id="session_id")
    parts = {part: table.filter(pl.col("split") == part).drop("split") for part in ("train", "test")}
    asked = parts["test"]["session_id"].unique(maintain_order=True).head(1500)
    data = ec.Interactions.from_events(ec.Events(parts["train"]), log=True)
    test = parts["test"].filter(pl.col("session_id").is_in(asked.implode()))
    models = (ec.SequentialRules(steps=3), ec.VMISKNN(), ec.SessionKNN(repeat=1.0, position_decay=6.0))
    rules, vmis, stan = (ec.evaluate_sessions(m.fit(data), test).table["value"] for m in models)
    assert rules[0] + 0.05 < vmis[0] < stan[0]
    assert rules[1] + 0.05 < vmis[1] < stan[1]
