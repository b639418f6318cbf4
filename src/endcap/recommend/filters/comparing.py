"""Texts compared with texts, where either side may be a column."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np

from endcap.data.arrays import BoolArray
from endcap.recommend.filters.values import TESTS, Texts

_MIRRORED: Final = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ALL_TESTS: Final[dict[str, Callable[[str, str], bool]]] = {"=": operator.eq, **TESTS}


def compare_texts(sign: str, left: Texts | str | None, right: Texts | str | None) -> BoolArray | np.bool_:
    """Return where `left SIGN right` is true: for every product, or at all where neither side is a column.

    None is a text that is missing; what is missing compares false.
    """
    if isinstance(right, Texts) and not isinstance(left, Texts) and sign in _MIRRORED:
        sign, left, right = _MIRRORED[sign], right, left
    test = _ALL_TESTS[sign]
    if left is None or right is None:
        return np.False_
    if isinstance(left, Texts) and isinstance(right, Texts):
        return _column_by_column(test, left, right)
    if isinstance(left, Texts):
        return _column_by_text(sign, left, cast(str, right))
    if isinstance(right, Texts):  # what the page's product is called, ends with what the column holds
        table = np.array([*(test(left, text) for text in right.texts), False], np.bool_)
        return np.asarray(table[right.codes])
    return np.bool_(test(left, right))


def _column_by_text(sign: str, column: Texts, text: str) -> BoolArray:
    if sign == "=":
        return np.asarray(column.codes == column.code.get(text, -2))
    return np.asarray(column.which(sign, text)[column.codes])


def _column_by_column(test: Callable[[str, str], Any], left: Texts, right: Texts) -> BoolArray:
    pairs = zip(left.codes.tolist(), right.codes.tolist(), strict=True)
    passes = (a >= 0 and b >= 0 and test(left.texts[a], right.texts[b]) for a, b in pairs)
    return np.fromiter(passes, np.bool_, len(left.codes))
