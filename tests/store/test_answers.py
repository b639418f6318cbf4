"""What was recommended, and what came of it."""

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


def test_what_is_old_goes(store):
    store.answers.add([Given("r1", 5, "cart", "v1", None, None, False, {}, [])])
    store.answers.add_feedback(
        [Feedback("e1", 5, None, "click", "ann", "a"), Feedback("e2", 9, None, "click", "b", "a")]
    )
    assert store.answers.remove_before(9) == 2
    assert store.answers.feedback()["event_id"].to_list() == ["e2"]
