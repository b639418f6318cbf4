"""From a filter's text to its tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, cast

from endcap.errors import EndcapError
from endcap.recommend.filters.errors import FilterError
from endcap.recommend.filters.syntax import (
    Arithmetic,
    Both,
    Column,
    Comparison,
    Condition,
    Context,
    Either,
    Known,
    Membership,
    Node,
    Not,
    Value,
)

LONGEST: Final = 5_000
"""Characters; filters come from outside, and no shop writes a longer one."""
DEEPEST: Final = 60
"""Conditions within conditions: far below where Python's stack would end."""

GRAMMAR: Final = r"""
?start: either
?either: both ("OR"i both)*
?both: condition ("AND"i condition)*
?condition: "NOT"i condition                                -> negation
    | "(" either ")"
    | sum SIGN sum                                          -> comparison
    | sum "IN"i "(" value ("," value)* ")"                  -> is_in
    | sum "NOT"i "IN"i "(" value ("," value)* ")"           -> not_in
    | sum "IS"i "NULL"i                                     -> is_null
    | sum "IS"i "NOT"i "NULL"i                              -> is_known
?sum: product | sum PLUS product                            -> arithmetic
?product: factor | product TIMES factor                     -> arithmetic
?factor: value | "(" sum ")"
    | (NAME | QUOTED_NAME)                                  -> column
    | "context"i "." (NAME | QUOTED_NAME)                   -> context
?value: NUMBER                                              -> number
    | "-" NUMBER                                            -> negative
    | TEXT                                                  -> text
    | "TRUE"i                                               -> true
    | "FALSE"i                                              -> false

SIGN: /!=|<>|<=|>=|=|<|>|STARTS\s+WITH\b|ENDS\s+WITH\b|CONTAINS\b/i
PLUS: "+" | "-"
TIMES: "*" | "/"
NUMBER: /(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i
TEXT: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s
NAME: /[^\W\d]\w*/i
QUOTED_NAME: /`[^`]+`/
%ignore /\s+/
"""


def parse(text: str) -> Condition:
    """Return what a filter says.

    Raises
    ------
    FilterError
        Where it can't be read; the message points at the character.
    """
    parser = _parser()
    from lark.exceptions import UnexpectedInput

    if len(text) > LONGEST:
        raise FilterError(f"the filter has {len(text):,} characters, and {LONGEST:,} are the most", text, LONGEST)
    half = re.search("[\ud800-\udfff]", text)
    if half:
        raise FilterError("this is half of a character; send the text as UTF-8", ascii(text), half.start())
    try:
        tree = parser.parse(text)
    except UnexpectedInput as error:
        at = error.pos_in_stream
        if at is None or getattr(getattr(error, "token", None), "type", "") == "$END":
            at = len(text.rstrip())
        expected = {str(name) for name in getattr(error, "accepts", None) or getattr(error, "allowed", None) or ()}
        raise FilterError(_remedy(text, at, expected), text, at) from None
    return cast(Condition, _build(tree, text))


@cache
def _parser() -> Any:
    try:
        from lark import Lark
    except ImportError:
        raise EndcapError('filters need a parser: pip install "endcap[serve]"') from None
    return Lark(GRAMMAR, parser="lalr", propagate_positions=True)


_REMEDIES: Final = {
    "SIGN": "a comparison belongs here: =, !=, <, <=, >, >=, IN, STARTS WITH, ENDS WITH, CONTAINS, IS NULL "
    "(of a flag: organic = true)",
    "NAME": "a column, a number or a text in quotes belongs here",
    "NUMBER": "a number or a text in quotes belongs here",
    "LPAR": 'the values belong here, in parentheses: ("A", "B")',
    "DOT": "a column of the product that the page shows belongs here: context.price",
    "RPAR": "a ) is missing here",
}
"""What to say where the parser expects something, the surest first."""
_TYPOS: Final = {
    re.compile(r"=?\s*=="): "equal is one sign: =",
    re.compile(r"[&|!]"): "write AND, OR, NOT in words",
    re.compile(r"[\"'`]"): "this opens a text that never ends; close it with the same sign",
}


def _remedy(text: str, at: int, expected: set[str]) -> str:
    if not text.strip():
        return "the filter is empty; leave it out, or write a condition such as price < 50"
    start = at - 1 if text[:at].endswith("=") else at
    typo = next((remedy for sign, remedy in _TYPOS.items() if sign.match(text, start)), None)
    known = (remedy for name, remedy in _REMEDIES.items() if name in expected)
    return typo or next(known, "the filter should end here, or go on with AND or OR")


def _build(tree: Any, text: str) -> Node:
    """Turn the parser's tree into ours from the leaves up, without recursion: the text may be anybody's."""
    built: dict[int, Node] = {}
    node = None
    for branch in tree.iter_subtrees():  # children before their parents
        parts = [built[id(part)] if id(part) in built else str(part) for part in branch.children]
        node = _NODES[branch.data](parts, {"start": branch.meta.start_pos, "end": branch.meta.end_pos})
        if node.depth > DEEPEST:
            raise FilterError(f"nested more than {DEEPEST} deep; write it flatter", text, node.start)
        built[id(branch)] = node
    return cast(Node, node)


def _text(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL)


def _comparison(parts: list[Any], place: dict[str, int]) -> Node:
    left, sign, right = parts
    sign = " ".join(sign.upper().split())
    if sign in ("!=", "<>"):
        return Not(Comparison("=", left, right, **place), **place)
    return Comparison(sign, left, right, **place)


_NODES: Final[dict[str, Callable[[list[Any], dict[str, int]], Node]]] = {
    "either": lambda parts, place: Either(tuple(parts), **place),
    "both": lambda parts, place: Both(tuple(parts), **place),
    "negation": lambda parts, place: Not(parts[0], **place),
    "comparison": _comparison,
    "is_in": lambda parts, place: Membership(parts[0], tuple(parts[1:]), **place),
    "not_in": lambda parts, place: Not(Membership(parts[0], tuple(parts[1:]), **place), **place),
    "is_known": lambda parts, place: Known(parts[0], **place),
    "is_null": lambda parts, place: Not(Known(parts[0], **place), **place),
    "arithmetic": lambda parts, place: Arithmetic(parts[1], parts[0], parts[2], **place),
    "column": lambda parts, place: Column(parts[0].strip("`"), **place),
    "context": lambda parts, place: Context(parts[0].strip("`"), **place),
    "number": lambda parts, place: Value(float(parts[0]), **place),
    "negative": lambda parts, place: Value(-float(parts[0]), **place),
    "text": lambda parts, place: Value(_text(parts[0]), **place),
    "true": lambda parts, place: Value(True, **place),
    "false": lambda parts, place: Value(False, **place),
}
"""How each rule of the grammar becomes a node, from what it is made of and where it is."""
