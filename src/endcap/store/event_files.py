"""A shop's events as Parquet files: one for each import, never changed afterwards."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import polars as pl

from endcap.data.events import Events
from endcap.data.schema import EVENT_COLUMNS
from endcap.errors import DataError, ShopError
from endcap.files import write_whole


class EventFiles:
    """All events of a shop, in a folder.

    An import's file is named after its content, so that importing the same rows of the same file again changes
    nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> list[Path]:
        """Return the files, oldest import first."""
        return sorted(self.folder.glob("*.parquet"))

    def add(self, events: Events) -> bool:
        """Store the events of one import on disk; False where the very same were imported before.

        Raises
        ------
        DataError
            Where ids are text in one import and numbers in the other.
        StorageError
            Where they can't be written; nothing is stored then.
        """
        frame = events.frame.select([c for c in EVENT_COLUMNS if c in events.frame.columns])
        buffer = io.BytesIO()
        frame.write_parquet(buffer, statistics=True)
        content = buffer.getvalue()
        digest = hashlib.sha256(content).hexdigest()[:16]
        files = self.files()
        if any(file.stem.endswith(digest) for file in files):
            return False
        if files:
            self._check_same_ids(frame, files[0])
        write_whole(self.folder / f"{len(files) + 1:06}-{digest}.parquet", content)
        return True

    def read(self) -> Events:
        """Return all events.

        Raises
        ------
        ShopError
            Where nothing was imported yet.
        """
        files = self.files()
        if not files:
            raise ShopError(f"no events in {self.folder} yet; import some: endcap import orders.csv")
        frames = [pl.scan_parquet(file) for file in files]
        return Events(pl.concat(frames, how="diagonal_relaxed").collect())

    def _check_same_ids(self, frame: pl.DataFrame, first: Path) -> None:
        stored = pl.read_parquet_schema(first)
        for column in ("user_id", "item_id"):
            if (stored[column] == pl.String) != (frame.schema[column] == pl.String):
                kinds = ("text", "numbers") if stored[column] == pl.String else ("numbers", "text")
                raise DataError(
                    f"{column} is {kinds[0]} in the events imported before, but {kinds[1]} in this file; "
                    "import it into a shop of its own, or change the ids so that all are of one type"
                )
