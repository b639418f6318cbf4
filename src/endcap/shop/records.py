"""What a shop has: settings, events, catalogue and shoppers, in a folder and its store."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import polars as pl

from endcap.config import FILE_NAME, Config, add_rules
from endcap.data.columns import OPTIONS
from endcap.data.events import Events
from endcap.data.recipe import Rule, apply_recipe
from endcap.data.schema import ITEM
from endcap.errors import ShopError
from endcap.files import write_parquet, write_whole
from endcap.store.catalogue import Upsert
from endcap.store.event_store import Intake, by_file
from endcap.store.models import ModelRegistry
from endcap.store.store import Store

if TYPE_CHECKING:
    from endcap.doctor.diagnose import Diagnosis
    from endcap.store.shoppers import Receipt


@dataclass(frozen=True)
class Import:
    """What came of importing events."""

    summary: Events
    """What was read and what was set aside; its frame is empty, for the rows are in the store."""
    new: int
    """Rows that were not there before."""
    known: int
    """Rows that were there already, from an earlier import."""
    quarantine: Path | None = None
    """Where the rows that were set aside are, if there are any."""
    repeated: bool = False
    """Whether the very same files were imported before; then they were not read again."""


class Records:
    """A shop's folder: what is known of its shoppers and products.

    Raises
    ------
    ShopError
        Where the folder isn't a shop or its settings can't be read.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.config = Config.read(self.folder)
        self.models = ModelRegistry(self.folder / "models")
        self.set_aside: list[int] = []

    @classmethod
    def create(cls, folder: str | Path, config: Config) -> Self:
        """Make a shop in a folder, which may exist but not be a shop yet.

        Raises
        ------
        ShopError
            Where the folder is a shop already.
        """
        folder = Path(folder)
        if (folder / FILE_NAME).exists():
            raise ShopError(f"{folder} is a shop already; add events with: endcap import ORDERS --shop {folder}")
        config.write(folder)
        return cls(folder)

    @cached_property
    def store(self) -> Store:
        """Where events, products and shoppers are kept; opened when first used."""
        return Store(self.folder, self.config.store)

    def import_events(
        self, sources: Any, *, deduplicate: bool = False, format: str | None = None, query: str | None = None
    ) -> Import:
        """Read files of events, keep the good rows that are new, and set the others aside in the folder `quarantine`.

        Files are read in batches, so they may be larger than memory. All of it is kept, or nothing where this fails.
        """
        from endcap.data.event_reader import EventReader, IdsAreTextError
        from endcap.store.fingerprints import fingerprint

        given = self.config.columns.given()
        columns = {column: given.get(option) for column, option in OPTIONS.items()}
        reader = EventReader(sources, columns, deduplicate=deduplicate, format=format, query=query)
        mark = fingerprint(reader.sources, [sorted(given.items()), deduplicate, format])
        before = None if mark is None else self.store.events.find(mark)
        if before is not None:
            names = tuple(one.name for one in reader.sources)
            summary = Events(pl.DataFrame(), mapping=reader.mapping, sources=names, rows_read=before.rows)
            return Import(summary, 0, before.events, repeated=True)
        if reader.is_text_file:  # text knows no types: the shop's ids say what these are
            kinds = self.store.events.id_types()
            reader.text_ids |= {column for column, kind in kinds.items() if kind == pl.String}
        source = ", ".join(one.name for one in reader.sources)
        while True:
            with suppress(IdsAreTextError):
                batches = by_file(reader.batches())
                files = len(reader.sources)
                done = self.store.events.add(batches, reader.finish, source=source, files=files, fingerprint=mark)
                return self._imported(done)

    def add_events(self, events: Events) -> Import:
        """Keep events that were read already; those that are there from an earlier import stay as they are."""
        summary = replace(events, frame=events.frame.clear())
        done = self.store.events.add([(events.frame, 0)], lambda: summary, source=", ".join(events.sources))
        return self._imported(done)

    def _imported(self, done: Intake) -> Import:
        self._read_anew()
        quarantine = None
        if len(done.summary.quarantine):
            quarantine = self.folder / "quarantine" / f"import-{done.number:06}.csv"
            write_whole(quarantine, done.summary.quarantine.write_csv().encode())
        return Import(done.summary, done.new, done.known, quarantine)

    def import_items(self, source: Any, *, format: str | None = None, query: str | None = None) -> Upsert:
        """Read a catalogue: new products are added, known ones take the new values, the others stay."""
        from endcap.data.items import read_items

        items = source if isinstance(source, pl.DataFrame) else read_items(source, format=format, query=query)
        done = self.store.catalogue.add_items(items, source="" if items is source else str(source))
        self.read_catalogue_anew()
        return done

    def import_users(self, source: Any, *, format: str | None = None, query: str | None = None) -> Upsert:
        """Read what is known of shoppers: as `import_items` does for products."""
        from endcap.data.users import read_users

        users = source if isinstance(source, pl.DataFrame) else read_users(source, format=format, query=query)
        return self.store.catalogue.add_users(users, source="" if users is source else str(source))

    def import_offers(self, source: Any) -> int:
        """Read what products cost, and whether they were to be had, from when on; return how many rows were news."""
        from endcap.data.offers import read_offers

        return self.store.catalogue.add_offers(read_offers(source))

    def import_identities(self, source: Any) -> int:
        """Read a table of `anonymous_id, user_id`: visitors, and who they turned out to be; return how many were news.

        The visitors' history becomes the users'; the stored rows stay as they came in.
        """
        from endcap.data.users import read_identities

        news = self.store.shoppers.merge_all(read_identities(source))
        self._read_anew()
        return news

    def forget(self, user: str | int) -> Receipt:
        """Remove all that is stored of a shopper; models that were trained before are to be trained again."""
        receipt = self.store.shoppers.forget(user)
        self._read_anew()
        return receipt

    def _read_anew(self) -> None:
        for name in ("events", "_aliases"):
            self.__dict__.pop(name, None)

    def export(self, folder: str | Path) -> dict[str, int]:
        """Write all that the store holds as Parquet files that the imports read back; return the rows of each file."""
        tables = {
            "events": self.store.events.read_all(),
            "items": self.items,
            "offers": self.store.catalogue.offers(),
            "users": self.store.catalogue.users(),
            "identities": self.store.shoppers.identities(),
        }
        written = {}
        for name, table in tables.items():
            if table is not None and len(table):
                write_parquet(Path(folder) / f"{name}.parquet", table)
                written[f"{name}.parquet"] = len(table)
        return written

    @cached_property
    def events(self) -> Events:
        """All events of the shop, as training and reports use them: the one place where they are read.

        Visitors' ids are replaced by those of the users they turned out to be. What the rules under `[[clean]]` set
        aside isn't among them; `set_aside` counts it.
        """
        stored = self.store.events.read()
        merged = self.store.shoppers.merged(stored.frame)
        kept, self.set_aside = apply_recipe(merged, self.config.clean)
        return replace(stored, frame=kept)

    def diagnose(self) -> Diagnosis:
        """Return what is wrong with the events and the catalogue, and what they are good for."""
        from endcap.doctor.diagnose import diagnose

        return diagnose(self.events, self.items)

    def clean(self, rules: Sequence[Rule]) -> list[Rule]:
        """Add cleaning rules to `endcap.toml`, and return those that are new. Nothing is taken out of the store."""
        new = add_rules(self.folder, rules)
        self.config = Config.read(self.folder)
        self._read_anew()
        return new

    @cached_property
    def items(self) -> pl.DataFrame | None:
        """The products as they are now, or None."""
        return self.store.catalogue.items()

    def read_catalogue_anew(self) -> None:
        """Look for products that others wrote."""
        self.__dict__.pop("items", None)

    def titles(self, ids: pl.Series) -> dict[Any, str]:
        """Return the products' titles by id; ids without one are left out."""
        if self.items is None or "title" not in self.items.columns:
            return {}
        found = self.items.filter(pl.col(ITEM).is_in(ids.unique().implode()), pl.col("title").is_not_null())
        return dict(found.select(ITEM, "title").iter_rows())
