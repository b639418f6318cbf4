"""The rows that are set aside, as the source had them, with file, row and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Final

import polars as pl

from endcap.data.columns import NO_COLUMN, OPTIONS
from endcap.data.rows import line_numbers
from endcap.data.schema import ITEM, USER
from endcap.data.sources import Source
from endcap.errors import DataError

LINE: Final = "line"
"""The column of lines that couldn't be read as rows, whole."""


class Quarantine:
    """Takes rows batch by batch; says at the end where each stands in its file."""

    def __init__(self, sources: list[Source], mapping: Mapping[str, str]) -> None:
        self._sources = sources
        self._mapping = mapping
        self._own = dict(zip(mapping.values(), mapping, strict=True))  # a column that stands for two is shown once
        self._parts: list[pl.DataFrame] = []
        self._known_columns = False

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def add(
        self, raw: pl.DataFrame, file: pl.Series, row: pl.Series, reasons: pl.Series, *, known_columns: bool
    ) -> None:
        """Set rows aside: under canonical names, with the file's number, the row in it from 0, and the reason.

        `known_columns` says that the source is an export, whose columns can't have been mistaken.
        """
        own = raw.select(pl.col(column).alias(name) for name, column in self._own.items())
        places = {_FILE: file, _ROW: row, "reason": reasons}
        self._parts.append(own.with_columns(column.alias(name) for name, column in places.items()))
        self._known_columns |= known_columns

    def finish(self, good: int) -> pl.DataFrame:
        """Return the rows set aside, and the lines that couldn't be read as rows; empty lines are none.

        Raises
        ------
        DataError
            Where one reason takes more than half of the rows, or nothing is left beside the `good` ones.
        """
        lines = self._lines()
        if not self._parts:
            own = [pl.lit(None, pl.String).alias(name) for name in self._own]
            return lines.select(*own, *lines.columns) if len(lines) else lines
        rows = pl.concat(self._parts, how="diagonal_relaxed")
        number, blank = line_numbers(self._sources, rows[_FILE], rows[_ROW])
        file = pl.Series("file", [one.name for one in self._sources]).gather(rows[_FILE])
        places = [file, number.alias("row"), rows["reason"]]
        quarantine = rows.select(*self._own).with_columns(places).filter(~blank)
        if len(lines):
            quarantine = pl.concat([quarantine, lines], how="diagonal_relaxed").sort("file", "row")
        self._refuse_if_most(quarantine, good + len(quarantine))
        return quarantine

    def _lines(self) -> pl.DataFrame:
        """Return the lines that no row could be made of, in the column "line"."""
        bad = [(one.name, *astuple(line)) for one in self._sources if one.text for line in one.text.bad]
        kinds = {"file": pl.String, "row": pl.Int64, LINE: pl.String, "reason": pl.String}
        return pl.DataFrame(bad, kinds, orient="row").select("file", "row", "reason", LINE) if bad else pl.DataFrame()

    def _refuse_if_most(self, quarantine: pl.DataFrame, rows: int) -> None:
        """Raise DataError where one reason takes more than half of the rows, or nothing is left.

        In an export no column was mistaken: there, only a source without any good row is refused.
        """
        if quarantine.is_empty():
            if rows:
                return
            raise DataError(f"{self._sources[0].name} has a header, but no rows")
        if LINE in quarantine.columns:  # a file with most lines broken was refused before
            good, quarantine = rows - len(quarantine), quarantine.filter(pl.col(LINE).is_null())
            if quarantine.is_empty():
                return
            rows = good + len(quarantine)
        counts = quarantine["reason"].value_counts(sort=True)
        reason, most = counts.row(0)
        if most * 2 <= rows and len(quarantine) < rows:
            return
        first = quarantine.filter(pl.col("reason") == reason).row(0, named=True)
        if self._known_columns:
            if len(quarantine) == rows:
                raise DataError(f"{first['file']}: none of its {rows:,} rows can be used; row {first['row']}: {reason}")
            return
        column = next((name for name in self._mapping if reason.startswith(name)), USER)
        shown = first[self._mapping[column]]
        raise DataError(
            f"{first['file']}: {most:,} of {rows:,} rows can't be used because {reason}; the first is row "
            f"{first['row']}, where column {self._mapping[column]!r} holds {shown!r}. Was that column meant? Name "
            f'another with {OPTIONS[column]}="..." (--{OPTIONS[column].replace("_", "-")} on the command line)'
            + ("" if column in (USER, ITEM) else f', or use none with {OPTIONS[column]}="{NO_COLUMN}"')
        )


_FILE = "__file"
_ROW = "__at"
