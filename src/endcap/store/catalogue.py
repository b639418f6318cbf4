"""A shop's products and shoppers: each known by its newest row, with the history of price and availability."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from endcap.data.offers import OFFER_COLUMNS
from endcap.data.schema import ITEM, USER
from endcap.store import bulk
from endcap.store.clock import now
from endcap.store.database import Database
from endcap.store.ids import id_type, settle
from endcap.store.meta import CATALOGUE, REMOVALS, count, put
from endcap.store.tables import IMPORTS, ITEM_COLUMNS, ITEMS, OFFERS, USERS

_ITEM_TYPES: Final[dict[str, Any]] = {
    name: pl.Float64() if name in ("price", "sale_price") else pl.String() for name in ITEM_COLUMNS
}
_TABLES: Final = {ITEM: ITEMS, USER: USERS}


@dataclass(frozen=True)
class Upsert:
    """What came of storing rows that are known by an id."""

    new: int
    """Rows whose id was not there before."""
    changed: int
    """Rows that differ from what was there."""


class Catalogue:
    """The products and shoppers of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def items(self) -> pl.DataFrame | None:
        """Return the products as they are now, None where there are none; columns that all lack are left out."""
        with self._database.reading() as connection:
            frame = _stored(connection, ITEM)
        return _spread(frame)

    def users(self) -> pl.DataFrame | None:
        """Return the shoppers' attributes, None where there are none."""
        with self._database.reading() as connection:
            frame = _stored(connection, USER)
        return _spread(frame)

    def offers(self) -> pl.DataFrame:
        """Return every price and availability that products had, oldest first: `item_id, at` and those columns."""
        with self._database.reading() as connection:
            return _offers(connection)

    def add_offers(self, offers: pl.DataFrame) -> int:
        """Store a history of offers, as `offers` returns it; return how many were not there before.

        Raises
        ------
        DataError
            Where ids are text in one import and numbers in another.
        """
        with self._database.writing() as connection:
            settle(connection, ITEM, offers.schema[ITEM])
            there = _offers(connection)
            missing = [pl.lit(None).alias(name) for name in there.columns if name not in offers.columns]
            given = offers.with_columns(missing).select(pl.col(n).cast(dtype) for n, dtype in there.schema.items())
            given = given.unique(maintain_order=True)
            new = given.join(there, on=there.columns, how="anti", nulls_equal=True, maintain_order="left")
            bulk.insert(connection, OFFERS, new)
        return len(new)

    def add_items(self, items: pl.DataFrame, *, source: str = "") -> Upsert:
        """Store products: new ones are added, known ones take the values given; all else stays.

        Raises
        ------
        DataError
            Where ids are text in one import and numbers in another.
        StorageError
            Where they can't be written; nothing is stored then.
        """
        return self._add(ITEM, items, _ITEM_TYPES, source)

    def add_users(self, users: pl.DataFrame, *, source: str = "") -> Upsert:
        """Store shoppers' attributes, as `add_items` does products."""
        return self._add(USER, users, {}, source)

    def changed(self, since: int) -> pl.DataFrame | None:
        """Return the products that were added or changed at a time (microseconds) or after, as `items` does."""
        with self._database.reading() as connection:
            frame = _stored(connection, ITEM, ITEMS.c.updated >= since)
        return _spread(frame)

    def remove_items(self, ids: list[str] | list[int]) -> int:
        """Remove products and the history of their offers; return how many there were."""
        with self._database.writing() as connection:
            for table in (ITEMS, OFFERS):
                one_of = bulk.is_one_of(connection, table.c.item_id, ids)
                gone = connection.execute(table.delete().where(one_of)).rowcount
                if table is ITEMS:
                    removed = gone
            count(connection, REMOVALS)
        return removed

    def _add(self, key: str, frame: pl.DataFrame, own: Mapping[str, Any], source: str) -> Upsert:
        table = _TABLES[key]
        with self._database.writing() as connection:
            dtype = settle(connection, key, frame.schema[key])
            given = frame.unique(key, keep="last", maintain_order=True).with_columns(pl.col(key).cast(dtype))
            old = _stored(connection, key)
            before = given.select(key).join(old, on=key, how="left", maintain_order="left")
            given = _folded(given, before, key, own)
            names = [name for name in given.columns if name != key]
            is_new = pl.Series(before["attributes"].is_null())
            same = pl.DataFrame([given[name].eq_missing(before[name]) for name in names]).select(
                pl.all_horizontal(pl.all())
            )
            changed = given.filter(~same.to_series() & ~is_new)
            moment = now()
            fresh = pl.concat([given.filter(is_new), changed]).with_columns(updated=pl.lit(moment, pl.Int64))
            if len(changed):
                one_of = bulk.is_one_of(connection, table.c[key], changed[key].to_list())
                connection.execute(table.delete().where(one_of))
            bulk.insert(connection, table, fresh)
            if key == ITEM:
                _note_offers(connection, fresh, moment)
                put(connection, CATALOGUE, str(moment))
            number = int(connection.execute(sa.select(sa.func.max(IMPORTS.c.id))).scalar() or 0) + 1
            done = Upsert(int(is_new.sum()), len(changed))
            connection.execute(
                IMPORTS.insert().values(
                    id=number,
                    at=moment,
                    kind="items" if key == ITEM else "users",
                    source=source,
                    rows_read=len(frame),
                    rows_new=done.new,
                    rows_known=len(frame) - done.new,
                    rows_set_aside=0,
                )
            )
        return done


