"""Numbers as people and spreadsheets write them: currency signs, thousands, a decimal comma."""

from __future__ import annotations

from typing import Final

import polars as pl

_CURRENCY: Final = r"(?:[A-Za-z]{0,3}\p{Sc}|[A-Z]{3}|kr\.?|zł|Kč|Ft|Rs\.?|лв\.?|,-|,--)"
_THOUSANDS: Final = r"^[-+]?\d{1,3}(?:[ '\u{2019}\u{a0}\u{202f}]\d{3})+(?:[.,]\d+)?$"
_POINTS: Final = r"^[-+]?\d{1,3}(?:\.\d{3})+,\d+$|^[-+]?\d{1,3}(?:\.\d{3}){2,}$"
_COMMAS: Final = r"^[-+]?\d{1,3}(?:,\d{3})+\.\d+$|^[-+]?\d{1,3}(?:,\d{3}){2,}$"
_DECIMAL_COMMA: Final = r"^[-+]?\d*,(?:\d{1,2}|\d{4,})$"
_DECIMAL_POINT: Final = r"^[-+]?\d*\.(?:\d{1,2}|\d{4,})$"
_THREE_AFTER_COMMA: Final = r"^[-+]?[1-9]\d{0,2},\d{3}$"
_THREE_AFTER_POINT: Final = r"^[-+]?[1-9]\d{0,2}\.\d{3}$"


def as_prices(column: pl.Series) -> pl.Series:
    """Return the numbers in text such as "1,299.00 USD", "EUR 1.299,00" and "from 5 €"; null where there is none."""
    amounts = column.str.replace_all(r"[^\d.,'\u{2019}\s+-]", "").str.replace(r"^\s*\.\s+", "").str.strip_chars()
    return plain_amounts(amounts, False).cast(pl.Float64, strict=False)


def plain_amounts(column: pl.Series, decimal_comma: bool) -> pl.Series:
    """Return text with numbers as programs write them; what can't be understood stays as it is.

    "1.234,50 €", "EUR 1 234,50", "$1,234.50" and "1'234.50" become "1234.50". A value such as "1,234" or "1.234" alone
    doesn't say which sign is decimal: then the other values of the column do, and where they don't either, the comma
    parts thousands and the point is decimal.

    Parameters
    ----------
    column
        Text without blanks around it.
    decimal_comma
        Whether a comma is decimal where no value says so, as in files separated by semicolons.
    """
    text = pl.col("text")
    frame = column.alias("text").to_frame()
    frame = frame.with_columns(text.str.replace(rf"^([-+]?)\s*{_CURRENCY}\s*", "$1"))
    frame = frame.with_columns(text.str.replace(rf"\s*{_CURRENCY}$", ""))
    grouped = text.str.contains(_THOUSANDS)
    frame = frame.with_columns(
        pl.when(grouped).then(text.str.replace_all(r"[ '\u{2019}\u{a0}\u{202f}]", "")).otherwise(text).alias("text")
    )
    says = frame.select(
        comma=text.str.contains(_DECIMAL_COMMA) | text.str.contains(_POINTS),
        point=text.str.contains(_DECIMAL_POINT) | text.str.contains(_COMMAS),
    ).sum()
    commas, points = (int(count or 0) for count in says.row(0))
    comma = commas > points or (decimal_comma and commas >= points)
    without_points = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    without_commas = text.str.replace_all(",", "", literal=True)
    as_comma = text.str.contains(_POINTS) | text.str.contains(_DECIMAL_COMMA)
    as_point = text.str.contains(_COMMAS)
    if comma:
        as_comma |= text.str.contains(_THREE_AFTER_COMMA) | text.str.contains(r"^[-+]?0,\d+$")
        if commas:
            as_comma |= text.str.contains(_THREE_AFTER_POINT)
    else:
        as_point |= text.str.contains(_THREE_AFTER_COMMA)
        as_comma |= text.str.contains(r"^[-+]?0,\d+$")
    return frame.select(
        pl.when(as_comma).then(without_points).when(as_point).then(without_commas).otherwise(text).alias(column.name)
    ).to_series()
