import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.automatic.accuracy import Accuracy, against_champion, against_record
from endcap.evaluation.task import make_task


@pytest.fixture
def visit():
    """A task of one visitor."""
    train = ec.read_events(pl.DataFrame({"user_id": [1, 1], "item_id": ["a", "b"], "timestamp": ["2026-01-01"] * 2}))
    window = ec.read_events(pl.DataFrame({"user_id": [2, 2], "item_id": ["a", "b"], "timestamp": ["2026-01-02"] * 2}))
    return make_task(ec.Interactions.from_events(train), window, exclude_seen=True, visitors=True)


def accuracy(ndcg, half):
    return Accuracy(ndcg, ndcg - half, ndcg + half, 10, exclude_seen=False)


@pytest.fixture
def base():
    return np.random.default_rng(0).random(2000)


def test_the_same_answers_pass_with_any_margin(base):
    assert against_champion(base, base, 0.0, 0).passed
    assert against_champion(base * 0, base * 0, 0.0, 0).passed


def test_what_may_be_lost_is_a_share_and_must_be_sure(base):
    noise = np.random.default_rng(1).normal(0, 0.05, 2000)
    assert against_champion(base * 0.985, base, 0.02, 0).passed  # 1.5 % less for everyone
    assert not against_champion(base * 0.975, base, 0.02, 0).passed
    assert against_champion(base + noise, base, 0.02, 0).passed
    few = slice(0, 20)  # the same noise on few shoppers: nobody knows
    assert not against_champion((base + 8 * noise)[few], base[few], 0.02, 0).passed


def test_what_can_not_be_fitted_is_no_reason_to_refuse(base):
    check = against_champion(base, "not enough memory", 0.02, 0)
    assert check.passed
    assert "not enough memory" in check.told


@pytest.mark.parametrize(
    ("now", "passed"),
    [
        (accuracy(0.20, 0.01), True),
        (accuracy(0.16, 0.001), True),  # 20 % less
        (accuracy(0.149, 0.001), False),
        (accuracy(0.149, 0.05), True),  # the intervals overlap
        (accuracy(0.0, 0.0), False),
    ],
)
def test_a_quarter_less_for_certain_is_too_much(now, passed):
    assert against_record(now, accuracy(0.20, 0.01)).passed is passed


def test_nothing_can_be_lost_of_nothing():
    assert against_record(accuracy(0.0, 0.0), accuracy(0.0, 0.0)).passed


def test_it_comes_back_as_it_was_stored(base, visit):
    now = Accuracy.of(base, 10, visit, 0)
    assert now.exclude_seen
    assert now.visitors
    assert Accuracy.from_dict(now.to_dict()) == now
    assert now.low < now.ndcg < now.high
