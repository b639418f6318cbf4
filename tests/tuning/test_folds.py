from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError
from endcap.tuning.folds import folds_in_time


def test_folds_go_back_window_by_window_and_never_see_what_they_foretell(shop):
    past = shop(100)
    folds = folds_in_time(past, timedelta(days=10), exclude_seen=False, shoppers=10**6)
    assert len(folds) == 4
    newest = [fold.train.newest for fold in folds]
    assert newest == sorted(newest, reverse=True)
    end = int(past.frame["timestamp"].max().timestamp() * 1e6)
    for place, fold in enumerate(folds, 1):
        assert fold.train.newest < end - place * 10 * 86_400 * 1e6 + 86_400 * 1e6


def test_with_enough_shoppers_two_folds_do(shop):
    assert len(folds_in_time(shop(100), timedelta(days=10), exclude_seen=False, shoppers=1)) == 2


def test_half_of_the_time_is_always_learnt_from(shop):
    folds = folds_in_time(shop(60), timedelta(days=20), exclude_seen=False, shoppers=10**6)
    assert len(folds) == 1


def test_many_shoppers_are_sampled_by_seed(shop):
    folds = [
        folds_in_time(shop(100), timedelta(days=10), exclude_seen=False, sample=7, seed=seed)[0] for seed in (0, 0, 1)
    ]
    assert [len(fold.task.queries) for fold in folds] == [7, 7, 7]
    rows = [fold.task.queries.rows.tolist() for fold in folds]
    assert rows[0] == rows[1] != rows[2]


def test_ndcg_of_a_sample_is_that_of_the_same_shoppers_among_all(shop):
    all_of_them = folds_in_time(shop(100), timedelta(days=10), exclude_seen=False)[0]
    some = folds_in_time(shop(100), timedelta(days=10), exclude_seen=False, sample=7)[0]
    place = np.searchsorted(all_of_them.task.queries.rows, some.task.queries.rows)
    model = ec.ItemKNN()
    np.testing.assert_array_equal(all_of_them.ndcg(model, 5)[place], some.ndcg(model, 5))


def test_a_past_with_nobody_to_measure_is_refused():
    events = ec.read_events(
        pl.DataFrame({"user_id": [1, 2], "item_id": [1, 2], "timestamp": [datetime(2026, 1, 1), datetime(2026, 2, 1)]})
    )
    with pytest.raises(DataError, match="nobody can be measured"):
        folds_in_time(events, timedelta(days=10), exclude_seen=False)
