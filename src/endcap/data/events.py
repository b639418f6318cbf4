"""What shoppers did: a checked table of events, and what was set aside while checking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from endcap.data.schema import ITEM, TIME, USER
from endcap.errors import DataError, StorageError


@dataclass(frozen=True)
class Events:
    """Events in the canonical columns of `endcap.data.schema`.

    Made by `endcap.read_events`. `user_id`, `item_id` and `event` are always there; the other columns where the
    source had them. `timestamp` is a naive Datetime("us") in UTC.
    """

    frame: pl.DataFrame
    """The good rows, in the order of the source."""
    quarantine: pl.DataFrame = field(default_factory=pl.DataFrame)
    """The rows set aside: the source's own columns, with `file`, `row` and `reason`, and `line` where a line couldn't
    be read as a row."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """The source's column for every canonical column that it had."""
    sources: tuple[str, ...] = ()
    """The files (or kinds of table) that were read."""
    rows_read: int = 0
    """How many rows the sources held: the good ones and the ones set aside."""
    unknown_events: Mapping[str, int] = field(default_factory=dict)
    """Event names that mean nothing to Endcap, kept as they are, and how many rows have each."""
    rating_scale: tuple[float, float] | None = None
    """Lowest and highest rating, given or found; None without ratings."""
    notices: tuple[str, ...] = ()
    """What was done so that damaged or unusual files could be read, a sentence each."""

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def has_time(self) -> bool:
        """Whether the events say when they happened."""
        return TIME in self.frame.columns

    @property
    def counts(self) -> dict[str, int]:
        """How many rows were set aside for each reason, the most frequent first."""
        if self.quarantine.is_empty():
            return {}
        counted = self.quarantine.group_by("reason").len().sort("len", "reason", descending=[True, False])
        return dict(counted.iter_rows())

    def describe(self) -> str:
        """Return one line: how many events, users, items, and from when to when."""
        users, items = self.frame[USER].n_unique(), self.frame[ITEM].n_unique()
        text = f"{len(self):,} events of {users:,} users on {items:,} items"
        if self.has_time and len(self):
            first, last = self.frame[TIME].min(), self.frame[TIME].max()
            text += f", {str(first)[:10]} to {str(last)[:10]}"
        return text

    def to_pandas(self) -> Any:
        """Return the good rows as a pandas DataFrame.

        Raises
        ------
        DataError
            Where pandas and pyarrow aren't installed.
        """
        try:
            return self.frame.to_pandas()
        except ModuleNotFoundError as error:
            raise DataError(f"a pandas table needs pandas and pyarrow: pip install pandas pyarrow ({error})") from None

    def write_quarantine(self, path: str | Path) -> Path:
        """Write the rows that were set aside as CSV, each with its file, row and reason; return the path.

        Raises
        ------
        StorageError
            Where nothing can be written there.
        """
        target = Path(path)
        try:
            self.quarantine.write_csv(target)
        except OSError as error:
            raise StorageError(f"can't write {target}: {error.strerror or error}") from error
        return target
