import inspect
import re

import pytest

from endcap.exploration import suggestions
from endcap.exploration.findings import find
from endcap.exploration.suggestions import suggest
from endcap.models import MODELS, RATING_PREDICTORS

ALL = {*MODELS, *RATING_PREDICTORS}


def models(events, available=ALL):
    return {name for one in suggest(find(events), available) for name in one.models}


def advice(events):
    return " ".join(one.advice for one in suggest(find(events), ALL))


@pytest.fixture
def regulars(make):
    """Twenty shoppers, who take the same two products every week."""
    return make([(user, item, 7 * week) for user in range(20) for week in range(6) for item in (user % 5, 5)])


def test_repeats_suggest_buying_again(regulars):
    assert "BuyAgain" in models(regulars)
    assert "Leave out" not in advice(regulars)


def test_without_repeats_what_one_has_is_left_out(make):
    explorers = make([(user, 10 * user + n, n) for user in range(20) for n in range(6)])
    assert "Leave out" in advice(explorers)
    assert "BuyAgain" not in models(explorers)


def test_a_small_catalogue_suggests_ease(regulars):
    assert {"EASE", "ItemKNN", "Popular"} <= models(regulars)


def test_evidence_of_single_shoppers_suggests_little(make):
    lonely = make([(user, 10 * user + n, n) for user in range(20) for n in range(6)])
    assert "Expect little" in advice(lonely)
    assert "EASE" not in models(lonely)


def test_visits_of_strangers_suggest_sessions(make):
    visits = make([(f"visitor{n}", n % 7 + step, n + step / 1000) for n in range(60) for step in range(3)])
    assert "SessionKNN" in models(visits)


def test_ratings_suggest_rating_predictors(make):
    lines = [(user, item, 0) for user in range(12) for item in range(6)]
    assert "SVD" in models(make(lines, event=["rate"] * len(lines)))


def test_every_model_that_is_named_exists():
    source = inspect.getsource(suggestions)
    named = set(re.findall(r'"(\w+)"', " ".join(re.findall(r"Suggestion\(\((.*?)\),", source))))
    assert named
    assert named <= ALL


def test_only_models_that_are_there_are_named(regulars):
    assert models(regulars, {"Popular", "EASE"}) == {"Popular", "EASE"}
