"""Which rows of an import are new.

An event with an `event_id` is known where that id is. Any other is the row itself: a file may hold the same row
several times, which may be several purchases, so of a row that the store holds m times and the file n times, n - m are
new. Rows are compared by 128 bits of hash, made afresh from the stored columns for every import and stored nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import polars as pl

from endcap.data.schema import EVENT_ID, TIME

StoredRows = Callable[[pl.Expr | None], Iterable[pl.DataFrame]]
_HASH: Final = ["h1", "h2"]


class Repeats:
    """What the store holds already of the rows of one import.

    Parameters
    ----------
    stored
        Reads what was stored before the import, in parts, restricted by a condition.
    known_ids
        Returns those of some event ids that are stored, this import's earlier batches included.
    schema
        The types of all columns.
    """

    def __init__(
        self,
        stored: StoredRows,
        known_ids: Callable[[pl.Series], pl.Series],
        schema: dict[str, pl.DataType],
    ) -> None:
        self._stored = stored
        self._known_ids = known_ids
        self._schema = {name: dtype for name, dtype in schema.items() if name != EVENT_ID}
        self._counts = _counts(pl.DataFrame(schema=dict.fromkeys(_HASH, pl.UInt64)))
        self._range: tuple[int, int] | None = None
        self._untimed = False
        self._file: int | None = None

    def new(self, frame: pl.DataFrame, file: int, *, remember: bool) -> pl.DataFrame:
        """Return the rows of a batch that are new, in order.

        Parameters
        ----------
        frame
            Rows of one file.
        file
            Its number: rows are counted anew in each.
        remember
            Whether another file follows, which may hold the same rows.
        """
        if file != self._file:
            self._file = file
            self._counts = self._counts.with_columns(left="stored")
        is_new = pl.repeat(True, len(frame), dtype=pl.Boolean, eager=True)
        has_id = frame[EVENT_ID].is_not_null() if EVENT_ID in frame.columns else None
        if has_id is not None and has_id.any():
            ids = frame[EVENT_ID]
            known = self._known_ids(ids.filter(has_id).unique())
            is_new = ~has_id | (ids.is_first_distinct() & ~ids.is_in(known.implode()).fill_null(False))
        self._load(frame)
        if self._counts.is_empty() and not remember:
            return frame.filter(is_new)
        hashes = self._hash(frame).with_row_index("row")
        if has_id is not None:
            hashes = hashes.filter(~has_id)
        occurrence = pl.int_range(pl.len(), dtype=pl.UInt32).over(_HASH)
        found = hashes.join(self._counts, on=_HASH, how="inner").with_columns(occurrence=occurrence)
        found = found.filter(pl.col("occurrence") < pl.col("left"))
        if len(found):
            is_new = is_new.scatter(found["row"], False)
            used = found.group_by(_HASH).agg(used=pl.len())
            self._counts = (
                self._counts.join(used, on=_HASH, how="left")
                .with_columns(left=pl.col("left") - pl.col("used").fill_null(0))
                .drop("used")
            )
        if remember:
            added = hashes.filter(is_new.gather(hashes["row"])).select(_HASH)
            self._add(_counts(added).with_columns(left=pl.lit(0, pl.UInt32)))
        return frame.filter(is_new)

    def _load(self, frame: pl.DataFrame) -> None:
        """Read the stored rows that could equal one of these: those of the same stretch of time."""
        times = frame[TIME].cast(pl.Int64) if TIME in frame.columns else None
        if not self._untimed and (times is None or times.null_count()):
            self._untimed = True
            self._read(pl.col(TIME).is_null())
        if times is None or times.null_count() == len(times):
            return
        low, high = int(times.min()), int(times.max())  # type: ignore[arg-type]
        time = pl.col(TIME).cast(pl.Int64)
        if self._range is None:
            self._read(time.is_between(low, high))
            self._range = (low, high)
            return
        first, last = self._range
        if low < first:
            self._read((time >= low) & (time < first))
        if high > last:
            self._read((time > last) & (time <= high))
        self._range = (min(low, first), max(high, last))

    def _read(self, where: pl.Expr) -> None:
        for part in self._stored(where):
            rows = part.filter(pl.col(EVENT_ID).is_null()) if EVENT_ID in part.columns else part
            if len(rows):
                self._add(_counts(self._hash(rows)))

    def _add(self, counts: pl.DataFrame) -> None:
        both = pl.concat([self._counts, counts])
        self._counts = both.group_by(_HASH).agg(pl.col("stored").sum(), pl.col("left").sum())

    def _hash(self, frame: pl.DataFrame) -> pl.DataFrame:
        missing = [pl.lit(None, dtype).alias(n) for n, dtype in self._schema.items() if n not in frame.columns]
        whole = frame.with_columns(missing).select(*self._schema)
        return pl.DataFrame({"h1": whole.hash_rows(1), "h2": whole.hash_rows(2)})


def _counts(hashes: pl.DataFrame) -> pl.DataFrame:
    """Return how often each row is stored, and how many of those no row of the file was matched with yet."""
    return hashes.group_by(_HASH).agg(stored=pl.len()).with_columns(left="stored")
