import polars as pl
import pytest
from scipy import sparse

import endcap as ec
from endcap.recommend.reasons import add_reasons, reason_in_words


@pytest.fixture
def model():
    return ec.ItemKNN().fit(
        sparse.csr_array([[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 1]])
    )


def test_each_recommendation_says_what_led_to_it(model):
    table = add_reasons(model, model.recommend([3, 0], k=2))
    assert table.columns[-2:] == ["reason", "because_of"]
    first = table.filter((pl.col("user_id") == 3) & (pl.col("rank") == 1)).row(0, named=True)
    assert (first["item_id"], first["reason"], first["because_of"]) == (1, "because", [0])
    assert table.filter(pl.col("fallback"))["reason"].unique().to_list() == ["best_seller"]
    assert table.filter(pl.col("fallback"))["because_of"].list.len().max() == 0


def test_a_repeat_says_so():
    model = ec.BuyAgain().fit(sparse.csr_array([[1, 0, 3], [0, 2, 1]]))
    table = add_reasons(model, model.recommend([0], k=3))
    assert table["reason"].to_list() == ["buy_again", "buy_again", "best_seller"]


def test_strangers_and_nobody(model):
    table = add_reasons(model, model.recommend([77], k=2))
    assert table["reason"].to_list() == ["best_seller", "best_seller"]
    assert len(add_reasons(model, model.recommend([3], k=2).head(0))) == 0


def test_rows_keep_their_order(model):
    table = model.recommend([3, 0, 77, 2], k=3)
    assert add_reasons(model, table).select(table.columns).equals(table)


def test_in_words():
    titles = {1: "Pasta", 2: "Olives"}
    assert reason_in_words("because", [1, 3], titles) == "because you bought Pasta and 3"
    assert reason_in_words("buy_again", [], titles) == "because you bought it before"
    assert reason_in_words("buy_again", [], titles, times=1) == "because you bought it before"
    assert reason_in_words("buy_again", [], titles, times=7) == "because you bought it 7 times"
    assert reason_in_words("best_seller", [], titles) == "because many bought it"
    assert reason_in_words("buy_again", [], titles, times=7, every=9.4, ago=10.2) == (
        "bought every 9 days, last 10 days ago: due now"
    )
    assert reason_in_words("buy_again", [], titles, every=20, ago=0.2) == (
        "bought every 20 days, last 1 day ago: due in 20 days"
    )


def test_what_is_due_says_how_often_and_how_long_ago():
    # a takes milk every 4 days and took it 4 days ago, coffee every 18 days
    lines = [("a", "milk", day) for day in (28, 32, 36)] + [("a", "coffee", day) for day in (0, 16, 36)]
    users, items, days = zip(*lines, ("b", "tea", 40), strict=True)
    times = pl.Series([86_400_000_000 * day for day in days]).cast(pl.Datetime("us"))
    events = ec.read_events(pl.DataFrame({"user_id": users, "item_id": items, "timestamp": times}))
    model = ec.BuyAgain(due=1.0).fit(events)
    table = add_reasons(model, model.recommend(["a", "b"], k=3))
    told = {(row["user_id"], row["item_id"]): (row["every_days"], row["days_ago"]) for row in table.to_dicts()}
    assert told["a", "milk"] == (4, 4)
    assert told["a", "coffee"] == (18, 4)
    assert told["a", "tea"] == (None, None)
    assert told["b", "tea"] == (None, 0)  # nobody bought it twice
    usual = ec.BuyAgain().fit(events)
    assert "every_days" not in add_reasons(usual, usual.recommend(["a"], k=3)).columns
