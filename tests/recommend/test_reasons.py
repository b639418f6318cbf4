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
