"""A filter, ready to say which products pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

import numpy as np

from endcap.data.arrays import BoolArray, Float64Array
from endcap.recommend.filters.checking import Checker
from endcap.recommend.filters.columns import Columns
from endcap.recommend.filters.comparing import compare_texts
from endcap.recommend.filters.grammar import parse
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
    Not,
    Operand,
    Value,
)
from endcap.recommend.filters.values import Flags, Lists, Numbers, Texts

NO_CONTEXT: Final[Mapping[str, Any]] = MappingProxyType({})
_COMPARE: Final = {"=": np.equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
_Numbers: TypeAlias = Float64Array | float


class Filter:
    """A condition on a catalogue's products, read once and asked often.

    Parts that don't depend on the request are computed once, and again only after a change of a column they look at.
    Every condition is true or false: a comparison with a value that is missing is false, and NOT, != and NOT IN are
    true exactly where the condition without them is false.

    Parameters
    ----------
    text
        Such as `price < 50 AND brand IN ("A", "B") AND price <= 1.3 * context.price`.
    columns
        Of the catalogue.

    Raises
    ------
    FilterError
        Where the text can't be read or doesn't fit the columns; the message points at the character.

    Examples
    --------
    >>> import polars as pl
    >>> from endcap.recommend.filters.columns import Columns
    >>> from endcap.recommend.filters.filter import Filter
    >>> shelf = Columns(pl.DataFrame({"price": [3.0, 5.0, None], "brand": ["A", "B", "A"]}))
    >>> Filter('brand = "A" AND NOT price > 4', shelf).mask().tolist()
    [True, False, True]
    >>> Filter("price <= 1.5 * context.price", shelf).mask({"price": 2.0}).tolist()
    [True, False, False]
    """

    def __init__(self, text: str, columns: Columns) -> None:
        self.text = text
        self.condition = parse(text)
        self._columns = columns
        Checker(columns, text).check(self.condition)
        self._cached: dict[int, tuple[tuple[int, ...], BoolArray]] = {}

    def mask(self, context: Mapping[str, Any] = NO_CONTEXT) -> BoolArray:
        """Return which products pass, shape (products,); not to be written to.

        `context` holds, by column, the values of the product that the page shows; what isn't in it is missing.
        """
        return self._mask(self.condition, context)

    def failing(self, at: int, context: Mapping[str, Any] = NO_CONTEXT) -> str | None:
        """Return the part of the text that keeps a product out; None where it passes."""
        parts = self.condition.conditions if isinstance(self.condition, Both) else (self.condition,)
        for part in parts:
            if not self._mask(part, context)[at]:
                return self.text[part.start : part.end]
        return None

    def _mask(self, node: Condition, context: Mapping[str, Any]) -> BoolArray:
        if node.asks_context:
            return self._computed(node, context, self._mask)
        # Versions are read first: a change in between leaves an entry that is known to be old.
        versions = tuple(self._columns[name].version for name in sorted(node.columns))
        found = self._cached.get(id(node))
        if found is None or found[0] != versions:
            found = self._cached[id(node)] = versions, self._all_anew(node, context)
        return found[1]

    def _all_anew(self, node: Condition, context: Mapping[str, Any]) -> BoolArray:
        """Compute all of a condition; only the whole is kept, for its parts are asked together."""
        return self._computed(node, context, self._all_anew)

    def _computed(
        self, node: Condition, context: Mapping[str, Any], mask: Callable[[Condition, Mapping[str, Any]], BoolArray]
    ) -> BoolArray:
        match node:
            case Both(conditions):
                passes = np.logical_and.reduce([mask(one, context) for one in conditions])
            case Either(conditions):
                passes = np.logical_or.reduce([mask(one, context) for one in conditions])
            case Not(condition):
                passes = ~mask(condition, context)
            case Known(operand):
                passes = self._known(operand, context)
            case Membership(left, values):
                passes = self._membership(left, [value.value for value in values], context)
            case Comparison(sign, left, right):
                passes = self._comparison(sign, left, right, context)
        return cast(BoolArray, passes)

    def _comparison(self, sign: str, left: Operand, right: Operand, context: Mapping[str, Any]) -> BoolArray:
        ours, theirs = self._values(left, context), self._values(right, context)
        passes: BoolArray | np.bool_
        if isinstance(ours, Lists):
            passes = ours.holding(theirs)
        elif isinstance(ours, Texts | str | None) or isinstance(theirs, Texts | str | None):
            passes = compare_texts(sign, ours, theirs)
        else:
            passes = _COMPARE[sign](ours, theirs)
        return np.broadcast_to(passes, len(self._columns))

    def _membership(self, left: Operand, among: list[Any], context: Mapping[str, Any]) -> BoolArray:
        values = self._values(left, context)
        if isinstance(values, Texts):
            table = np.zeros(len(values.texts) + 1, np.bool_)
            table[[values.code[text] for text in among if text in values.code]] = True
            return cast(BoolArray, table[values.codes])
        passes = values in among if isinstance(values, str | None) else np.isin(values, among)
        return np.broadcast_to(passes, len(self._columns))

    def _known(self, operand: Operand, context: Mapping[str, Any]) -> BoolArray:
        known: BoolArray | np.bool_
        if isinstance(operand, Column):
            known = self._columns[operand.name].known()
        elif isinstance(operand, Context):
            known = np.bool_(context.get(operand.name) is not None)
        elif isinstance(operand, Value):
            known = np.True_
        else:
            known = ~np.isnan(self._numbers(operand, context))
        return np.broadcast_to(known, len(self._columns))

    def _values(self, operand: Operand, context: Mapping[str, Any]) -> Any:
        """Return a column of texts or lists itself, one text or None, or numbers: an array or one, NaN where missing.

        True and false are 1 and 0, for no one compares them with numbers.
        """
        if isinstance(operand, Column) and isinstance(self._columns[operand.name], Texts | Lists):
            return self._columns[operand.name]
        if isinstance(operand, Value) and isinstance(operand.value, str):
            return operand.value
        if isinstance(operand, Context) and self._columns[operand.name].kind == "text":
            return context.get(operand.name)
        return self._numbers(operand, context)

    def _numbers(self, operand: Operand, context: Mapping[str, Any]) -> _Numbers:
        match operand:
            case Column(name):
                column = self._columns[name]
                if isinstance(column, Flags):
                    return np.where(column.values < 0, math.nan, column.values)
                return cast(Numbers, column).values
            case Context(name):
                value = context.get(name)
                return math.nan if value is None else float(value)
            case Value(value):
                return float(value)
            case Arithmetic(sign, left, right):
                return _calculated(sign, self._numbers(left, context), self._numbers(right, context))


def _calculated(sign: str, a: _Numbers, b: _Numbers) -> _Numbers:
    """Return a sum, difference, product or quotient; NaN (missing) for what is no number, as a division by 0."""
    with np.errstate(all="ignore"):
        match sign:
            case "+":
                result = np.add(a, b)
            case "-":
                result = np.subtract(a, b)
            case "*":
                result = np.multiply(a, b)
            case _:
                result = np.divide(a, b)
        finite: _Numbers = np.where(np.isfinite(result), result, math.nan)
    return finite
