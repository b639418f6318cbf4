"""Who sees which variant."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from endcap.errors import ParameterError
from endcap.recommend.assignment import Assignment, draw
from endcap.recommend.experiments import Experiments
from endcap.recommend.surfaces import BUILT_IN

HOME = "recommended-for-you"
TWO = {"control": {}, "mixed": {"diversity": 0.4}}


def assignment(holdout=0.0, **experiments):
    return Assignment(Experiments(holdout=holdout, **experiments), BUILT_IN)


def variants(asked, ids, surface=HOME):
    return [None if (one := asked.of(id_, surface)) is None else one.variant for id_ in ids]


@given(st.text(), st.integers() | st.text())
def test_a_draw_is_two_numbers_of_the_id_alone(salt, shopper):
    first, second = draw(salt, shopper)
    assert 0 <= first < 1
    assert 0 <= second < 1
    assert draw(salt, str(shopper)) == (first, second)


def test_draws_are_uniform_and_independent_of_each_other_and_of_other_salts():
    ids = range(40_000)
    one, other = np.array([draw("a", n) for n in ids]), np.array([draw("b", n) for n in ids])
    for column in (one[:, 0], one[:, 1], other[:, 0]):
        counts = np.histogram(column, 20, (0, 1))[0]
        assert ((counts - 2000) ** 2 / 2000).sum() < 43.8  # chi-square, 19 degrees of freedom, p = .001
    together = np.corrcoef([one[:, 0], one[:, 1], other[:, 0], other[:, 1]])
    assert np.abs(together - np.eye(4)).max() < 4 / np.sqrt(40_000)


def test_variants_have_their_weights_and_stay():
    declared = {"surface": HOME, "variants": {"a": {"weight": 1}, "b": {"weight": 3}}}
    seen = variants(assignment(x=declared), range(20_000))
    assert seen.count("b") == pytest.approx(15_000, abs=4 * (20_000 * 0.25 * 0.75) ** 0.5)
    assert seen == variants(assignment(x=declared), range(20_000))
    assert seen != variants(assignment(x=declared | {"salt": "again"}), range(20_000))


def test_a_larger_share_takes_in_more_and_moves_nobody():
    few = variants(assignment(x={"surface": HOME, "share": 0.2, "variants": TWO}), range(5000))
    many = variants(assignment(x={"surface": HOME, "share": 0.6, "variants": TWO}), range(5000))
    assert few.count(None) == pytest.approx(4000, abs=120)
    assert many.count(None) == pytest.approx(2000, abs=140)
    assert all(new == old for old, new in zip(few, many, strict=True) if old is not None)


def test_a_variant_says_only_what_it_says():
    asked = assignment(x={"surface": "cart", "variants": {"control": {}, "long": {"k": 9, "weight": 1e9}}})
    surface = asked.of("ann", "cart").surface
    assert (surface.k, surface.sources, surface.hide_bought) == (9, BUILT_IN["cart"].sources, False)
    assert asked.of("ann", HOME) is None
    assert asked.of(None, "cart") is None


def test_the_hold_out_gets_nothing_personal_anywhere_and_is_in_no_experiment():
    asked = assignment(0.1, x={"surface": HOME, "variants": TWO})
    seen = {surface: variants(asked, range(10_000), surface) for surface in (HOME, "cart")}
    held = {n for n, one in enumerate(seen["cart"]) if one == "held-out"}
    assert len(held) == pytest.approx(1000, abs=120)
    assert held == {n for n, one in enumerate(seen[HOME]) if one == "held-out"}
    assert seen[HOME].count(None) == 0
    someone = min(held)
    assert asked.of(someone, HOME).surface.sources == ["best-sellers"]
    assert asked.of(someone, HOME, given=True).surface.sources == ["as-given"]
    assert asked.of(someone, "cart").surface.k == BUILT_IN["cart"].k
    assert asked.of(someone, "no such surface") is None


def test_an_experiment_that_is_over_shows_nothing():
    asked = assignment(x={"surface": HOME, "running": False, "variants": TWO}, y={"surface": HOME, "variants": TWO})
    assert asked.of("ann", HOME).experiment == "y"


def test_several_surfaces_are_one_draw():
    asked = assignment(x={"surface": [HOME, "cart"], "variants": {"old": {}, "new": {"model": "v2"}}})
    assert variants(asked, range(500)) == variants(asked, range(500), "cart")
    assert asked.models() == {"v2": "[experiments.x.variants.new]"}


@pytest.mark.parametrize(
    ("experiments", "told"),
    [
        ({"x": {"surface": "hom", "variants": TWO}}, r"\[experiments.x\] surface = 'hom'.*recommended-for-you"),
        ({"x": {"surface": HOME, "variants": {"a": {}}}}, "at least two"),
        ({"x": {"surface": [], "variants": TWO}}, "names no surface"),
        ({n: {"surface": HOME, "variants": TWO} for n in "xy"}, r"experiments.y\].*experiments.x\].*running = false"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_the_section_and_the_remedy(experiments, told):
    with pytest.raises(ParameterError, match=told):
        assignment(**experiments)


@pytest.mark.parametrize("wrong", [{"weight": 0}, {"diversty": 0.4}, {"diversity": 2}])
def test_a_variant_is_checked_as_a_surface_is(wrong):
    with pytest.raises(ValidationError):
        Experiments(x={"surface": HOME, "variants": {"a": {}, "b": wrong}})
