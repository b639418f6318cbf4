"""A shop's events on disk: taken in whole imports, read as columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from endcap.data.events import Events
from endcap.data.schema import ANONYMOUS, EVENT, EVENT_ID, ITEM, TIME, USER
from endcap.errors import ShopError
from endcap.store import bulk, segments
from endcap.store.clock import now
from endcap.store.database import Database
from endcap.store.ids import id_type, settle
from endcap.store.meta import NEXT_EVENT, get, put
from endcap.store.repeats import Repeats
from endcap.store.segments import Segments
from endcap.store.tables import EVENTS, IMPORTS, QUARANTINE, event_schema

Batch = tuple[pl.DataFrame, int]
"""Events in the canonical columns, all of one file, and that file's number; files follow one another."""


def by_file(batches: Iterable[tuple[pl.DataFrame, pl.Series]]) -> Iterator[Batch]:
    """Cut batches whose rows each have a file's number into batches of one file each."""
    for frame, file in batches:
        ends = [*(file != file.shift()).fill_null(False).arg_true(), len(frame)]
        for start, end in pairwise([0, *ends]):
            if end > start:
                yield frame[start:end], int(file[start])


@dataclass(frozen=True)
class Before:
    """An import that was completed."""

    rows: int
    """Rows that its files held."""
    events: int
    """Those of them that were good."""


@dataclass(frozen=True)
class Intake:
    """What came of one import."""

    number: int
    """The import's number, counted from 1."""
    new: int
    """Rows that were not there before."""
    known: int
    """Rows that were there already, from earlier imports."""
    summary: Events
    """What reading said: columns, counts, the rows set aside. Its frame is empty: the rows are in the store."""


