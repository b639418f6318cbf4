"""What was recommended, and what came of it."""

import polars as pl
import pytest

from endcap.store.answers import Feedback, Given


def test_an_answer_is_found_again(store, place):
    given = Given("r1", 5, "cart", "v1", "mixed", "ann", True, {"k": 3}, ["a", 7], "home")
    store.answers.add([given])
    store.answers.add([])
    assert place.open().answers.find("r1") == given
    assert store.answers.find("r2") is None
    assert store.answers.given()["recommendation_id"].to_list() == ["r1"]
    assert store.answers.given(6).is_empty()


def test_feedback_counts_once(store):
    click = Feedback("e1", 5, "r1", "click", "ann", "a")
    bought = Feedback("e2", 6, None, "purchase", "ann", "a", 2.0, 9.5)
    assert store.answers.add_feedback([click, bought, click]) == [True, True, False]
    assert store.answers.add_feedback([click]) == [False]
    assert store.answers.feedback().select("event", "price").rows() == [("click", None), ("purchase", 9.5)]


def test_impressions_are_read_by_the_answer_and_the_product(store):
    store.answers.add_feedback(
        [
            Feedback("e1", 5, "r1", "impression", "ann", "a"),
            Feedback("e2", 5, None, "impression", "ann", "b"),
            Feedback("e3", 6, "r1", "click", "ann", "a"),
            Feedback("e4", 7, "r2", "impression", "ann", "c"),
        ]
    )
    assert store.answers.shown().rows() == [("r1", "a"), ("r2", "c")]
    assert store.answers.shown(6).rows() == [("r2", "c")]
    assert store.answers.feedback(impressions=False)["event_id"].to_list() == ["e3"]


def test_what_is_old_goes(store):
    store.answers.add([Given("r1", 5, "cart", "v1", None, None, False, {}, [])])
    store.answers.add_feedback(
        [Feedback("e1", 5, None, "click", "ann", "a"), Feedback("e2", 9, None, "click", "b", "a")]
    )
    assert store.answers.remove_before(9) == 2
    assert store.answers.feedback()["event_id"].to_list() == ["e2"]
    assert store.answers.given().is_empty()


@pytest.mark.parametrize("at_once", [1, 3, 6, 7, 100])
def test_what_is_old_goes_in_parts(store, at_once):
    store.answers.add([Given(f"r{n}", n, "cart", "v1", None, None, False, {}, []) for n in range(10)])
    store.answers.add_feedback([Feedback(f"e{n}", n, None, "click", "ann", "a") for n in range(8)])
    assert store.answers.remove_before(6, at_once=at_once) == 12
    assert store.answers.given()["recommendation_id"].to_list() == ["r6", "r7", "r8", "r9"]
    assert store.answers.feedback()["event_id"].to_list() == ["e6", "e7"]
    assert store.answers.remove_before(6, at_once=at_once) == 0


def give(store, id_, at, user, experiment=None, variant=None):
    store.answers.add([Given(id_, at, "home", "v1", variant, user, False, {}, ["a", "b"], experiment)])


def test_who_saw_which_variant_first(store):
    give(store, "r0", 4, "bob")
    give(store, "r1", 5, "ann", "x", "a")
    give(store, "r2", 6, "ann", "x", "a")
    give(store, "r3", 7, "ann", "x", "b")
    give(store, "r4", 8, None, "x", "b")
    give(store, "r5", 9, "cid", "y", "b")
    seen = store.answers.exposures("x").sort("variant").with_columns(pl.col("at").cast(pl.Int64))
    assert seen.rows() == [("ann", "a", 5, 2), ("ann", "b", 7, 1)]
    assert store.answers.exposures("x", since=6)["answers"].sum() == 2
    assert store.answers.exposures("z").is_empty()
    assert store.answers.exposures("z", others="served").is_empty()
    whole = store.answers.exposures("y", others="served")
    assert whole.select("user_id", "variant").rows() == [("cid", "b")]
    give(store, "r6", 10, "dan")
    whole = store.answers.exposures("y", others="served").sort("user_id")
    assert whole.select("user_id", "variant").rows() == [("cid", "b"), ("dan", "served")]
    assert store.answers.seen_on(["home"], 8)["user_id"].sort().to_list() == ["cid", "dan"]
    assert store.answers.seen_on([], 0)["user_id"].sort().to_list() == ["ann", "bob", "cid", "dan"]
    assert store.answers.seen_on(["cart"], 0).is_empty()


def test_what_shoppers_did_with_an_experiments_answers(store):
    give(store, "r1", 5, "ann", "x", "a")
    give(store, "r2", 6, "bob")
    told = [("e1", 7, "r1", "impression", "a"), ("e2", 8, "r1", "click", "a"), ("e3", 9, "r1", "click", "a"),
            ("e4", 9, "r1", "click", "b"), ("e5", 9, "r2", "click", "a"), ("e6", 9, "r1", "purchase", "a")]  # fmt: skip
    store.answers.add_feedback([Feedback(id_, at, r, event, "ann", item) for id_, at, r, event, item in told])
    found = store.answers.reactions(experiment="x").sort("event").with_columns(pl.col("at").cast(pl.Int64))
    assert found.rows() == [("ann", "click", 8, 2), ("ann", "impression", 7, 1)]
    assert store.answers.reactions()["count"].sum() == 4
    assert store.answers.reactions(6)["count"].sum() == 1
