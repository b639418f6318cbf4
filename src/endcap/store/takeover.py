"""What a shop of an earlier version kept as Parquet files goes into the store, once."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from endcap.data.events import Events
from endcap.errors import ShopError
from endcap.store.catalogue import Catalogue
from endcap.store.event_store import EventStore


def take_over(folder: Path, events: EventStore, catalogue: Catalogue) -> None:
    """Store the events of `events/*.parquet` and the products of `items.parquet`, then remove those files.

    Every row is taken, as it was before. Stopped at any moment, it goes on at the next use: all events are one import,
    whose fingerprint says that it was done.

    Raises
    ------
    ShopError
        Where one of the files is damaged; nothing is changed then.
    """
    files = sorted((folder / "events").glob("*.parquet"))
    items = folder / "items.parquet"
    try:
        if files:
            fingerprint = f"files of an earlier version: {files[-1].name}"
            if events.find(fingerprint) is None:
                whole = pl.concat([pl.scan_parquet(file) for file in files], how="diagonal_relaxed").collect()
                summary = Events(whole.clear(), rows_read=len(whole))
                batches = ((part, 0) for part in whole.iter_slices(1_000_000))
                events.add(
                    batches, lambda: summary, source="events/*.parquet", fingerprint=fingerprint, keep_repeats=True
                )
            shutil.rmtree(folder / "events")
        if items.is_file():
            catalogue.add_items(pl.read_parquet(items), source="items.parquet")
            items.unlink()
    except pl.exceptions.PolarsError as error:
        raise ShopError(f"the event files of an earlier version in {folder} are damaged: {error}") from error
