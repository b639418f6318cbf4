"""Splits by chance: whole pairs, each once, whatever the order of rows."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import endcap as ec
from endcap.errors import DataError, ParameterError


def pairs(events):
    return set(events.frame.select("user_id", "item_id").iter_rows())


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=12, max_size=60).filter(
        lambda rows: len(set(rows)) >= 5
    ),
    st.integers(2, 5),
    st.integers(0, 99),
)
def test_every_pair_is_tested_once_in_a_repeat(rows, folds, seed):
    events = ec.Events(pl.DataFrame(rows, ["user_id", "item_id"], orient="row"))
    splits = list(ec.split_k_fold(events, folds, repeats=2, seed=seed))
    assert len(splits) == 2 * folds
    for train, test in splits:
        assert not pairs(train) & pairs(test)
        assert len(train) + len(test) == len(events)
    for repeat in (splits[:folds], splits[folds:]):
        sizes = [len(pairs(test)) for _, test in repeat]
        assert sum(sizes) == len(set(rows))
        assert max(sizes) - min(sizes) <= 1
        assert set().union(*(pairs(test) for _, test in repeat)) == set(rows)
    backwards = ec.Events(events.frame.reverse())
    for one, other in zip(splits, ec.split_k_fold(backwards, folds, repeats=2, seed=seed), strict=True):
        assert pairs(one.test) == pairs(other.test)


def test_a_share_of_the_pairs():
    rows = [(u, i) for u in range(10) for i in range(10)] * 2
    events = ec.Events(pl.DataFrame(rows, ["user_id", "item_id"], orient="row"))
    train, test = ec.split_shuffle(events, 0.3)
    assert (len(train), len(test)) == (140, 60)
    assert not pairs(train) & pairs(test)
    assert pairs(ec.split_shuffle(events, 0.3).test) == pairs(test)
    assert pairs(ec.split_shuffle(events, 0.3, seed=1).test) != pairs(test)


def test_bad_numbers():
    events = ec.Events(pl.DataFrame({"user_id": [1, 1], "item_id": [1, 2]}))
    with pytest.raises(ParameterError, match="folds=1"):
        ec.split_k_fold(events, 1)
    with pytest.raises(ParameterError, match="repeats=0"):
        ec.split_k_fold(events, 2, repeats=0)
    with pytest.raises(DataError, match="2 pairs"):
        ec.split_k_fold(events, 3)
    for wrong in (0, 1, True, "4w"):
        with pytest.raises(ParameterError, match="share"):
            ec.split_shuffle(events, wrong)
    with pytest.raises(DataError, match="leaves a side empty"):
        ec.split_shuffle(events, 0.1)
