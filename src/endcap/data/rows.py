"""Where a row stands in its file: lines of a CSV file are not rows, for a quoted field may hold line ends."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from endcap.data.sources import Source


def line_numbers(sources: list[Source], file: pl.Series, row: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return for some rows the number under which people find them, and whether they are empty lines.

    Parameters
    ----------
    sources
        What was read.
    file
        The place in `sources` of every row asked for, ascending.
    row
        The row in that source, from 0.

    Returns
    -------
    number
        In text files the line, from 1, at which the row begins; elsewhere the row, from 1.
    blank
        True where a CSV file's line holds nothing.
    """
    numbers, blanks = [], []
    asked = pl.DataFrame({"file": file.cast(pl.Int64), "row": row.cast(pl.Int64)})
    for (place,), part in asked.group_by("file", maintain_order=True):
        one = sources[int(str(place))]
        if one.text is not None and one.header_lines:
            records = _record_lines if one.format == "csv" else _object_lines
            lines = records(one.text.path).join(part.lazy(), on="row", how="semi").sort("row").collect()
            numbers.append(lines["number"])
            blanks.append(lines["blank"])
        else:
            numbers.append((part["row"] + 1).alias("number"))
            blanks.append(pl.repeat(False, len(part), dtype=pl.Boolean, eager=True).alias("blank"))
    return pl.concat(numbers), pl.concat(blanks)


def _record_lines(path: Path) -> pl.LazyFrame:
    """Return for every row of a CSV file (header left out) its first line's number, and whether that is empty."""
    line = pl.col("line")
    quotes = line.str.count_matches('"', literal=True).cast(pl.Int64)
    text = line.str.strip_chars_end("\r")
    return (
        pl.scan_lines(path)
        .with_columns(
            number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
            blank=text == "",
            begins=(quotes.cum_sum() - quotes) % 2 == 0,
        )
        .filter(pl.col("begins") & ((~pl.col("blank")).cum_max()))  # empty lines above the header are skipped
        .select("number", "blank", row=pl.int_range(-1, pl.len() - 1, dtype=pl.Int64))
    )


def _object_lines(path: Path) -> pl.LazyFrame:
    """Return for every row of a file of JSON lines the line's number; empty lines are no rows there."""
    return (
        pl.scan_lines(path)
        .with_columns(number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64), blank=pl.lit(False))
        .filter(pl.col("line").str.strip_chars() != "")
        .select("number", "blank", row=pl.int_range(pl.len(), dtype=pl.Int64))
    )