def _note_offers(connection: sa.Connection, fresh: pl.DataFrame, moment: int) -> None:
    """Add to the history the offers that differ from the newest that is there."""
    if fresh.is_empty():
        return
    one_of = bulk.is_one_of(connection, OFFERS.c.item_id, fresh[ITEM].to_list())
    newest = _offers(connection, one_of).unique(ITEM, keep="last", maintain_order=True)
    before = fresh.select(ITEM).join(newest, on=ITEM, how="left", maintain_order="left")
    same = pl.DataFrame([fresh[name].eq_missing(before[name]) for name in OFFER_COLUMNS])
    offers = fresh.filter(~same.select(pl.all_horizontal(pl.all())).to_series())
    bulk.insert(connection, OFFERS, offers.select(ITEM, pl.lit(moment, pl.Int64).alias("at"), *OFFER_COLUMNS))


def _offers(connection: sa.Connection, where: sa.ColumnElement[bool] | None = None) -> pl.DataFrame:
    """Return the history of offers, oldest first."""
    types = {ITEM: id_type(connection, ITEM) or pl.String(), "at": pl.Datetime("us")}
    types |= {name: _ITEM_TYPES[name] for name in OFFER_COLUMNS}
    query = sa.select(OFFERS).order_by(OFFERS.c.at, OFFERS.c.item_id)
    return bulk.read(connection, query if where is None else query.where(where), types)


def _folded(frame: pl.DataFrame, before: pl.DataFrame, key: str, own: Mapping[str, Any]) -> pl.DataFrame:
    """Return the table's own columns, and every other one as an attribute in JSON; what isn't given stays as before."""
    columns = [frame[key]]
    for name, kind in own.items():
        columns.append(frame[name].cast(kind, strict=False) if name in frame.columns else before[name])
    others = frame.select(pl.exclude(key, *own))
    rows = others.rows(named=True) if others.columns else ({} for _ in range(len(frame)))
    attributes = [
        json.dumps(_known(json.loads(old or "{}") | row), default=str, ensure_ascii=False)
        for old, row in zip(before["attributes"], rows, strict=True)
    ]
    return pl.DataFrame([*columns, pl.Series("attributes", attributes, pl.String())])


def _known(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}


def _stored(connection: sa.Connection, key: str, where: sa.ColumnElement[bool] | None = None) -> pl.DataFrame:
    table = _TABLES[key]
    types: dict[str, Any] = {key: id_type(connection, key) or pl.String()}
    types |= (_ITEM_TYPES if key == ITEM else {}) | {"attributes": pl.String()}
    query = sa.select(*(table.c[n] for n in types)).order_by(table.c.updated, table.c[key])
    return bulk.read(connection, query if where is None else query.where(where), types)


def _spread(frame: pl.DataFrame) -> pl.DataFrame | None:
    """Return attributes as columns of their own; None where there is no row."""
    if frame.is_empty():
        return None
    texts = frame["attributes"]
    frame = frame.drop("attributes")
    if (texts != "{}").any():
        rows = [json.loads(text) for text in texts]
        names = list(dict.fromkeys(name for row in rows for name in row))
        values = [pl.Series(name, [row.get(name) for row in rows], strict=False) for name in names]
        frame = frame.with_columns(values)
    return frame.select(c for c in frame.get_columns() if c.null_count() < len(c))
