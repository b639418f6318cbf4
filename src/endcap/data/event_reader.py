"""Events piece by piece: what is decided once for a whole source, and what is done to every batch of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import polars as pl

from endcap.data.checking import Faults, check, check_ratings, check_repeats
from endcap.data.columns import NO_COLUMN, OPTIONS, recognise
from endcap.data.event_names import canonical_event, canonical_events
from endcap.data.events import Events
from endcap.data.quarantine import Quarantine
from endcap.data.schema import (
    ANONYMOUS,
    EVENT,
    EVENT_COLUMNS,
    EVENT_ID,
    ITEM,
    PRICE,
    QUANTITY,
    RATING,
    SESSION,
    TIME,
    TRANSACTION,
    USER,
)
from endcap.data.sources import PLAIN, REASON, ROW, Source, open_sources
from endcap.data.values import SCIENTIFIC, SPREADSHEET, as_ids, as_numbers, as_times
from endcap.errors import DataError

BATCH_ROWS: Final = 1_000_000
"""Rows in memory at once: some 200 MB as text, and enough that what is done once a batch costs nothing."""
_IDS: Final = (USER, ITEM, SESSION, TRANSACTION, EVENT_ID, ANONYMOUS)


class IdsAreTextError(Exception):
    """Ids that were all numbers so far turn out to be text: `EventReader.batches` is to be called again."""


class EventReader:
    """Reads a source in batches; `endcap.read_events` says what the options mean.

    Columns are recognised when it is made. Ids that are numbers in all of a text file become numbers, so where a late
    batch holds others, `batches` raises IdsAreTextError; called again it reads them as text. How times are written is
    decided by the first batch, or by all rows where that doesn't tell.
    """

    def __init__(
        self,
        source: Any,
        given: Mapping[str, str | None],
        *,
        default_event: str | None = None,
        rating_scale: tuple[float, float] | None = None,
        time_format: str | None = None,
        separator: str | None = None,
        format: str | None = None,
        query: str | None = None,
        deduplicate: bool = False,
        now: datetime | None = None,
    ) -> None:
        self.sources = _open(source, separator, format, query, given)
        first = self.sources[0]
        self._columns = recognise(first.columns, given, first.name)
        if deduplicate and EVENT_ID not in self._columns:
            raise DataError(
                f"{first.name}: deduplicate needs a column of event ids, and none is recognised; name it with "
                'event_id="..." (--event-id on the command line)'
            )
        for one in self.sources:
            for name in self._columns.values():
                if name not in one.columns:
                    raise DataError(f"{one.name} has no column {name!r}, which {first.name} has")
        self.mapping = {column: first.origins.get(own, own) for column, own in self._columns.items()}
        self._event = canonical_event(default_event or ("rate" if RATING in self._columns else "purchase"))
        self._scale_given, self._time_given = rating_scale, time_format
        self._deduplicate = deduplicate
        moment = now or datetime.now(UTC)
        self._now = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        self.is_text_file = first.format == "csv"
        self.text_ids: set[str] = set()
        """Columns of ids that are text even where all of them look like numbers."""

    def batches(self, rows: int | None = BATCH_ROWS) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
        """Read all rows, from the first on; yield the good ones, and for each the number of its file.

        Parameters
        ----------
        rows
            About how many are read at once; None is all.
        """
        self._number_ids: set[str] = set()
        self._time_format, self._scale = self._time_given, self._scale_given
        self._unknown: Counter[str] = Counter()
        self._notices: dict[str, None] = {}
        self._quarantine = Quarantine(self.sources, self.mapping)
        self._good = 0
        if rows is not None and RATING in self._columns and self._scale is None:
            self._scale = self._rating_scale()
        any_rows = False
        for raw, made, file, row in self._read(rows):
            any_rows = True
            good, file_of_good = self._check(raw, made, file, row, whole=rows is None)
            self._good += len(good)
            yield good, file_of_good
        if not any_rows:
            first = self.sources[0]
            what = "a header, but no rows" if first.format == "csv" else "no rows"
            raise DataError(f"{first.name} has {what}" + (" about products" if first.export else ""))

    def finish(self) -> Events:
        """Return what there is to say of all batches, and the rows set aside; its frame is empty.

        Raises
        ------
        DataError
            Where one reason sets aside more than half of the rows, or none is left.
        """
        quarantine = self._quarantine.finish(self._good)
        return Events(
            frame=pl.DataFrame(),
            quarantine=quarantine,
            mapping=self.mapping,
            sources=tuple(one.name for one in self.sources),
            rows_read=self._good + len(quarantine),
            unknown_events=dict(self._unknown),
            rating_scale=self._scale,
            notices=(*(text for one in self.sources for text in one.notices), *self._notices),
        )

    def _read(self, rows: int | None) -> Iterator[tuple[pl.DataFrame, pl.DataFrame | None, pl.Series, pl.Series]]:
        """Yield rows under canonical names, ROW and REASON of exports, and the file and row where each stands."""
        wanted = list(dict.fromkeys(self._columns.values()))
        parts: list[pl.DataFrame] = []
        held = 0
        for number, one in enumerate(self.sources):
            at = 0
            for frame in [one.read(wanted)] if rows is None else one.batches(wanted, rows):
                if frame.is_empty():
                    continue
                hidden = [name for name in (ROW, REASON) if name in frame.columns]
                place = [
                    pl.lit(number, pl.UInt32).alias(_FILE),
                    pl.int_range(at, at + pl.len(), dtype=pl.Int64).alias(_AT),
                ]
                parts.append(frame.select(*(pl.col(own).alias(c) for c, own in self._columns.items()), *hidden, *place))
                at += len(frame)
                held += len(frame)
                if rows is not None and held >= rows:
                    yield self._joined(parts)
                    parts, held = [], 0
        if parts:
            yield self._joined(parts)

    def _joined(self, parts: list[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame | None, pl.Series, pl.Series]:
        try:
            frame = parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal_relaxed", rechunk=True)
        except pl.exceptions.PolarsError as error:
            raise DataError(f"the sources' columns hold different types of values: {error}") from None
        made = frame.select(name for name in (ROW, REASON) if name in frame.columns)
        row = frame[_AT] if made.is_empty() else made[ROW]
        return frame.select(*self._columns), made if made.width else None, frame[_FILE], row

    def _check(
        self, raw: pl.DataFrame, made: pl.DataFrame | None, file: pl.Series, row: pl.Series, *, whole: bool
    ) -> tuple[pl.DataFrame, pl.Series]:
        """Return the good rows and their files; the others go to the quarantine."""
        try:
            clean = self._understand(raw, whole=whole)
        except DataError as error:
            raise DataError(f"{self._named()}: {error}") from None
        faults = Faults(len(clean))
        if made is not None and REASON in made.columns:
            for reason in made[REASON].drop_nulls().unique(maintain_order=True):
                faults.add(made[REASON] == reason, reason)
        check(raw, clean, faults, self._now)
        if RATING in clean.columns:
            self._scale = check_ratings(clean[RATING], faults, self._scale)
        if self._deduplicate:
            check_repeats(clean[EVENT_ID], faults)
        which = faults.which
        if which is None:
            return clean, file
        at = (which != 0).arg_true()
        reasons = pl.Series("reason", faults.reasons).gather(which.gather(at).cast(pl.UInt32) - 1)
        self._quarantine.add(raw[at], file[at], row[at], reasons, known_columns=made is not None)
        return clean.filter(which == 0), file.filter(which == 0)

    def _understand(self, raw: pl.DataFrame, *, whole: bool) -> pl.DataFrame:
        """Return the columns as ids, names, numbers and times."""
        decimal_comma = self.is_text_file and self.sources[0].separator == ";"
        columns: dict[str, pl.Series] = {}
        for name, series in zip(raw.columns, raw.get_columns(), strict=True):
            column = series.alias(self.mapping[name])  # messages name the source's column
            if name == EVENT:
                column, unknown = canonical_events(column)
                self._unknown.update(unknown)
            elif name == TIME:
                column = self._times(column, whole=whole)
            elif name in (QUANTITY, PRICE, RATING):
                column = as_numbers(column, decimal_comma, partial(self._note_number, column.name))
            else:
                column = self._ids(column, name)
            columns[name] = column.alias(name)
        if EVENT not in columns:
            columns[EVENT] = pl.Series(EVENT, [self._event], pl.String).new_from_index(0, len(raw))
        if ANONYMOUS in columns:
            user, anonymous = columns[USER], columns[ANONYMOUS]
            if (user.dtype == pl.String) != (anonymous.dtype == pl.String):
                for name in (USER, ANONYMOUS):  # ids of one kind of thing: all text or all numbers
                    columns[name] = as_ids(raw[name], False).cast(pl.String)
                    self._turns_text(name)
                user, anonymous = columns[USER], columns[ANONYMOUS]
            columns[USER] = user.to_frame().select(pl.coalesce(user, anonymous).alias(USER)).to_series()
        return pl.DataFrame([columns[name] for name in EVENT_COLUMNS if name in columns])

    def _named(self) -> str:
        more = len(self.sources) - 1
        return self.sources[0].name + (f" (and {more} more)" if more else "")

    def _ids(self, column: pl.Series, name: str) -> pl.Series:
        if name in self.text_ids:
            return as_ids(column, False).cast(pl.String)
        ids = as_ids(column, self.is_text_file)
        if name not in (USER, ITEM) and ids.null_count() > column.null_count():
            self._note_rounded(column)
        if ids.dtype == pl.String:
            self._turns_text(name)
        elif ids.null_count() < len(ids):
            self._number_ids.add(name)
        return ids

    def _note_number(self, column: str, written: str, number: float) -> None:
        if not any(note.startswith(f"{column}: numbers") for note in self._notices):
            self._notices[f"{column}: numbers such as {written!r} were read as {number:.10g}"] = None

    def _note_rounded(self, column: pl.Series) -> None:
        if column.dtype != pl.String:
            return
        rounded = column.filter(column.str.contains(SCIENTIFIC).fill_null(False))
        if len(rounded):
            note = f"{column.name}: ids such as {rounded[0]!r} are rounded, as spreadsheets do, and were left out"
            if not any(one.startswith(f"{column.name}: ids") for one in self._notices):
                self._notices[note] = None

    def _turns_text(self, name: str) -> None:
        self.text_ids.add(name)
        if name in self._number_ids and self._good + len(self._quarantine):
            raise IdsAreTextError(name)

    def _times(self, column: pl.Series, *, whole: bool) -> pl.Series:
        try:
            times, how = as_times(column, self._time_format)
        except DataError:
            if whole or self._time_format is not None:
                raise
            _, how = as_times(self._whole(TIME).unique(maintain_order=True).alias(column.name))
            times, _ = as_times(column, how)
        if how == SPREADSHEET:
            self._notices[f"{column.name}: numbers were read as a spreadsheet's days, since 1899-12-30"] = None
        if how not in ("times", "dates", "nothing"):
            self._time_format = how
        return times

    def _rating_scale(self) -> tuple[float, float] | None:
        comma = self.is_text_file and self.sources[0].separator == ";"
        ratings = as_numbers(self._whole(RATING), comma)
        return check_ratings(ratings, Faults(len(ratings)), None)

    def _whole(self, column: str) -> pl.Series:
        """Return all of one column."""
        own = self._columns[column]
        return pl.concat([one.read([own]).select(own) for one in self.sources], how="vertical_relaxed").to_series()


_FILE: Final = "__file"
_AT: Final = "__at"


def _open(
    source: Any, separator: str | None, format: str | None, query: str | None, given: Mapping[str, str | None]
) -> list[Source]:
    """Open the source; who names its columns wants it read as it is."""
    named = [f"{OPTIONS[column]}={own!r}" for column, own in given.items() if own not in (None, NO_COLUMN)]
    if named and format not in (None, PLAIN):
        raise DataError(f'the format {format!r} knows its columns; leave out {", ".join(named)}, or format="{format}"')
    return open_sources(source, separator, format=PLAIN if named else format, query=query)