class EventStore:
    """The events of a shop.

    Parameters
    ----------
    folder
        The shop's folder, where the columnar copy is.
    database
        Where the rows are.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self._database = database
        self._segments = Segments(folder / "columns")

    def find(self, fingerprint: str) -> Before | None:
        """Return the completed import with this fingerprint, None where there is none."""
        with self._database.reading() as connection:
            wanted = sa.select(IMPORTS.c.rows_read, IMPORTS.c.rows_read - IMPORTS.c.rows_set_aside)
            found = connection.execute(wanted.where(IMPORTS.c.fingerprint == fingerprint)).first()
        return None if found is None else Before(*found)

    def id_types(self) -> dict[str, pl.DataType]:
        """Return the types of `user_id` and `item_id`, as far as imports have settled them."""
        with self._database.reading() as connection:
            types = {column: id_type(connection, column) for column in (USER, ITEM)}
        return {column: dtype for column, dtype in types.items() if dtype is not None}

    def add(
        self,
        batches: Iterable[Batch],
        finish: Callable[[], Events],
        *,
        source: str,
        files: int = 1,
        fingerprint: str | None = None,
        keep_repeats: bool = False,
    ) -> Intake:
        """Store the new ones of the events of one import; when this returns they are on disk, all of them.

        Parameters
        ----------
        batches
            The events, piece by piece.
        finish
            Called after the last batch; returns what there is to say of all of them, and the rows set aside.
        source
            Where they came from, for people.
        files
            How many files the batches are of.
        fingerprint
            By which `find` knows the import again.
        keep_repeats
            Take every row for new.

        Raises
        ------
        DataError
            Where ids are text in one import and numbers in another. Nothing is stored then.
        StorageError
            Where it can't be written; nothing is stored then.
        """
        with self.changing() as connection:
            number = int(connection.execute(sa.select(sa.func.max(IMPORTS.c.id))).scalar() or 0) + 1
            read = new = 0
            repeats: Repeats | None = None
            for frame, file in batches:
                read += len(frame)
                schema = event_schema(
                    settle(connection, USER, frame.schema[USER]), settle(connection, ITEM, frame.schema[ITEM])
                )
                rows = frame.cast({name: dtype for name, dtype in schema.items() if name in frame.columns})
                if repeats is None:
                    repeats = self._repeats(connection, schema)
                if not keep_repeats:
                    rows = repeats.new(rows, file, remember=file + 1 < files)
                self._append(connection, number, rows, schema)
                new += len(rows)
            summary = finish()
            self._set_aside(connection, number, summary.quarantine)
            connection.execute(
                IMPORTS.insert().values(
                    id=number,
                    at=now(),
                    kind="events",
                    source=source,
                    fingerprint=fingerprint,
                    rows_read=summary.rows_read or read,
                    rows_new=new,
                    rows_known=read - new,
                    rows_set_aside=len(summary.quarantine),
                )
            )
            if new:
                self._segments.take_tail(connection, _last(connection), schema)
        return Intake(number, new, read - new, summary)

    def append(self, frame: pl.DataFrame) -> list[bool]:
        """Store events as they happen, each with an `event_id`; when this returns they are on disk.

        Returns which of them are new: an event whose id is there already is left out, so that sending one again does
        no harm.

        Raises
        ------
        DataError
            Where ids are of another type than the shop's. Nothing is stored then.
        StorageError
            Where it can't be written; nothing is stored then.
        """
        with self._database.writing() as connection:
            schema = event_schema(
                settle(connection, USER, frame.schema[USER]), settle(connection, ITEM, frame.schema[ITEM])
            )
            rows = frame.cast({name: dtype for name, dtype in schema.items() if name in frame.columns})
            ids = rows[EVENT_ID]
            one_of = bulk.is_one_of(connection, EVENTS.c.event_id, ids.to_list())
            known = set(connection.execute(sa.select(EVENTS.c.event_id).where(one_of)).scalars())
            is_new = ids.is_first_distinct() & ~pl.Series([id_ in known for id_ in ids], dtype=pl.Boolean)
            self._append(connection, 0, rows.filter(is_new), schema)
            self._segments.take_tail(connection, _last(connection), schema)
        return is_new.to_list()

    def last(self) -> int:
        """Return the number of the newest event, 0 where there is none."""
        with self._database.reading() as connection:
            return _last(connection)

    def last_until(self, time: int) -> int:
        """Return the number of the newest event that happened at a time (microseconds) or before, or has no time."""
        early = EVENTS.c.timestamp.is_(None) | (EVENTS.c.timestamp <= time)
        with self._database.reading() as connection:
            return int(connection.execute(sa.select(sa.func.max(EVENTS.c.id)).where(early)).scalar() or 0)

    def since(self, number: int) -> tuple[pl.DataFrame, int]:
        """Return the events that came in after the one of a number, oldest first, and the newest one's number."""
        with self._database.reading() as connection:
            user, item = id_type(connection, USER), id_type(connection, ITEM)
            if user is None or item is None:
                return pl.DataFrame(schema={USER: pl.String, ITEM: pl.String}), 0
            newest = _last(connection)
            return segments.rows_of(connection, number + 1, None, event_schema(user, item)), newest

    def read(self) -> Events:
        """Return all events, in the order in which they came in.

        Raises
        ------
        ShopError
            Where nothing was imported yet.
        """
        whole = self.read_all()
        if whole.is_empty():
            raise ShopError("no events in this shop yet; import some: endcap import orders.csv")
        return Events(whole)

    def read_all(self) -> pl.DataFrame:
        """Return all events as they came in, without the columns that are empty; none where nothing was imported."""
        with self._database.reading() as connection:
            frames = list(self._frames(connection))
        whole = pl.concat(frames, how="diagonal") if frames else pl.DataFrame()
        if whole.is_empty():
            return pl.DataFrame(schema={USER: pl.String, ITEM: pl.String})
        return whole.select(c for c in whole.get_columns() if c.null_count() < len(c))

    def read_since(self, time: int) -> pl.DataFrame:
        """Return the events that happened at a time (microseconds) or later, as `read_all` does, without reading all.

        Segments whose events are all older are told by their statistics; events without a time aren't among them.
        """
        recent = pl.col(TIME) >= datetime(1970, 1, 1) + timedelta(microseconds=time)
        with self._database.reading() as connection:
            frames = [frame for frame in self._frames(connection, recent) if not frame.is_empty()]
        if not frames:
            return pl.DataFrame(schema={USER: pl.String, ITEM: pl.String, EVENT: pl.String, TIME: pl.Datetime("us")})
        whole = pl.concat(frames, how="diagonal")
        return whole.select(c for c in whole.get_columns() if c.null_count() < len(c))

    def remove(self, connection: sa.Connection, users: Sequence[str | int]) -> int:
        """Remove the events of shoppers, from rows and segments, within the caller's `changing`; return how many."""
        ids = list(users)
        found = EVENTS.c.user_id.in_(ids) | EVENTS.c.anonymous_id.in_(ids)
        removed = connection.execute(EVENTS.delete().where(found)).rowcount
        user, item = id_type(connection, USER), id_type(connection, ITEM)
        if removed and user is not None and item is not None:
            for file, frame in self._segments.frames(connection, event_schema(user, item)):
                columns = [column for column in (USER, ANONYMOUS) if column in frame.columns]
                own = pl.any_horizontal(pl.col(column).is_in(ids) for column in columns).fill_null(False)
                others = frame.filter(~own)
                if file and len(others) < len(frame):
                    self._segments.replace(connection, file, others)
        return removed

    def _frames(self, connection: sa.Connection, where: pl.Expr | None = None) -> Iterator[pl.DataFrame]:
        user, item = id_type(connection, USER), id_type(connection, ITEM)
        if user is not None and item is not None:
            for _, frame in self._segments.frames(connection, event_schema(user, item), where):
                yield frame

    def _repeats(self, connection: sa.Connection, schema: dict[str, pl.DataType]) -> Repeats:
        empty = _last(connection) == 0

        def known_ids(ids: pl.Series) -> pl.Series:
            one_of = bulk.is_one_of(connection, EVENTS.c.event_id, ids.to_list())
            return bulk.read(connection, sa.select(EVENTS.c.event_id).where(one_of), {EVENT_ID: pl.String()})[EVENT_ID]

        return Repeats(lambda where: [] if empty else self._frames(connection, where), known_ids, schema)

    def _append(
        self, connection: sa.Connection, number: int, rows: pl.DataFrame, schema: dict[str, pl.DataType]
    ) -> None:
        if rows.is_empty():
            return
        first = _last(connection) + 1
        last = first + len(rows) - 1
        ids = pl.int_range(first, last + 1, dtype=pl.Int64, eager=True)
        bulk.insert(connection, EVENTS, rows.with_columns(id=ids, import_id=pl.lit(number, pl.Int64)))
        put(connection, NEXT_EVENT, str(last + 1))
        if len(rows) >= segments.FEWEST:
            self._segments.take_tail(connection, first - 1, schema, fewest=1)
            self._segments.add(connection, first, last, rows)

    def _set_aside(self, connection: sa.Connection, number: int, quarantine: pl.DataFrame) -> None:
        if quarantine.is_empty():
            return
        content = quarantine.drop("file", "row", "reason").rows(named=True)
        rows = quarantine.select(
            pl.lit(number, pl.Int64).alias("import_id"),
            pl.col("file").cast(pl.String),
            pl.col("row").cast(pl.Int64),
            pl.col("reason").cast(pl.String),
            pl.Series("content", [json.dumps(row, default=str, ensure_ascii=False) for row in content]),
        )
        bulk.insert(connection, QUARANTINE, rows)

    @contextmanager
    def changing(self) -> Iterator[sa.Connection]:
        """Return a connection to write on; segments that were replaced, or of a transaction that failed, go after."""
        with self._database.writing() as connection:
            yield connection
            unnamed = self._segments.unnamed(connection)
        for file in unnamed:
            with suppress(OSError):
                file.unlink()


def _last(connection: sa.Connection) -> int:
    """Return the number that the newest event was given."""
    return int(get(connection, NEXT_EVENT) or 1) - 1
