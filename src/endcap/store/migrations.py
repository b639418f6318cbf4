"""How a store's tables came to be: small numbered steps; a store made by an earlier version takes those it lacks."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from endcap.data.schema import USER
from endcap.errors import ShopError
from endcap.store.meta import get

# An id's type is settled by the first import: SQLite's column without affinity takes either as it is, PostgreSQL's is
# altered while it is empty.
_TYPES: Final = {
    "sqlite": {"key": "INTEGER PRIMARY KEY", "id": "BLOB"},
    "postgresql": {"key": "BIGINT PRIMARY KEY", "id": "TEXT"},
}

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        "CREATE TABLE imports (id {key}, at BIGINT NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL, "
        "fingerprint TEXT, rows_read BIGINT NOT NULL, rows_new BIGINT NOT NULL, rows_known BIGINT NOT NULL, "
        "rows_set_aside BIGINT NOT NULL)",
        "CREATE TABLE events (id {key}, import_id BIGINT NOT NULL, user_id {id} NOT NULL, item_id {id} NOT NULL, "
        "event TEXT NOT NULL, timestamp BIGINT, quantity DOUBLE PRECISION, price DOUBLE PRECISION, "
        "rating DOUBLE PRECISION, session_id TEXT, transaction_id TEXT, event_id TEXT)",
        "CREATE UNIQUE INDEX events_event_id ON events (event_id) WHERE event_id IS NOT NULL",
        "CREATE TABLE segments (first {key}, last BIGINT NOT NULL, rows BIGINT NOT NULL, file TEXT NOT NULL)",
        "CREATE TABLE quarantine (import_id BIGINT NOT NULL, file TEXT NOT NULL, row BIGINT NOT NULL, "
        "reason TEXT NOT NULL, content TEXT NOT NULL)",
        "CREATE TABLE items (item_id {id} PRIMARY KEY, title TEXT, product_type TEXT, brand TEXT, "
        "price DOUBLE PRECISION, sale_price DOUBLE PRECISION, availability TEXT, link TEXT, image_link TEXT, "
        "item_group_id TEXT, attributes TEXT NOT NULL, updated BIGINT NOT NULL)",
        "CREATE TABLE offers (item_id {id} NOT NULL, at BIGINT NOT NULL, price DOUBLE PRECISION, "
        "sale_price DOUBLE PRECISION, availability TEXT)",
        "CREATE INDEX offers_item_id ON offers (item_id)",
        "CREATE TABLE users (user_id {id} PRIMARY KEY, attributes TEXT NOT NULL, updated BIGINT NOT NULL)",
    ),
    (  # visitors, and who they turned out to be
        "ALTER TABLE events ADD COLUMN anonymous_id {user}",
        "CREATE TABLE identities (anonymous_id {user} PRIMARY KEY, user_id {user} NOT NULL, at BIGINT NOT NULL)",
    ),
    (  # what was recommended, what came of it, who may ask; ids are text there, whatever they are in the shop
        "CREATE TABLE answers (recommendation_id TEXT PRIMARY KEY, at BIGINT NOT NULL, surface TEXT NOT NULL, "
        "model TEXT NOT NULL, variant TEXT, user_id TEXT, fallback INTEGER NOT NULL, request TEXT NOT NULL, "
        "items TEXT NOT NULL)",
        "CREATE INDEX answers_at ON answers (at)",
        "CREATE TABLE feedback (event_id TEXT PRIMARY KEY, at BIGINT NOT NULL, recommendation_id TEXT, "
        "event TEXT NOT NULL, user_id TEXT NOT NULL, item_id TEXT NOT NULL, quantity DOUBLE PRECISION, "
        "price DOUBLE PRECISION)",
        "CREATE INDEX feedback_at ON feedback (at)",
        "CREATE TABLE api_keys (name TEXT PRIMARY KEY, digest TEXT NOT NULL, scopes TEXT NOT NULL, at BIGINT NOT NULL)",
        "CREATE TABLE audit (at BIGINT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, what TEXT NOT NULL)",
    ),
    (  # which experiment an answer was part of
        "ALTER TABLE answers ADD COLUMN experiment TEXT",
        "CREATE INDEX answers_experiment ON answers (experiment, at) WHERE experiment IS NOT NULL",
        "CREATE INDEX feedback_recommendation_id ON feedback (recommendation_id) WHERE recommendation_id IS NOT NULL",
    ),
    (  # what went on by the hour, and how the monitors stand; short: fewer were shown than asked for
        "ALTER TABLE answers ADD COLUMN short INTEGER",
        "ALTER TABLE answers ADD COLUMN score DOUBLE PRECISION",
        "CREATE TABLE hours (hour BIGINT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, "
        "value DOUBLE PRECISION NOT NULL, PRIMARY KEY (hour, name, kind))",
        "CREATE TABLE monitors (name TEXT PRIMARY KEY, state TEXT NOT NULL, since BIGINT NOT NULL, "
        "posted TEXT NOT NULL, reading TEXT NOT NULL)",
    ),
)
"""Never change a step that was released: add one."""

_VERSION: Final = sa.table("schema_version", sa.column("number"))


def version(connection: sa.Connection) -> int:
    """Return how many steps a store has taken, 0 for a new one."""
    if not sa.inspect(connection).has_table("schema_version"):
        return 0
    return int(connection.execute(sa.select(sa.func.max(_VERSION.c.number))).scalar() or 0)


def check_version(taken: int, where: str) -> bool:
    """Return whether steps are lacking.

    Raises
    ------
    ShopError
        Where the store is of a newer version of Endcap.
    """
    if taken > len(MIGRATIONS):
        raise ShopError(
            f"{where} was written by a newer version of Endcap (its tables are of version {taken}, this one knows "
            f"{len(MIGRATIONS)}); update: pip install -U endcap"
        )
    return taken < len(MIGRATIONS)


def migrate(connection: sa.Connection, *, to: int = len(MIGRATIONS)) -> None:
    """Take the steps that a store lacks, within the caller's transaction."""
    types = dict(_TYPES[connection.dialect.name])
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS schema_version (number BIGINT NOT NULL)")
    for number in range(version(connection) + 1, to + 1):
        numbers = number > 1 and get(connection, USER) == "number"
        types["user"] = "BIGINT" if numbers and connection.dialect.name == "postgresql" else types["id"]
        for statement in MIGRATIONS[number - 1]:
            connection.exec_driver_sql(statement.format_map(types))
        connection.execute(_VERSION.insert().values(number=number))
