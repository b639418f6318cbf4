"""SessionKNN by hand, and what the current session is."""

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.models.session_index import LONGEST, CurrentSessions, SessionIndex

PLAIN = {
    "position_decay": 1e9,
    "match_decay": 1e9,
    "distance_decay": 1e9,
    "backward": 1.0,
    "repeat": 0.0,
    "rarity_weight": 0.0,
}


def clicks(*sessions, gap=60):
    """Return events of one user a session, a minute apart, later sessions newer."""
    users = np.repeat(np.arange(len(sessions)), [len(s) for s in sessions])
    times = pl.Series(np.arange(len(users)) * gap * 1_000_000).cast(pl.Datetime("us"))
    return ec.read_events(pl.DataFrame({"user_id": users, "item_id": list("".join(sessions)), "timestamp": times}))


def scores(model, history, **more):
    found = model.recommend(history=list(history), k=26, **more).filter(~pl.col("fallback"))
    return dict(zip(found["item_id"], found["score"], strict=True))


def test_scores_by_hand():
    # Of four sessions two hold a, so log(1 + 4 / 2) is what sharing it adds.
    model = ec.SessionKNN(**{**PLAIN, "distance_decay": 2.0, "backward": 0.5}).fit(clicks("xaby", "ac", "de", "fg"))
    rarity = np.log(3)
    expected = {"b": rarity, "y": rarity * np.exp(-1 / 2), "x": rarity / 2, "c": rarity}
    assert scores(model, "a") == pytest.approx(expected)


def test_positions_in_the_session_count():
    model = ec.SessionKNN(**{**PLAIN, "position_decay": 2.0, "match_decay": 3.0}).fit(clicks("ap", "bq", "xy", "xz"))
    found = scores(model, "ab")
    assert found["q"] == pytest.approx(np.log(5))
    assert found["p"] == pytest.approx(np.log(5) * np.exp(-1 / 2) * np.exp(-1 / 3))


def test_order_matters_and_a_repeat_moves_an_item_to_the_end():
    model = ec.SessionKNN().fit(clicks("ap", "bq", "xy", "xz"))
    assert model.recommend(history=list("ab"), k=1)["item_id"].item() == "q"
    assert model.recommend(history=list("ba"), k=1)["item_id"].item() == "p"
    assert model.recommend(history=list("aba"), k=1)["item_id"].item() == "p"


def test_what_was_seen_may_come_again():
    model = ec.SessionKNN(repeat=1.0).fit(clicks("aab", "ab"))
    assert "a" in scores(model, "a")
    assert "a" not in scores(model, "a", exclude_seen=True)


def test_only_recent_sessions_are_looked_at():
    events = clicks("ab", "ac", "ad")
    assert set(scores(ec.SessionKNN(**PLAIN, recent=2).fit(events), "a")) == {"c", "d"}
    assert set(scores(ec.SessionKNN(**PLAIN, neighbours=1).fit(events), "a")) == {"d"}  # the newest of equals


def test_older_sessions_count_less_with_a_half_life():
    model = ec.SessionKNN(**PLAIN, half_life="2m").fit(clicks("ab", "ac"))
    found = scores(model, "a")
    assert found["b"] == pytest.approx(found["c"] / 2)


def test_a_known_user_is_served_from_the_last_session_which_is_not_its_own_neighbour():
    table = pl.DataFrame(
        {
            "user_id": [1, 1, 1, 1, 2, 2],
            "session_id": [1, 1, 2, 2, 3, 3],
            "item_id": ["a", "b", "c", "d", "d", "e"],
        }
    )
    model = ec.SessionKNN(**PLAIN).fit(ec.read_events(table))
    found = model.recommend(1, k=3).filter(~pl.col("fallback"))
    assert found["item_id"].to_list() == ["e"]


@pytest.mark.parametrize("seed", range(5))
def test_reasons_add_up(seed):
    rng = np.random.default_rng(seed)
    sessions = ["".join(rng.choice(list("abcdefgh"), rng.integers(1, 9))) for _ in range(60)]
    model = ec.SessionKNN(neighbours=15, recent=30, half_life="10m", rarity_weight=0.5).fit(clicks(*sessions))
    for history in ("abcab", "h", "gga", "fedc"):
        for item, score in scores(model, history).items():
            reasons = model.explain(history=list(history), item=item)
            assert set(reasons["item_id"]) <= set(history)
            assert reasons["contribution"].sum() == pytest.approx(score, rel=1e-5)


def test_the_index_holds_the_newest_sessions_first():
    data = ec.Interactions.from_events(clicks("ab", "bcb", "a"), log=True)
    index, holders = SessionIndex.build(data.log, 3, 10)
    assert np.split(index.session_items, index.session_ptr[1:-1])[0].tolist() == [0]
    assert np.split(index.session_items, index.session_ptr[1:-1])[1].tolist() == [1, 2, 1]
    assert np.split(index.item_sessions, index.item_ptr[1:-1])[0].tolist() == [0, 2]
    assert holders.tolist() == [2, 2, 1]
    assert index.last_session.tolist() == [2, 1, 0]
    index, _ = SessionIndex.build(data.log, 3, 1, distinct=True)
    assert index.session_items.tolist() == [0, 2, 1, 0, 1]
    assert index.item_sessions.tolist() == [0, 1, 1]


def test_of_a_long_session_the_end_is_kept():
    data = ec.Interactions.from_events(clicks("a" + "b" * LONGEST, gap=1), log=True)
    index, holders = SessionIndex.build(data.log, 2, 10)
    assert np.diff(index.session_ptr).tolist() == [LONGEST]
    assert holders.tolist() == [0, 1]


def test_current_sessions_are_distinct_items_the_latest_first():
    data = ec.Interactions.from_events(clicks("aba", "c", "abcab"), log=True)
    current = CurrentSessions.of_log(data.log)
    assert current.indptr.tolist() == [0, 2, 3, 6]
    assert current.items.tolist() == [0, 1, 2, 1, 0, 2]
    assert current.steps.tolist() == [1, 2, 1, 1, 2, 3]
    assert current.lengths.tolist() == [3, 1, 5]
