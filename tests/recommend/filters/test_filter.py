"""Masks against a plain evaluation, product by product, of the same condition."""

import math
import operator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.errors import DataError
from endcap.recommend.filters.columns import Columns
from endcap.recommend.filters.errors import FilterError
from endcap.recommend.filters.filter import Filter

NUMBERS, TEXTS = ("price", "stock"), ("brand", "product type")
WORDS = ["", "A", "Aa", "B", 'say "hi"', "back\\slash", "Zürich", "%_"]
COMPARE = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
TEXT_TESTS = {"STARTS WITH": str.startswith, "ENDS WITH": str.endswith, "CONTAINS": operator.contains}

numbers = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([0.5, 1e300, 2.25]))
rows = st.fixed_dictionaries(
    {name: st.none() | numbers for name in NUMBERS}
    | {name: st.none() | st.sampled_from(WORDS) for name in TEXTS}
    | {"organic": st.none() | st.booleans(), "tags": st.none() | st.lists(st.sampled_from(WORDS), max_size=3)}
)
SCHEMA = dict.fromkeys(NUMBERS, pl.Float64) | dict.fromkeys(TEXTS, pl.String)
SCHEMA |= {"organic": pl.Boolean, "tags": pl.List(pl.String)}


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def named(name):
    return f"`{name}`" if " " in name else name


# A drawn condition is a pair: its text, and a function from a product's row and the context to its truth.
def column_or_context(names):
    return st.one_of(
        names.map(lambda name: (named(name), lambda row, _context: row[name])),
        names.map(lambda name: (f"context.{named(name)}", lambda _row, context: context.get(name))),
    )


def literal(value, text):
    return text, lambda _row, _context: value


def calculated(sign, left, right):
    def value(row, context):
        a, b = left[1](row, context), right[1](row, context)
        if a is None or b is None or (sign == "/" and b == 0):
            return None
        try:
            result = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign](a, b)
        except OverflowError:
            return None
        return result if math.isfinite(result) else None

    return f"({left[0]} {sign} {right[0]})", value


number = st.recursive(
    column_or_context(st.sampled_from(NUMBERS)) | numbers.map(lambda n: literal(n, repr(n))),
    lambda inner: st.builds(calculated, st.sampled_from("+-*/"), inner, inner),
    max_leaves=4,
)
text = column_or_context(st.sampled_from(TEXTS)) | st.sampled_from(WORDS).map(lambda w: literal(w, quoted(w)))
flag = column_or_context(st.just("organic")) | st.booleans().map(lambda b: literal(b, str(b).lower()))


def compared(sign, left, right):
    test = {**COMPARE, **TEXT_TESTS, "!=": operator.eq}[sign]

    def truth(row, context):
        a, b = left[1](row, context), right[1](row, context)
        found = a is not None and b is not None and test(a, b)
        return not found if sign == "!=" else bool(found)

    return f"{left[0]} {sign} {right[0]}", truth


def member(word, operand, values, write):
    def truth(row, context):
        found = operand[1](row, context)
        return (found is not None and found in values) == (word == "IN")

    return f"{operand[0]} {word} ({', '.join(map(write, values))})", truth


def known(word, operand):
    return f"{operand[0]} {word}", lambda row, context: (operand[1](row, context) is None) == (word == "IS NULL")


