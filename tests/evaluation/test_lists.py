"""Metrics of tables of recommendations: worked by hand, the same as a model's own, and refusals of bad tables."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError, IdTypeError, ParameterError
from endcap.evaluation.metrics import ACCURACY

# Ann: a hit at place 2 of 3, of 2 relevant. Bob: places 1 and 3, none right, of 1 relevant that nobody can recommend.
# Cid: relevant, but no list. Dan: a list, but nothing relevant. The rows are in no order.
LISTS = pl.DataFrame(
    {
        "user_id": ["bob", "ann", "dan", "ann", "bob", "ann"],
        "item_id": [4, 2, 1, 3, 1, 1],
        "rank": [3, 2, 1, 3, 1, 1],
    }
)
RIGHT = pl.DataFrame({"user_id": ["cid", "ann", "bob", "ann", "ann"], "item_id": [1, 2, 99, 4, 2]})
HISTORY = pl.DataFrame({"user_id": ["ann", "ann", "bob", "eve", "ann"], "item_id": [1, 4, 1, 2, 4]})
ITEMS = pl.DataFrame({"item_id": [1, 2, 3, 4], "product_type": ["a", "a", "b", None]})


def value(found, metric, k):
    return found.means.filter(metric=metric, k=k)["value"].item()


def test_values_worked_by_hand():
    found = ec.evaluate_lists(LISTS, RIGHT, k=[2, 3])
    assert found.users.to_list() == ["ann", "bob", "cid"]
    assert (found.without_list, found.not_measured) == (1, 1)
    assert value(found, "precision", 2) == pytest.approx((1 / 2 + 0 + 0) / 3)
    assert value(found, "precision", 3) == pytest.approx((1 / 3 + 0 + 0) / 3)
    assert value(found, "recall", 3) == pytest.approx((1 / 2 + 0 + 0) / 3)
    assert value(found, "f1", 3) == pytest.approx(2 / 5 / 3)
    assert value(found, "mrr", 3) == pytest.approx(1 / 2 / 3)
    assert value(found, "map", 3) == pytest.approx(1 / 2 / 2 / 3)
    assert value(found, "hit_rate", 2) == pytest.approx(1 / 3)
    assert value(found, "ndcg", 3) == pytest.approx(1 / math.log2(3) / (1 + 1 / math.log2(3)) / 3)
    assert set(found.means["metric"]) == set(ACCURACY)  # the rest needs a history or a catalogue


def test_history_and_catalogue_worked_by_hand():
    found = ec.evaluate_lists(LISTS, RIGHT, k=3, history=HISTORY, items=ITEMS)
    assert value(found, "coverage", 3) == 4 / 4
    # Three users before; item 1 was had by two of them, 2 and 4 by one, 3 by nobody. Cid has no list, hence no value.
    assert value(found, "popularity", 3) == pytest.approx(((2 + 1 + 0) / 3 / 3 + (2 + 1) / 3 / 2) / 2)
    bits = [-math.log2(2 / 3), math.log2(3)]
    assert value(found, "novelty", 3) == pytest.approx(((bits[0] + 2 * bits[1]) / 3 + (bits[0] + bits[1]) / 2) / 2)
    assert value(found, "new", 3) == pytest.approx((2 / 3 + 1 / 2) / 2)  # Ann and Bob had item 1
    assert value(found, "recall_new", 3) == pytest.approx((1 + 0 + 0) / 3)  # of Ann 2, of Bob 99, of Cid 1
    assert value(found, "recall_repeat", 3) == 0  # of Ann 4
    assert value(found, "diversity", 3) == pytest.approx(2 / 3)  # Ann's a, a, b; of Bob's one category is known
    # Ann's pairs of a right and a wrong item: 2 is before 3, the other three are the wrong way round. Bob's 99 is
    # behind everything; Cid's 1 is nowhere, as is all else.
    assert value(found, "auc", 3) == pytest.approx((1 / 4 + 0 + 1 / 2) / 3)
    assert "auc" not in ec.evaluate_lists(LISTS, RIGHT, k=3).means["metric"].to_list()


def test_a_list_is_worth_what_the_model_is(new_things):
    train, test = ec.split_by_time(new_things, "20d")
    model = ec.ItemKNN().fit(train)
    asked = ec.evaluate(model, test, k=[3, 8], exclude_seen=False)
    lists = model.recommend(k=8, exclude_seen=False)
    known = test.frame.filter(pl.col("user_id").is_in(train.frame["user_id"].unique().implode()))
    found = ec.evaluate_lists(lists, known, k=[3, 8], history=model.interactions_)
    own = asked.table.filter(~pl.col("metric").is_in(["serendipity", "revenue", "revenue_ndcg"]))
    theirs = found.table.filter(pl.col("metric") != "coverage")
    assert theirs.select("k", "metric").rows() == own.select("k", "metric").rows()
    for column in ("value", "low", "high"):
        np.testing.assert_allclose(theirs[column], own[column], rtol=1e-12)
    assert found.table.filter(metric="coverage", k=3)["value"].item() == asked.coverage
    # A table of the history says the same as what the model was trained on.
    told = ec.evaluate_lists(lists, known, k=[3, 8], history=train.frame)
    assert told.means.equals(found.means)


@pytest.mark.parametrize("as_table", [pl.DataFrame.lazy, pl.DataFrame.to_pandas, pl.DataFrame.to_arrow])
def test_tables_of_any_kind_in_any_order_say_the_same(as_table):
    expected = ec.evaluate_lists(LISTS, RIGHT, k=2, history=HISTORY, items=ITEMS).means
    tables = [as_table(table.sample(fraction=1, shuffle=True, seed=3)) for table in (LISTS, RIGHT, HISTORY, ITEMS)]
    lists, right, history, items = tables
    assert ec.evaluate_lists(lists, right, k=2, history=history, items=items).means.equals(expected)
    text = [pl.DataFrame(t.with_columns(pl.col("item_id").cast(pl.String))) for t in (LISTS, RIGHT, HISTORY, ITEMS)]
    assert ec.evaluate_lists(*text[:2], k=2, history=text[2], items=text[3]).means.equals(expected)
    narrow = LISTS.with_columns(pl.col("rank").cast(pl.UInt8), pl.col("item_id").cast(pl.Int16))
    assert ec.evaluate_lists(narrow, RIGHT, k=2, history=HISTORY, items=ITEMS).means.equals(expected)


def test_history_of_items_beyond_the_catalogue_is_passed_over():
    more = pl.concat([HISTORY, pl.DataFrame({"user_id": ["ann", "bob"], "item_id": [0, 77]})])
    expected = ec.evaluate_lists(LISTS, RIGHT, k=2, history=HISTORY, items=ITEMS).means
    assert ec.evaluate_lists(LISTS, RIGHT, k=2, history=more, items=ITEMS).means.equals(expected)
    data = ec.Interactions.from_events(ec.read_events(more))
    assert ec.evaluate_lists(LISTS, RIGHT, k=2, history=data, items=ITEMS).means.equals(expected)


def changed(row, **values):
    """Return the lists with one row put last, and other values in it."""
    rows = LISTS.to_dicts()
    return pl.DataFrame([*rows[:row], *rows[row + 1 :], rows[row] | values])


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        (LISTS.drop("rank"), r"recommended has no column 'rank'; it has 'user_id', 'item_id'"),
        (changed(0, rank=0), r"ranks are whole numbers from 1, not 0 \(row 5 of recommended, user 'bob'\)"),
        (changed(0, rank=1), r"rank 1 is there twice \(row 5 of recommended, user 'bob'\)"),
        (changed(0, rank=None), r"rank is empty in 1 rows of recommended, the first of them row 5"),
        (changed(0, user_id=None), r"user_id is empty in 1 rows of recommended"),
        (changed(1, item_id=1), r"an item is recommended twice to user 'ann'"),
        (LISTS.with_columns(rank=pl.col("rank") + 0.5), r"ranks must be whole numbers from 1, not Float64"),
        (LISTS.to_dicts(), r"recommended is list, no table; give one of Polars, pandas or Arrow"),
    ],
)
def test_bad_lists_are_refused(lists, message):
    with pytest.raises(DataError, match=message):
        ec.evaluate_lists(lists, RIGHT, k=3)


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(DataError, match=r"item 4 is recommended, but isn't in the catalogue \(row 0"):
        ec.evaluate_lists(LISTS, RIGHT, k=3, items=ITEMS.head(3))
    with pytest.raises(DataError, match="nobody can be measured"):
        ec.evaluate_lists(LISTS, RIGHT.clear())
    with pytest.raises(DataError, match="item_id is empty in 1 rows of relevant, the first of them row 1"):
        ec.evaluate_lists(LISTS, pd.DataFrame({"user_id": ["ann", "ann"], "item_id": [1, np.nan]}))
    with pytest.raises(IdTypeError):
        ec.evaluate_lists(LISTS, RIGHT.with_columns(pl.col("item_id").cast(pl.String)))
    with pytest.raises(ParameterError, match="k=0"):
        ec.evaluate_lists(LISTS, RIGHT, k=0)


def test_lists_of_nothing_are_worth_nothing():
    found = ec.evaluate_lists(LISTS.clear(), RIGHT, k=2, items=ITEMS)
    assert found.without_list == 3
    assert value(found, "ndcg", 2) == value(found, "coverage", 2) == 0
