import dataclasses

import pytest

from endcap.automatic.candidates import propose
from endcap.automatic.traits import Traits
from endcap.models import MODELS

GROCER = Traits(30_000, 5_000, 900_000, 30.0, True, 0.4, True)


def names(traits: Traits) -> list[str]:
    return [one.name for one in propose(traits)]


def test_repeats_bring_models_of_habits_and_their_lack_those_of_taste():
    assert {"BuyAgain", "TIFUKNN"} <= set(names(GROCER))
    films = dataclasses.replace(GROCER, repeats=False)
    assert not {"BuyAgain", "TIFUKNN"} & set(names(films))
    assert {"GraphFilter", "SLIM"} <= set(names(films))


def test_large_catalogues_bring_the_sparse_kin_of_the_exact_model():
    assert "EASE" in names(GROCER)
    large = dataclasses.replace(GROCER, items=60_000)
    assert "EASE" not in names(large)
    assert "SparseEASE" in names(large)


def test_short_histories_with_an_order_bring_models_of_visits():
    short = dataclasses.replace(GROCER, per_user=3.0)
    assert "SessionKNN" in names(short)
    assert "SessionKNN" not in names(dataclasses.replace(short, in_order=False))


@pytest.mark.parametrize("repeats", [True, False])
def test_best_sellers_come_first_and_all_are_models_with_a_reason(repeats):
    proposed = propose(dataclasses.replace(GROCER, repeats=repeats))
    assert proposed[0].name == "Popular"
    assert all(one.name in MODELS and len(one.reason) > 10 for one in proposed)
