"""The exports of shop systems: recognised by their columns, and read in the canonical ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from typing import Final, Literal

import polars as pl

from endcap.data.sources.base import REASON, ROW, Source
from endcap.errors import DataError

What = Literal["events", "items", "users"]

FORMATS: Final[dict[str, str]] = {
    "merchant": "endcap.data.sources.merchant",
    "movielens": "endcap.data.sources.movielens",
    "ga4": "endcap.data.sources.ga4",
    "segment": "endcap.data.sources.segment",
    "shopify": "endcap.data.sources.shopify",
    "woocommerce": "endcap.data.sources.woocommerce",
    "online-retail": "endcap.data.sources.online_retail",
    "personalize": "endcap.data.sources.personalize",
}
"""The module of every export; each has a tuple `EXPORTS`."""

PLAIN: Final = "plain"


@dataclass(frozen=True)
class Export:
    """How one export is recognised, and what becomes of it."""

    what: What
    title: str
    """What people call it, for messages."""
    signature: frozenset[str]
    """Columns that no other source has all of."""
    translate: Callable[[pl.DataFrame], pl.DataFrame]
    """From the source's own columns, and ROW, to the canonical ones with ROW and, where a row shall be set aside,
    REASON. Columns of `origins` that the source lacks are there, and null."""
    origins: Mapping[str, str]
    """Where every canonical column comes from: "a or b" is the first of two that is known, "a.b" a field of a nested
    column."""
    reads: tuple[str, ...] = ()
    """Columns that are read besides those of `origins`, as far as they are there."""
    without: frozenset[str] = field(default_factory=frozenset)
    """Columns that it never has."""
    attributes: bool = False
    """Whether the other columns are kept, under their own names."""

    def matches(self, columns: Sequence[str]) -> bool:
        """Return whether a source with these columns is such an export."""
        return self.signature <= set(columns) and not self.without & set(columns)


@cache
def exports(name: str) -> tuple[Export, ...]:
    """Return the exports of one system."""
    found: tuple[Export, ...] = import_module(FORMATS[name]).EXPORTS
    return found


def translate(source: Source, what: What, name: str | None) -> Source:
    """Return the source as it is read: in canonical columns where it is an export, else as it is.

    Raises
    ------
    DataError
        Where `name` is no export, or the source isn't that export.
    """
    if name == PLAIN:
        return source
    if name is not None and name not in FORMATS:
        raise DataError(f"there is no format {name!r}; there are {', '.join([*FORMATS, PLAIN])}")
    for one in FORMATS if name is None else (name,):
        for export in exports(one):
            if export.what == what and export.matches(source.columns):
                return _translated(source, export, one)
    if name is None:
        return source
    wanted = [export for export in exports(name) if export.what == what]
    if not wanted:
        raise DataError(f"the format {name!r} holds no {what}")
    near = max(wanted, key=lambda export: len(export.signature & set(source.columns)))
    missing = ", ".join(repr(column) for column in sorted(near.signature - set(source.columns)))
    raise DataError(
        f"{source.name} is no {near.title}: it has no {missing}"
        if missing
        else f"{source.name} is no {near.title}: it has {', '.join(map(repr, near.without & set(source.columns)))}"
    )


def _translated(source: Source, export: Export, name: str) -> Source:
    asked = list(dict.fromkeys([*(own for origin in export.origins.values() for own in _own(origin)), *export.reads]))
    there = [column for column in asked if column in source.columns]
    others = [column for column in source.columns if column and column not in there] if export.attributes else []
    origins = {column: origin for column, origin in export.origins.items() if set(_own(origin)) & set(there)}

    def read(names: Sequence[str]) -> pl.DataFrame:
        frame = source.read([*there, *others]).with_row_index(ROW).with_columns(pl.col(ROW).cast(pl.Int64))
        frame = frame.with_columns(pl.lit(None, pl.String).alias(column) for column in asked if column not in there)
        made = export.translate(frame)
        hidden = [column for column in (ROW, REASON) if column in made.columns]
        return made.select(*names, *(column for column in hidden if column not in names))

    columns = (*origins, *(column for column in others if column not in origins))
    return replace(source, columns=columns, read=read, scan=None, origins=origins, export=name)


def _own(origin: str) -> list[str]:
    """Return the source's columns that an origin names."""
    return [column.partition(".")[0] for column in origin.split(" or ")]
