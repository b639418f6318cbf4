"""The columnar copy of the events: Parquet files of some 50,000 to a million rows that training reads.

The rows in the database are the truth. A segment holds the events of a range of their numbers, is written before the
transaction that names it ends, and never changes; one that is lost or damaged is made again from the rows. Its name is
drawn by chance, so a file of another state of the store, such as before a backup was put back, is never taken for one.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from endcap.data.schema import EVENT, ITEM, TIME, USER
from endcap.files import write_parquet
from endcap.store import bulk
from endcap.store.tables import EVENTS, SEGMENTS

FEWEST: Final = 50_000
"""Fewer rows than this stay rows only: reading them takes some 50 ms, and files of their own would become many."""
MOST: Final = 1_000_000
ALWAYS: Final = (USER, ITEM, EVENT, TIME)
"""The columns that every part has, so that a condition on them can be given."""


class Segments:
    """The segments of a store, in a folder beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, connection: sa.Connection, first: int, last: int, frame: pl.DataFrame) -> None:
        """Write the events numbered `first` to `last`, and name the file in the caller's transaction."""
        file = f"{first:012}-{secrets.token_hex(8)}.parquet"
        self._write(file, frame)
        connection.execute(SEGMENTS.insert().values(first=first, last=last, rows=len(frame), file=file))

    def take_tail(
        self, connection: sa.Connection, last: int, schema: Mapping[str, Any], *, fewest: int | None = None
    ) -> None:
        """Make segments of the rows up to `last` that are in none, once they are many."""
        covered = self._covered(connection)
        if last - covered < (FEWEST if fewest is None else fewest):
            return
        for first in range(covered + 1, last + 1, MOST):
            end = min(first + MOST - 1, last)
            self.add(connection, first, end, rows_of(connection, first, end, schema))

    def _covered(self, connection: sa.Connection) -> int:
        return int(connection.execute(sa.select(sa.func.max(SEGMENTS.c.last))).scalar() or 0)

    def frames(
        self, connection: sa.Connection, schema: Mapping[str, Any], where: pl.Expr | None = None
    ) -> Iterator[tuple[str, pl.DataFrame]]:
        """Read the segments one by one, oldest first, then the rows that are in none; each with its file, or ""."""
        covered = 0
        for first, covered, _, file in connection.execute(sa.select(SEGMENTS).order_by(SEGMENTS.c.first)).all():
            yield file, self._read(connection, first, covered, file, schema, where)
        tail = rows_of(connection, covered + 1, None, schema)
        yield "", tail if where is None else tail.filter(where)

    def _read(
        self,
        connection: sa.Connection,
        first: int,
        last: int,
        file: str,
        schema: Mapping[str, Any],
        where: pl.Expr | None,
    ) -> pl.DataFrame:
        scan = pl.scan_parquet(self.folder / file, glob=False)
        with contextlib.suppress(pl.exceptions.PolarsError, OSError):
            return (scan if where is None else scan.filter(where)).collect()
        frame = rows_of(connection, first, last, schema)  # lost or damaged
        self._write(file, frame)
        return frame if where is None else frame.filter(where)

    def replace(self, connection: sa.Connection, file: str, frame: pl.DataFrame) -> None:
        """Put other rows in the place of a segment's; the old file goes with `sweep`."""
        new = f"{file.partition('-')[0]}-{secrets.token_hex(8)}.parquet"
        self._write(new, frame)
        connection.execute(SEGMENTS.update().where(SEGMENTS.c.file == file).values(file=new, rows=len(frame)))

    def unnamed(self, connection: sa.Connection) -> list[Path]:
        """Return the files that no transaction named: of one that failed, or replaced."""
        named = set(connection.execute(sa.select(SEGMENTS.c.file)).scalars())
        return [file for file in self.folder.glob("*.parquet*") if file.name not in named]

    def _write(self, file: str, frame: pl.DataFrame) -> None:
        if TIME not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.Datetime("us")).alias(TIME))
        write_parquet(self.folder / file, frame, compression="lz4")


def rows_of(connection: sa.Connection, first: int, last: int | None, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return the events of a range of numbers from the database; columns that are empty in all of them are left out."""
    query = sa.select(*(EVENTS.c[name] for name in schema)).where(EVENTS.c.id >= first).order_by(EVENTS.c.id)
    if last is not None:
        query = query.where(EVENTS.c.id <= last)
    frame = bulk.read(connection, query, schema)
    return frame.select(c for c in frame.get_columns() if c.name in ALWAYS or c.null_count() < len(c))
