"""What every source looks like to those who read it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

from endcap.data.sources.text_files import TextFile
from endcap.errors import DataWarning

Kind = Literal["csv", "jsonl", "parquet", "table"]

ROW: Final = "__row"
"""The column that says of which row of the source (from 0) a translated row was made."""
REASON: Final = "__reason"
"""The column that says why a translated row is set aside; null where it is good."""


def warn_of_damage(sources: Iterable[Source]) -> None:
    """Warn of what was done to read the sources, and of lines that no row could be made of."""
    for one in sources:
        for notice in one.notices:
            warnings.warn(notice, DataWarning, stacklevel=3)
        if one.text is not None and one.text.bad:
            first, *others = one.text.bad
            more = f" (and {len(others):,} more)" if others else ""
            warnings.warn(
                f"{one.name}: line {first.number}{more} is left out: {first.reason}", DataWarning, stacklevel=3
            )


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
    text: TextFile | None = None
    """The lines, and what is wrong with them; None where it isn't a text file."""
    header_lines: int = 1
    """Lines above the first row; 0 where rows aren't lines and are counted themselves."""
    remarks: tuple[str, ...] = ()
    """What there is to say of the file as it was opened."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where an export was translated: the export's own column for every canonical one."""
    export: str = ""
    """The export that it was recognised as; empty for a plain table."""
    scan: Callable[[Sequence[str], int], Iterator[pl.DataFrame]] | None = None
    """Read the columns asked for in pieces of about so many rows; None where it can only be read as a whole."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What was done to read the file, in sentences; complete once it was read."""
        return (*self.remarks, *(self.text.notices if self.text else ()))

    def batches(self, names: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        """Read the columns asked for in pieces of about so many rows, in order."""
        if self.scan is None:
            yield from self.read(names).iter_slices(rows)
        else:
            yield from self.scan(names, rows)
