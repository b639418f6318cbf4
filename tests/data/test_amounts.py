"""Amounts as people, shops and spreadsheets write them; against what was meant, for every way of writing it."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.data.amounts import as_prices, plain_amounts
from endcap.data.values import as_numbers

WAYS = {
    "1,234.50": (",", "."), "1.234,50": (".", ","), "1 234,50": (" ", ","), "1'234.50": ("'", "."),
    "1234,50": ("", ","), "1234.50": ("", "."), "no-break": ("\u00a0", ","), "narrow": ("\u202f", "."),
}  # fmt: skip


def written(cents, thousands, decimal):
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole:,}".replace(",", thousands) + f"{decimal}{rest:02}"


@pytest.mark.parametrize(("thousands", "decimal"), WAYS.values(), ids=WAYS)
@settings(deadline=None, max_examples=30)
@given(amounts=st.lists(st.integers(-(10**12), 10**12), min_size=1), currency=st.sampled_from(["{}", "{} €", "EUR {}"]))
def test_what_was_written_is_what_is_read(thousands, decimal, amounts, currency):
    texts = pl.Series("price", [currency.format(written(cents, thousands, decimal)) for cents in amounts])
    expected = [cents / 100 for cents in amounts]
    assert as_numbers(texts).to_list() == pytest.approx(expected)
    assert as_prices(texts).to_list() == pytest.approx(expected)


def test_prices_of_catalogues():
    texts = [
        "12.50 EUR",
        "EUR 12,50",
        "1,299.00",
        "1.299,00 EUR",
        "1 299,00 kr",
        "from 5 €",
        "Rs. 400",
        "on request",
        None,
    ]
    prices = [12.5, 12.5, 1299.0, 1299.0, 1299.0, 5.0, 400.0, None, None]
    assert as_prices(pl.Series(texts)).to_list() == prices


def test_what_is_no_number_stays_text():
    texts = ["free", "1,2,3", "1.2.3", "12-13", "5%", "1,23.45"]
    assert plain_amounts(pl.Series(texts), False).to_list() == texts
    assert as_numbers(pl.Series(texts)).null_count() == len(texts)
