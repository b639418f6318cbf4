"""CSV, TSV and their relatives: text files with a header, a row a line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from endcap.data.damage import explain
from endcap.data.sources.base import Source
from endcap.errors import DataError

_SEPARATORS: Final = (",", ";", "\t", "|")


def open_csv(path: Path, separator: str | None) -> Source:
    """Open a text file with a header; a separator that isn't given is found in the first line."""
    with explain(path):
        first = pl.scan_lines(path).filter(pl.col("line").str.strip_chars() != "").head(20).collect()["line"].to_list()
    if not first:
        raise DataError(f"{path} is empty")
    if "\r" in first[0].rstrip("\r"):
        raise DataError(f"{path}: its lines end with a carriage return alone; save it with line feeds")
    header = first[0].removeprefix("\ufeff")
    chosen = separator or max(_SEPARATORS, key=lambda one: len(_fields(first, one)))
    columns = _fields(first, chosen)
    if len(columns) < 2:
        best = max(_SEPARATORS, key=lambda one: len(_fields(first, one)))
        better = f"; it looks separated by {best!r}" if len(_fields(first, best)) > 1 else ""
        raise DataError(
            f"{path}: only one column found, {header[:80]!r}; fields must be separated by comma, semicolon, tab or |, "
            f'or by the one character given as separator="..."{better}'
        )
    scan = pl.scan_csv(path, separator=chosen, infer_schema=False)

    def pick(names: Sequence[str]) -> pl.LazyFrame:
        # by place, not by name: Polars renames a column that is named twice
        own = scan.collect_schema().names()
        return scan.select(pl.col(own[columns.index(name)]).alias(name) for name in names)

    def read(names: Sequence[str]) -> pl.DataFrame:
        with explain(path, len(columns), chosen):
            return pick(names).collect(engine="streaming")

    def pieces(names: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        with explain(path, len(columns), chosen):
            yield from pick(names).collect_batches(chunk_size=rows, maintain_order=True)

    return Source(str(path), "csv", tuple(columns), read, chosen, path, scan=pieces)


def _fields(lines: Sequence[str], separator: str) -> list[str]:
    """Return the header's fields; a quoted one may hold the separator, or go on in the next line."""
    lines = [lines[0].removeprefix("\ufeff"), *lines[1:]]
    return next(csv.reader((line + "\n" for line in lines), delimiter=separator), [])
