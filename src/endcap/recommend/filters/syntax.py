"""What a filter says, as a tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias


@dataclass(frozen=True)
class Node:
    """A piece of a filter; `start` and `end` are its place in the text."""

    start: int = field(compare=False, kw_only=True)
    end: int = field(compare=False, kw_only=True)

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return ()

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns it looks at."""
        return frozenset().union(*(part.columns for part in self.parts))

    @cached_property
    def asks_context(self) -> bool:
        """Whether it depends on the request."""
        return any(part.asks_context for part in self.parts)

    @cached_property
    def depth(self) -> int:
        """How deep it is nested."""
        return 1 + max((part.depth for part in self.parts), default=0)


@dataclass(frozen=True)
class Column(Node):
    """A product's value in a column of the catalogue."""

    name: str

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns it looks at."""
        return frozenset([self.name])


@dataclass(frozen=True)
class Context(Node):
    """The value that the product of the page has in a column: `context.price`."""

    name: str

    @cached_property
    def asks_context(self) -> bool:
        """Whether it depends on the request."""
        return True


@dataclass(frozen=True)
class Value(Node):
    """A number, a text, true or false."""

    value: float | str | bool


@dataclass(frozen=True)
class _OfTwo(Node):
    sign: str
    left: Operand
    right: Operand

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return (self.left, self.right)


@dataclass(frozen=True)
class _OfConditions(Node):
    conditions: tuple[Condition, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return self.conditions


@dataclass(frozen=True)
class Arithmetic(_OfTwo):
    """Two numbers added, subtracted, multiplied or divided."""


@dataclass(frozen=True)
class Comparison(_OfTwo):
    """Two numbers, texts or flags compared: `=`, `<`, `<=`, `>`, `>=`, `STARTS WITH`, `ENDS WITH` or `CONTAINS`."""


@dataclass(frozen=True)
class Membership(Node):
    """Whether something is one of some values: `brand IN ("A", "B")`."""

    left: Operand
    values: tuple[Value, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return (self.left, *self.values)


@dataclass(frozen=True)
class Known(Node):
    """Whether a value is there at all: `brand IS NOT NULL`."""

    operand: Operand

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return (self.operand,)


@dataclass(frozen=True)
class Not(Node):
    """True where the condition isn't."""

    condition: Condition

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return (self.condition,)


@dataclass(frozen=True)
class Both(_OfConditions):
    """True where all conditions are."""


@dataclass(frozen=True)
class Either(_OfConditions):
    """True where one of the conditions is."""


Operand: TypeAlias = Column | Context | Value | Arithmetic
Condition: TypeAlias = Comparison | Membership | Known | Not | Both | Either
