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
    found = model.recommend(history=list(history), k=10).filter(~pl.col("fallback"))
    return dict(zip(found["item_id"], found["score"], strict=True))


def test_scores_by_hand(events):
    # In the session (a, b), b counts 2/2 and a 1/2. The first neighbour shares both, b latest: it gives a 1.5 x 0.9.
    # The second shares b: c gets 1 x 0.9. The third shares a, two steps back: d gets 0.5 x 0.8.
    found = scores(ec.VMISKNN().fit(events), "ab")
    rare, common = np.log(5), np.log(5 / 2)
    assert found == pytest.approx({"a": 1.35 * common, "c": 0.9 * rare, "d": 0.4 * rare})


def test_only_the_last_events_count(events):
    assert set(scores(ec.VMISKNN(last=1).fit(events), "ab")) == {"a", "c"}


def test_reasons_add_up(events):
    model = ec.VMISKNN().fit(events)
    for item, score in scores(model, "ab").items():
        assert model.explain(history=["a", "b"], item=item)["contribution"].sum() == pytest.approx(score)
