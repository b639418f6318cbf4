"""Whether a filter fits the catalogue: that its columns are there, and that like is compared with like."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from endcap.recommend.filters.columns import Columns
from endcap.recommend.filters.errors import FilterError
from endcap.recommend.filters.syntax import Arithmetic, Column, Comparison, Context, Known, Membership, Node, Operand
from endcap.recommend.filters.values import Kind

_HOLDS: Final[dict[Kind, str]] = {
    "number": "numbers",
    "text": "text",
    "flag": "true and false",
    "list": "lists",
}
_OF_TEXT: Final = ("STARTS WITH", "ENDS WITH", "CONTAINS")


class Checker:
    """Checks filters against a catalogue's columns."""

    def __init__(self, columns: Columns, text: str) -> None:
        self._columns = columns
        self._text = text

    def check(self, node: Node) -> None:
        """Raise a `FilterError` at the first place that doesn't fit."""
        if isinstance(node, Comparison):
            self._comparison(node)
        elif isinstance(node, Membership):
            self._membership(node)
        elif isinstance(node, Known):
            self.kind(node.operand)
        else:
            for part in node.parts:
                self.check(part)

    def kind(self, operand: Operand) -> Kind:
        """Return what an operand's values are."""
        if isinstance(operand, Column | Context):
            return self._kind_of(operand)
        if isinstance(operand, Arithmetic):
            for side in (operand.left, operand.right):
                kind = self.kind(side)
                if kind != "number":
                    raise self._error(f"{operand.sign} needs numbers, and this is {_HOLDS[kind]}", side)
            return "number"
        value = operand.value
        return "flag" if isinstance(value, bool) else "number" if isinstance(value, float) else "text"

    def _kind_of(self, operand: Column | Context) -> Kind:
        name = operand.name
        if name in self._columns:
            return self._columns[name].kind
        if name in self._columns.unusable:
            raise self._error(f"the column {name!r} {self._columns.unusable[name]}", operand)
        close = get_close_matches(name, self._columns.names, 1) or [
            one for one in self._columns.names if one.lower() == name.lower()
        ]
        if close:
            remedy = f"did you mean {close[0]!r}?"
        else:
            remedy = f'it has {", ".join(self._columns.names)}; a text goes in quotes: "{name}"'
        raise self._error(f"the catalogue has no column {name!r}; {remedy}", operand)

    def _comparison(self, node: Comparison) -> None:
        left, right = self.kind(node.left), self.kind(node.right)
        if node.sign == "CONTAINS" and left == "list" and isinstance(node.left, Column):
            if right != "text" or isinstance(node.right, Column):
                raise self._error("a list is asked for one text, in quotes or of the context", node.right)
            return
        for kind, side in ((left, node.left), (right, node.right)):
            if kind == "list":
                raise self._error('this holds lists, which are asked by CONTAINS: tags CONTAINS "new"', side)
            if node.sign in _OF_TEXT and kind != "text":
                raise self._error(f"{node.sign} needs text, and this is {_HOLDS[kind]}", side)
        if left != right:
            quotes = {"text": "; leave out the quotes", "number": "; put it in quotes"}.get(right, "")
            quotes = quotes if not isinstance(node.right, Column | Context) else ""
            raise self._error(f"{_HOLDS[left]} can't be compared with {_HOLDS[right]}{quotes}", node.right)
        if left == "flag" and node.sign != "=":
            raise self._error(f"{node.sign} doesn't apply to true and false; write = or !=", node.left)

    def _membership(self, node: Membership) -> None:
        kind = self.kind(node.left)
        if kind not in ("number", "text"):
            remedy = 'CONTAINS: tags CONTAINS "new"' if kind == "list" else "="
            raise self._error(f"IN needs numbers or text, and this is {_HOLDS[kind]}; write {remedy}", node.left)
        for value in node.values:
            if self.kind(value) != kind:
                other = _HOLDS[self.kind(value)]
                raise self._error(f"this is {other}, and what it is looked for among is {_HOLDS[kind]}", value)

    def _error(self, message: str, node: Node) -> FilterError:
        return FilterError(message, self._text, node.start)
