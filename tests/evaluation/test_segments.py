"""Parts of the shoppers and of the items, by hand."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.evaluation import segments
from endcap.evaluation.background import background_of, category_names
from endcap.evaluation.segments import segment_lines, segment_table, segments_of
from endcap.evaluation.task import make_task
from endcap.evaluation.trial import measure


@pytest.fixture
def asked(monkeypatch):
    """Two newcomers and a loyal shopper; items 0 to 3, of which 0 is the head."""
    monkeypatch.setattr(segments, "FEWEST_USERS", 1)
    monkeypatch.setattr(segments, "LOYAL_FROM", 4)
    past = [(1, 0), (2, 0), (3, 0), (3, 1), (3, 2), (3, 3)]
    train = Interactions.from_events(Events(pl.DataFrame(past, ["user_id", "item_id"], orient="row")))
    future = [(1, 0), (1, 1), (2, 2), (3, 3)]
    test = Events(pl.DataFrame(future, ["user_id", "item_id"], orient="row"))
    task = make_task(train, test, exclude_seen=False)
    items = pl.DataFrame({"item_id": [0, 1, 2], "product_type": ["a", "b", "b"]})
    background = background_of(task, train, 1, items)
    return train, task, background, segments_of(task, background, category_names(items))


def test_who_and_what_is_in_which_part(asked):
    _, task, _, parts = asked
    assert task.relevant.indices.tolist() == [0, 1, 2, 3]
    found = {(part.kind, part.name): part.where.tolist() for part in parts}
    assert found["shoppers", "new"] == [True, True, False]
    assert found["shoppers", "loyal"] == [False, False, True]
    assert found["items", "head"] == [True, False, False, False]
    assert found["items", "tail"] == [False, False, True, True]
    assert found["category", "b"] == [False, True, True, False]
    assert found["purchase", "repeat"] == [True, False, False, True]


def test_figures_by_hand(asked):
    train, task, background, parts = asked
    trials = {
        "Popular": [measure(ec.Popular().fit(train), task, (1,), background)],
        "BuyAgain": [measure(ec.BuyAgain(half_life=None).fit(train), task, (1,), background)],
    }
    table = segment_table(trials, task, parts, 1, seed=0)
    value = {(r["segment"], r["model"]): (r["users"], r["value"]) for r in table.iter_rows(named=True)}
    # Everyone is recommended item 0, right for shopper 1 alone, who also took item 1.
    assert value["new", "Popular"] == (2, 0.5)
    assert value["loyal", "Popular"] == (1, 0)
    assert value["a", "Popular"] == (1, 1)
    assert value["b", "Popular"] == (2, 0)
    assert value["repeat", "Popular"] == (2, 0.5)
    assert value["first-time", "Popular"] == (2, 0)
    assert table["behind"].null_count() == len(table)


def test_a_model_that_wins_on_average_and_loses_for_newcomers_is_shown_as_such():
    rng = np.random.default_rng(1)
    start = datetime(2026, 1, 1)
    rows = []
    for user in range(240):
        new = user % 2 == 0  # had two odd things, and will take the best-sellers; the others repeat their own
        own = rng.choice(np.arange(10, 90), 12, replace=False)
        had = [*own[:2]] if new else [*range(6), *own]
        later = rng.permutation(6)[:3] if new else own[-3:]
        rows += [(user, int(i), start + timedelta(days=int(d))) for d, i in enumerate(had)]
        rows += [(user, int(i), start + timedelta(days=60)) for i in later]
    schema = {"user_id": pl.Int64, "item_id": pl.Int64, "timestamp": pl.Datetime("us")}
    comparison = ec.compare([], pl.DataFrame(rows, schema, orient="row"), test="1d", k=5, exclude_seen=False)
    line = next(line for line in comparison.verdict if "new shoppers" in line)
    assert comparison.winner == "BuyAgain"
    assert line.startswith("BuyAgain wins on average, but not among new shoppers: NDCG ")
    assert "Popular has" in line
    assert segment_lines(comparison.segments, "Popular") != comparison.verdict
