"""A model's parameters: typed, checked at construction, documented once where they are declared."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import textwrap
from typing import Annotated, Any, TypeAlias, TypeVar, cast, dataclass_transform

import pydantic
from pydantic import ConfigDict, Field, ValidationError

from endcap.errors import ParameterError

Threads: TypeAlias = Annotated[int, Field(ge=0, le=1024)]
Seed: TypeAlias = Annotated[int, Field(ge=0, lt=2**63)]

T = TypeVar("T")

_CONFIG = ConfigDict(extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False, strict=False)


@dataclass_transform(kw_only_default=True, field_specifiers=(Field,))
def parameters(cls: type[T]) -> type[T]:
    """Make the annotated attributes of a class its keyword parameters.

    Each is checked when an object is made and when it is set, and its docstring becomes part of the class's. What
    is learned later (`self.factors_ = ...`) is not a parameter and not checked.
    """
    made: Any = pydantic.dataclasses.dataclass(kw_only=True, config=_CONFIG, repr=False, eq=False)(cls)
    init = made.__init__

    @functools.wraps(init)
    def checked_init(self: Any, *args: Any, **values: Any) -> None:
        if args:
            raise ParameterError(f"{type(self).__name__}: give parameters by name, as in factors=64")
        try:
            init(self, **values)
        except ValidationError as error:
            raise ParameterError(_explain(type(self), error)) from None

    made.__init__ = checked_init
    if made.__module__ != __name__ and dataclasses.fields(made):
        made.__doc__ = inspect.cleandoc(made.__doc__ or "") + "\n\n" + _parameter_section(made)
    return cast(type[T], made)


def parameters_of(model: Any) -> dict[str, Any]:
    """Return a model's parameters by name."""
    return {f.name: getattr(model, f.name) for f in dataclasses.fields(model)}


def _explain(cls: type, error: ValidationError) -> str:
    known = ", ".join(f.name for f in dataclasses.fields(cls))
    lines = []
    for item in error.errors():
        name = ".".join(str(p) for p in item["loc"])
        if item["type"] == "unexpected_keyword_argument":
            lines.append(f"{cls.__name__} has no parameter {name!r}; it has {known}")
        else:
            lines.append(f"{cls.__name__}: {name}={item['input']!r} won't do: {item['msg']}")
    return "; ".join(lines)


def _parameter_section(cls: type) -> str:
    lines = ["Parameters", "----------"]
    for field in dataclasses.fields(cls):
        info = cls.__pydantic_fields__[field.name]  # type: ignore[attr-defined]
        lines.append(f"{field.name} : default {info.default!r}")
        lines.append(textwrap.indent(textwrap.dedent(info.description or ""), "    "))
    return "\n".join(lines)