either_word = st.sampled_from(["IN", "not  in"])
simple = st.one_of(
    st.builds(compared, st.sampled_from([*COMPARE, "!="]), number, number),
    st.builds(compared, st.sampled_from([*COMPARE, *TEXT_TESTS, "!="]), text, text),
    st.builds(compared, st.sampled_from(["=", "!="]), flag, flag),
    st.builds(
        lambda word: (f'tags CONTAINS {quoted(word)}', lambda row, _context: word in (row["tags"] or [])),
        st.sampled_from(WORDS),
    ),
    st.builds(member, st.just("IN"), number, st.lists(numbers, min_size=1, max_size=3), st.just(repr)),
    st.builds(member, either_word.map(lambda w: "IN" if w == "IN" else "NOT IN"), text,
              st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), st.just(quoted)),
    st.builds(known, st.sampled_from(["IS NULL", "IS NOT NULL"]), st.one_of(number, text, flag)),
    st.builds(known, st.just("IS NULL"), st.just(("tags", lambda row, _context: row["tags"]))),
)  # fmt: skip
condition = st.recursive(
    simple,
    lambda inner: st.one_of(
        inner.map(lambda one: (f"NOT ({one[0]})", lambda row, context: not one[1](row, context))),
        st.builds(lambda a, b: (f"({a[0]}) AND {b[0]}", lambda row, c: a[1](row, c) and b[1](row, c)), inner, simple),
        st.builds(lambda a, b: (f"({a[0]} or {b[0]})", lambda row, c: a[1](row, c) or b[1](row, c)), inner, simple),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(st.lists(rows, max_size=6), condition, rows, st.lists(st.tuples(st.integers(0, 5), rows), max_size=2))
def test_the_mask_is_what_the_words_say_also_after_changes(products, drawn, context, changes):
    written, truth = drawn
    columns = Columns(pl.DataFrame(products, schema=SCHEMA))
    keep = Filter(written, columns)
    for change in [None, *changes]:
        if change is not None and change[0] < len(products):
            at, products[at] = change
            for name, value in products[at].items():
                columns.put(name, at, value)
        for asked in ({}, context):
            expected = [truth(row, asked) for row in products]
            assert keep.mask(asked).tolist() == expected
            assert [keep.failing(at, asked) is None for at in range(len(products))] == expected


COLUMNS = Columns(
    pl.DataFrame(
        {
            "price": [1.0, None, 9.0],
            "brand": ["A", None, "B"],
            "since": [None, "2026-02-01", "2025-12-31"],
            "big": [2**60, 1, 2],
            "shape": [{"w": 1}] * 3,
        }
    ).with_columns(pl.col("since").str.to_date())
)


def test_what_is_missing_is_never_equal_and_negation_is_all_the_others():
    assert Filter('brand = "A"', COLUMNS).mask().tolist() == [True, False, False]
    assert Filter('brand != "A"', COLUMNS).mask().tolist() == [False, True, True]
    assert Filter("price / 0 > 1 OR price <= context.price", COLUMNS).mask({}).tolist() == [False] * 3


def test_days_are_texts_in_iso_order():
    assert Filter('since >= "2026-01-01"', COLUMNS).mask().tolist() == [False, True, False]


def test_which_part_keeps_a_product_out():
    keep = Filter('price < 50 AND brand = "A"', COLUMNS)
    assert [keep.failing(at) for at in range(3)] == [None, "price < 50", 'brand = "A"']


def test_what_does_not_depend_on_the_request_is_computed_once():
    keep = Filter("price < 5", COLUMNS)
    first = keep.mask()
    assert keep.mask({"price": 3.0}) is first
    COLUMNS.put("brand", 0, "C")
    assert keep.mask() is first
    COLUMNS.put("price", 0, 7.0)
    assert keep.mask().tolist() == [False, False, False]
    COLUMNS.put("price", 0, 1.0)
    COLUMNS.put("brand", 0, "A")


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("prise < 50", 0, "did you mean 'price'"),
        ("PRICE < 50", 0, "did you mean 'price'"),
        ("context.prise < 50", 0, "did you mean 'price'"),
        ("brand = Acme", 8, 'a text goes in quotes: "Acme"'),
        ('price < "50"', 8, "leave out the quotes"),
        ("brand = 50", 8, "put it in quotes"),
        ("brand < price", 8, "text can't be compared with numbers"),
        ("price <", 7, "a column, a number or a text"),
        ("price", 5, "a comparison belongs here"),
        ("price < 5 5", 10, "go on with AND or OR"),
        ("(price < 5", 10, "a ) is missing"),
        ("price < 5)", 9, "should end here"),
        ('brand == "A"', 7, "equal is one sign"),
        ("price < 5 && price > 1", 10, "in words"),
        ('brand = "A', 8, "never ends"),
        ("brand IN", 8, "in parentheses"),
        ("brand IN ()", 10, "a number or a text in quotes"),
        ("brand IN (5)", 10, "among is text"),
        ("price STARTS WITH 'A'", 0, "STARTS WITH needs text"),
        ("price + brand > 5", 8, "+ needs numbers"),
        ("context", 7, "context.price"),
        ("  ", 0, "is empty"),
        ("big = 1", 0, "import it as text"),
        ("shape = 1", 0, "conditions are put on"),
        ("NOT " * 70 + "price < 5", 44, "nested more than 60 deep"),
        ("price < 5" + " " * 5000, 5000, "the most"),
        ("brand = '\ud800'", 9, "UTF-8"),
    ],
)  # fmt: skip
def test_errors_point_at_the_place_and_say_what_to_do(text, at, says):
    with pytest.raises(FilterError) as caught:
        Filter(text, COLUMNS)
    assert says in caught.value.message
    assert caught.value.at == at
    assert str(caught.value).splitlines()[-1].endswith("^")
    str(caught.value).encode()


PIECES = ["price", " AND ", "(", ")", "<", "5", "'A'", " IN ", "-", "*", "NOT ", ","]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_a_filter_or_a_filter_error(text):
    try:
        mask = Filter(text, COLUMNS).mask()
    except FilterError as error:
        str(error).encode()
    else:
        assert mask.shape == (3,)


def test_a_value_of_another_kind_is_refused():
    with pytest.raises(DataError, match="price: 'x' is not a number"):
        COLUMNS.put("price", 0, "x")
    with pytest.raises(DataError, match="no column 'colour'"):
        COLUMNS.put("colour", 0, "red")
