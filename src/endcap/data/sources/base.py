"""What every source looks like to those who read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import polars as pl

Kind = Literal["csv", "jsonl", "parquet", "table"]

ROW: Final = "__row"
"""The column that says of which row of the source (from 0) a translated row was made."""
REASON: Final = "__reason"
"""The column that says why a translated row is set aside; null where it is good."""


@dataclass(frozen=True)
class Source:
    """One file or table, not read yet but for its columns' names."""

    name: str
    """The file's path, or the kind of table."""
    format: Kind
    columns: tuple[str, ...]
    read: Callable[[Sequence[str]], pl.DataFrame]
    """Read the columns asked for, every row, in order. Text formats give text only."""
    separator: str = ","
    """Between the fields of a CSV file."""
    path: Path | None = None
    """The file in UTF-8 from which lines are counted; None where `name` isn't a text file with lines."""
    header_lines: int = 1
    """Lines above the first row."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where an export was translated: the export's own column for every canonical one."""
    export: str = ""
    """The export that it was recognised as; empty for a plain table."""
    scan: Callable[[Sequence[str], int], Iterator[pl.DataFrame]] | None = None
    """Read the columns asked for in pieces of about so many rows; None where it can only be read as a whole."""

    def batches(self, names: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        """Read the columns asked for in pieces of about so many rows, in order."""
        if self.scan is None:
            yield from self.read(names).iter_slices(rows)
        else:
            yield from self.scan(names, rows)
