"""CSV, TSV and their relatives: text files with a header, a row a line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from endcap.data.damage import explain
from endcap.data.sources.base import Source
from endcap.data.sources.mend_csv import mend_csv
from endcap.data.sources.text_files import TextFile
from endcap.errors import DataError

_SEPARATORS: Final = (",", ";", "\t", "|")
_MORE: Final = "__more"


def open_csv(path: Path, separator: str | None) -> Source:
    """Open a text file with a header; a separator that isn't given is found in the first line.

    What is wrong with a row shows when the file is read: then a mended copy is read in its place.
    """
    with explain(path):
        file = TextFile(path)
        first = file.head(20)
    if not first:
        raise DataError(f"{path} is empty")
    if "\r" in first[0].rstrip("\r"):
        raise DataError(f"{path}: its lines end with a carriage return alone; save it with line feeds")
    said = re.fullmatch(r"sep=(.)", first[0])  # Excel's word for the separator, above the header
    if said and len(first) > 1:
        first, separator = first[1:], separator or said[1]
    chosen = separator or max(_SEPARATORS, key=lambda one: len(_fields(first, one)))
    columns = _fields(first, chosen)
    if len(columns) < 2:
        raise _no_columns(path, first, separator)
    if said:
        mend_csv(file, len(columns), chosen, skip=1)

    def pick(names: Sequence[str]) -> pl.LazyFrame:
        own = pl.scan_csv(file.path, separator=chosen, infer_schema=False).collect_schema().names()
        # one column more than the header holds what is too much in a row, which Polars otherwise drops unsaid
        schema = dict.fromkeys([*own, _MORE], pl.String())
        scan = pl.scan_csv(file.path, separator=chosen, schema=schema, missing_columns="insert")
        # by place, not by name: Polars renames a column that is named twice
        return scan.select(*(pl.col(own[columns.index(name)]).alias(name) for name in names), _MORE)

    def clean(frame: pl.DataFrame) -> pl.DataFrame:
        if frame[_MORE].null_count() < len(frame):
            raise pl.exceptions.ComputeError("found more fields than the header has")
        return frame.drop(_MORE)

    def read(names: Sequence[str]) -> pl.DataFrame:
        with explain(path):
            try:
                return clean(pick(names).collect(engine="streaming"))
            except pl.exceptions.PolarsError:
                if file.mended:
                    raise
                mend_csv(file, len(columns), chosen)
            return clean(pick(names).collect(engine="streaming"))

    def pieces(names: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        done = 0
        with explain(path):
            try:
                for frame in pick(names).collect_batches(chunk_size=rows, maintain_order=True):
                    good = clean(frame)
                    done += len(good)
                    yield good
                return
            except pl.exceptions.PolarsError:
                if file.mended:
                    raise
                mend_csv(file, len(columns), chosen)
            # the rows before the damage are the same ones in the copy
            for frame in pick(names).slice(done).collect_batches(chunk_size=rows, maintain_order=True):
                yield clean(frame)

    return Source(str(path), "csv", tuple(columns), read, chosen, file, scan=pieces)


def _no_columns(path: Path, first: Sequence[str], separator: str | None) -> DataError:
    best = max(_SEPARATORS, key=lambda one: len(_fields(first, one)))
    hint = ""
    if separator is not None and len(_fields(first, best)) > 1:
        hint = f"; it looks separated by {best!r}"
    else:
        for line in first[1:]:
            if max(len(_fields([line], one)) for one in _SEPARATORS) > 2:
                hint = f"; {line[:80]!r} looks like the header: delete what is above it"
                break
    return DataError(
        f"{path}: only one column found, {first[0][:80]!r}; fields must be separated by comma, semicolon, tab or |, "
        f'or by the one character given as separator="..."{hint}'
    )


def _fields(lines: Sequence[str], separator: str) -> list[str]:
    """Return the header's fields; a quoted one may hold the separator, or go on in the next line."""
    return next(csv.reader((line + "\n" for line in lines), delimiter=separator), [])
