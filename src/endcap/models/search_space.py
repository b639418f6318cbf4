"""What a search may try, declared beside each parameter: `Annotated[float, Range(0.1, 10, log=True)]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; whole ones where both are whole."""

    low: float
    high: float
    log: bool = False
    """Whether factors matter and not differences: as much is tried between 1 and 10 as between 10 and 100."""


@dataclass(frozen=True)
class Options:
    """Some values without an order."""

    values: tuple[Any, ...]

    def __init__(self, *values: Any) -> None:
        object.__setattr__(self, "values", values)


def search_space(model: type) -> dict[str, Range | Options]:
    """Return what may be tried for which parameter of a model's class; nothing where none is declared.

    Examples
    --------
    >>> import endcap as ec
    >>> from endcap.models.search_space import search_space
    >>> search_space(ec.RP3beta)["beta"]
    Range(low=0.0, high=1.0, log=False)
    """
    fields: dict[str, Any] = getattr(model, "__pydantic_fields__", {})
    return {
        name: declared
        for name, field in fields.items()
        for declared in field.metadata
        if isinstance(declared, (Range, Options))
    }


def widened(space: Range | Options, value: Any) -> Range | Options | None:
    """Return a space that holds a value, too; None where it can't, such as a range of factors with a zero.

    Examples
    --------
    >>> from endcap.models.search_space import Range, widened
    >>> widened(Range(16, 256, log=True), 512)
    Range(low=16, high=512, log=True)
    """
    if isinstance(space, Options):
        return space if value in space.values else Options(*space.values, value)
    whole = isinstance(space.low, int) and isinstance(space.high, int)
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or (space.log and value <= 0):
        return None
    return Range(min(space.low, value), max(space.high, value), space.log)
