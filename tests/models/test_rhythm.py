"""How often items are bought again, against plain Python, and what being due is worth to BuyAgain."""

from collections import defaultdict
from statistics import median

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.models.rhythm import item_rhythm, own_rhythm

DAY = 86_400_000_000


def orders(*lines):
    """Return purchases of (user, item, day)."""
    users, items, days = zip(*lines, strict=True)
    times = pl.Series(np.array(days) * DAY).cast(pl.Datetime("us"))
    return ec.read_events(pl.DataFrame({"user_id": users, "item_id": items, "timestamp": times}))


@pytest.mark.parametrize("seed", range(5))
def test_rhythms_are_those_of_the_reference(seed):
    rng = np.random.default_rng(seed)
    lines = list(zip(*(rng.integers(0, high, 400).tolist() for high in (15, 12, 60)), strict=True))
    data = ec.Interactions.from_events(orders(*lines), log=True)
    gap, gaps = own_rhythm(data.log, data.matrix)
    days = defaultdict(set)
    for user, item, day in lines:
        days[user, item].add(day)
    expected = {pair: (max(d) - min(d)) / (len(d) - 1) for pair, d in days.items() if len(d) > 1}
    users = data.users.decode(np.repeat(np.arange(data.shape[0]), np.diff(data.matrix.indptr))).to_list()
    items = data.items.decode(data.matrix.indices).to_list()
    for pair, found, n in zip(zip(users, items, strict=True), gap, gaps, strict=True):
        assert found == pytest.approx(expected.get(pair, 0) * DAY)
        assert n == len(days[pair]) - 1
    for item, found in zip(data.items.ids, item_rhythm(gap, gaps, data.matrix), strict=True):
        known = [value for (_, i), value in expected.items() if i == item]
        assert found == pytest.approx(median(known) * DAY) if known else np.isnan(found)


def test_what_was_bought_just_now_is_not_due():
    # Milk is bought every 4 days, coffee every 20. On day 40 both were bought 4 days ago.
    lines = [("a", "milk", day) for day in (28, 32, 36)] + [("a", "coffee", day) for day in (0, 16, 36)]
    lines += [("b", "tea", 40)]
    model = ec.BuyAgain(half_life=None, due=1.0).fit(orders(*lines))
    found = model.recommend("a", k=2)
    assert found["item_id"].to_list() == ["milk", "coffee"]
    assert found["score"].to_list() == pytest.approx([3, 3 * 4 / 18])
    assert ec.BuyAgain(half_life=None, due=0.5).fit(orders(*lines)).recommend("a", k=2)["score"][1] == pytest.approx(
        3 * (0.5 + 0.5 * 4 / 18)
    )


def test_with_few_repeats_the_rhythm_is_the_items():
    lines = [("a", "milk", 36), ("b", "milk", 0), ("b", "milk", 8), ("c", "milk", 10), ("c", "milk", 26)]
    model = ec.BuyAgain(half_life=None, due=1.0).fit(orders(*lines, ("b", "tea", 40)))
    assert model.recommend("a", k=1)["score"].item() == pytest.approx(4 / 12)  # the median of 8 and 16 days
    assert model.explain("a", "milk")["contribution"].item() == pytest.approx(4 / 12)


def test_what_nobody_bought_twice_is_due_and_visitors_wait_for_nothing():
    model = ec.BuyAgain(half_life=None, due=1.0).fit(orders(("a", "lamp", 1), ("b", "tea", 0), ("b", "tea", 1)))
    assert model.recommend("a", k=1)["score"].item() == 1
    assert model.recommend(history=["tea"], k=1)["score"].item() == 1


def test_saved_and_loaded_it_answers_the_same(tmp_path):
    lines = [("a", "milk", day) for day in (28, 32, 36)] + [("b", "tea", 0), ("b", "tea", 9)]
    model = ec.BuyAgain(due=0.5).fit(orders(*lines))
    model.save(tmp_path / "model")
    assert ec.load(tmp_path / "model").recommend(k=2).equals(model.recommend(k=2))
