from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError
from endcap.evaluation.protocol import NO_ORDER, Protocol
from endcap.tuning.folds import folds_by_chance, folds_in_time, folds_of, rungs_of

AS_ASKED, NEW_ALONE = Protocol(False, "as asked for"), Protocol(True, NO_ORDER)


def test_folds_go_back_window_by_window_and_never_see_what_they_foretell(shop):
    past = shop(100)
    folds = folds_in_time(past, timedelta(days=10), AS_ASKED, shoppers=10**6)
    assert len(folds) == 4
    newest = [fold.train.newest for fold in folds]
    assert newest == sorted(newest, reverse=True)
    end = int(past.frame["timestamp"].max().timestamp() * 1e6)
    for place, fold in enumerate(folds, 1):
        assert fold.train.newest < end - place * 10 * 86_400 * 1e6 + 86_400 * 1e6


def test_with_enough_shoppers_two_folds_do(shop):
    assert len(folds_in_time(shop(100), timedelta(days=10), AS_ASKED, shoppers=1)) == 2


def test_half_of_the_time_is_always_learnt_from(shop):
    folds = folds_in_time(shop(60), timedelta(days=20), AS_ASKED, shoppers=10**6)
    assert len(folds) == 1


def test_many_shoppers_are_sampled_by_seed(shop):
    folds = [folds_in_time(shop(100), timedelta(days=10), AS_ASKED, sample=7, seed=seed)[0] for seed in (0, 0, 1)]
    assert [len(fold.task.queries) for fold in folds] == [7, 7, 7]
    rows = [fold.task.queries.rows.tolist() for fold in folds]
    assert rows[0] == rows[1] != rows[2]


def test_ndcg_of_a_sample_is_that_of_the_same_shoppers_among_all(shop):
    all_of_them = folds_in_time(shop(100), timedelta(days=10), AS_ASKED)[0]
    some = folds_in_time(shop(100), timedelta(days=10), AS_ASKED, sample=7)[0]
    place = np.searchsorted(all_of_them.task.queries.rows, some.task.queries.rows)
    model = ec.ItemKNN()
    np.testing.assert_array_equal(all_of_them.ndcg(model, 5)[place], some.ndcg(model, 5))


def test_a_past_with_nobody_to_measure_is_refused():
    events = ec.read_events(
        pl.DataFrame({"user_id": [1, 2], "item_id": [1, 2], "timestamp": [datetime(2026, 1, 1), datetime(2026, 2, 1)]})
    )
    with pytest.raises(DataError, match="nobody can be measured"):
        folds_in_time(events, timedelta(days=10), AS_ASKED)


def timeless(shop):
    return ec.read_events(shop(100).frame.drop("timestamp"))


def test_without_times_other_pairs_are_hidden_in_each_fold(shop):
    events = timeless(shop)
    folds = folds_by_chance(events, NEW_ALONE, shoppers=10**6)
    assert len(folds) == 4
    pairs = events.frame.select("user_id", "item_id").n_unique()
    hidden = [
        {
            (int(row), int(item))
            for row, item in zip(fold.task.relevant.rows(), fold.task.relevant.indices, strict=True)
            if item < fold.task.n_items
        }
        for fold in folds
    ]
    assert all(0 < len(one) <= pairs / 10 + 1 for one in hidden)
    for fold in folds:  # what is hidden isn't known
        known = fold.train.matrix.toarray()[fold.task.queries.rows] > 0
        inside = fold.task.relevant.indices < fold.task.n_items
        assert not known[fold.task.relevant.rows()[inside], fold.task.relevant.indices[inside]].any()
    again = folds_by_chance(events, NEW_ALONE, shoppers=10**6)
    assert [one.train.fingerprint() for one in again] == [one.train.fingerprint() for one in folds]
    assert len({one.train.fingerprint() for one in folds}) == 4


def test_the_kind_of_folds_follows_from_the_test(shop):
    events = timeless(shop)
    assert len(folds_of(events, 0.2, NEW_ALONE, shoppers=1)) == 2
    assert folds_of(shop(100), timedelta(days=10), AS_ASKED)[0].train.last_time is not None
    assert rungs_of(events, 0.2, NEW_ALONE) == []
