import importlib
from datetime import timedelta

import pytest

import endcap as ec
from endcap.errors import ParameterError
from endcap.evaluation.protocol import Protocol
from endcap.models import MODELS, RATING_PREDICTORS
from endcap.models.parameters import parameters_of
from endcap.models.search_space import Range, search_space
from endcap.tuning.folds import folds_in_time
from endcap.tuning.search import search

CLASSES = [getattr(importlib.import_module(module), name) for name, module in (MODELS | RATING_PREDICTORS).items()]


@pytest.fixture(scope="module")
def folds(shop):
    return folds_in_time(shop(100), timedelta(days=10), Protocol(False, "as asked for"))


@pytest.mark.parametrize("model", CLASSES, ids=lambda c: c.__name__)
def test_what_may_be_tried_is_allowed(model):
    for name, space in search_space(model).items():
        ends = (space.low, space.high) if isinstance(space, Range) else space.values
        for value in ends:
            assert getattr(model(**{name: value}), name) == value


@pytest.mark.parametrize("model", CLASSES, ids=lambda c: c.__name__)
def test_the_defaults_lie_within_the_space(model):
    for name, space in search_space(model).items():
        default = getattr(model(), name)
        assert space.low <= default <= space.high if isinstance(space, Range) else default in space.values, name


def test_the_defaults_come_first_and_the_same_seed_tries_the_same(folds):
    first, second = (search(ec.ItemKNN, folds, trials=12, seed=3) for _ in range(2))
    usual = parameters_of(ec.ItemKNN())
    assert all(usual[name] == value for name, value in first.tried[0].parameters.items())
    assert [one.parameters for one in first.tried] == [one.parameters for one in second.tried]
    assert [one.value for one in first.tried] == [one.value for one in second.tried]


def test_the_best_is_as_good_as_the_defaults_and_repeats(folds):
    found = search(ec.ItemKNN, folds, trials=12, patience=None)
    assert len(found.tried) == 12
    best = found.best
    assert best.value >= found.tried[0].value
    again = [fold.ndcg(ec.ItemKNN(**best.parameters), 10).mean() for fold in folds]
    weights = [len(fold.task.queries) for fold in folds]
    assert best.value == pytest.approx(sum(a * w for a, w in zip(again, weights, strict=True)) / sum(weights))


def test_what_is_fixed_stays(folds):
    found = search(ec.ItemKNN, folds, trials=6, fixed={"neighbours": 7})
    assert all("neighbours" not in one.parameters for one in found.tried)


def test_given_parameters_are_tried_behind_the_defaults(folds):
    found = search(ec.UserKNN, folds, trials=2, first=[{"neighbours": 33, "similarity": "bm25", "alpha": 0.5}])
    assert found.tried[1].parameters["neighbours"] == 33


def test_a_model_without_a_space_is_tried_once(folds):
    assert len(search(ec.Markov, folds, trials=9).tried) == 1


def test_the_search_ends_when_nothing_is_gained_and_when_time_is_up(folds):
    assert len(search(ec.BuyAgain, folds, trials=500, patience=4).tried) < 500
    assert len(search(ec.ItemKNN, folds, seconds=0.001).tried) == 1


def test_a_trial_that_is_far_behind_on_the_first_fold_is_given_up(shop):
    folds = folds_in_time(shop(items=400), timedelta(days=10), Protocol(False, "as asked for"), shoppers=10**6)
    found = search(ec.Popular, folds, trials=25, patience=None)  # a window of a week sees too little
    given_up = [one for one in found.tried if one.note == "behind on the first folds"]
    assert given_up
    assert all(one.values is None for one in given_up)
    assert found.best not in given_up


def test_a_model_that_can_not_be_run_is_told(folds, monkeypatch):
    def no_memory(self, data, progress):
        raise MemoryError("3 GB are needed")

    monkeypatch.setattr(ec.UserKNN, "_fit", no_memory)
    found = search(ec.UserKNN, folds, trials=2)
    assert found.best is None
    assert [one.note for one in found.tried] == ["not enough memory: 3 GB are needed"] * 2


def test_without_a_budget_it_is_refused(folds):
    with pytest.raises(ParameterError, match="needs a budget"):
        search(ec.ItemKNN, folds)
