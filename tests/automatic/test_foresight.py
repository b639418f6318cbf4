import numpy as np
import pytest

import endcap as ec
from endcap.automatic.foresight import foresight, shoppers_told_apart
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.data.splits import split_by_time
from endcap.evaluation.task import make_task


def task_of(frame, train, exclude_seen=False):
    return make_task(train, Events(frame), exclude_seen=exclude_seen)


@pytest.fixture(scope="module")
def parted(taste_shop):
    past, newest = split_by_time(taste_shop(), test="2w")
    return Interactions.from_events(past, log=True), newest.frame


def shuffled(frame, column="item_id"):
    draws = np.random.default_rng(3)
    return frame.with_columns(frame[column].gather(draws.permutation(len(frame))))


@pytest.mark.parametrize("exclude_seen", [False, True])
def test_taste_is_foreseen_and_shuffled_events_are_not(parted, exclude_seen):
    train, newest = parted
    model = ec.ItemKNN().fit(train)
    real = foresight(model, task_of(newest, train, exclude_seen), 0)
    assert real.mean() > 0.5  # six tastes: five of six exchanged items are of another one
    assert np.abs(real).max() <= 1
    spoilt = foresight(model, task_of(shuffled(newest), train, exclude_seen), 0)
    assert abs(spoilt.mean()) < 0.05


def test_what_sells_well_is_no_foresight(parted):
    train, newest = parted
    assert abs(foresight(ec.Popular().fit(train), task_of(newest, train), 0).mean()) < 0.05


def test_what_nobody_had_before_is_passed_over(parted):
    train, newest = parted
    new = newest.with_columns(newest["item_id"] + 100_000)
    assert foresight(ec.ItemKNN().fit(train), task_of(new, train), 0).tolist() == [0.0] * newest["user_id"].n_unique()


@pytest.mark.parametrize(
    ("share", "shoppers", "passed"),
    [(1.0, 2000, True), (0.85, 2000, True), (0.7, 2000, False), (0.7, 8, True), (0.0, 100, False)],
)
def test_a_fifth_less_for_certain_is_too_much(share, shoppers, passed):
    values = 0.5 * share + np.random.default_rng(0).normal(0, 0.3, shoppers)
    values += 0.5 * share - values.mean()
    check = shoppers_told_apart(values, 0.5, 0)
    assert check.passed is passed
    assert "0.500 when the model in use" in check.told


def test_what_was_surely_no_chance_must_not_be_chance_now():
    unsure = np.random.default_rng(0).normal(0.05, 1, 200)
    assert shoppers_told_apart(unsure, 0.1, 0).passed
    assert not shoppers_told_apart(unsure, 0.1, 0, was_certain=True).passed
