import inspect
from typing import Annotated

import pytest
from pydantic import Field

import endcap as ec
from endcap.errors import ParameterError
from endcap.models.parameters import parameters, parameters_of


@parameters
class Thing:
    """A thing."""

    size: Annotated[int, Field(gt=0)] = 3
    """How large."""
    name: str = "x"
    """What it is called."""


def test_defaults_and_values():
    assert parameters_of(Thing()) == {"size": 3, "name": "x"}
    assert parameters_of(Thing(size=4)) == {"size": 4, "name": "x"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"size": 0}, "Thing: size=0 won't do: Input should be greater than 0"),
        ({"size": "many"}, "Thing: size='many' won't do"),
        ({"size": float("nan")}, "Thing: size=nan won't do"),
        ({"sise": 3}, "Thing has no parameter 'sise'; it has size, name"),
    ],
)
def test_what_will_not_do_is_named(values, message):
    with pytest.raises(ParameterError) as error:
        Thing(**values)
    assert message in str(error.value)


def test_parameters_are_given_by_name():
    with pytest.raises(ParameterError, match="by name"):
        Thing(3)


def test_what_is_learned_later_is_no_parameter():
    thing = Thing()
    thing.learned_ = object()
    assert set(parameters_of(thing)) == {"size", "name"}


def test_help_shows_each_parameter_once_and_its_meaning():
    text = inspect.getdoc(Thing)
    assert text.count("How large.") == 1
    assert "size : default 3" in text
    assert "window" in inspect.getdoc(ec.Popular)
