"""Small facts about a store, by name."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from endcap.store.tables import META

REMOVALS: Final = "removals"
"""How often products or shoppers were removed: who keeps a copy in memory reads it anew when it grows."""
CATALOGUE: Final = "catalogue"
"""When products were added or changed last, in microseconds since 1970."""
MERGES: Final = "merges"
"""How often visitors were merged into users."""
NEXT_EVENT: Final = "next event"
"""The number that the next event will have."""


def get(connection: sa.Connection, name: str) -> str | None:
    """Return a fact, None where it isn't there."""
    return connection.execute(sa.select(META.c.value).where(META.c.name == name)).scalar()


def put(connection: sa.Connection, name: str, value: str) -> None:
    """Set a fact."""
    if connection.execute(META.update().where(META.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(META.insert().values(name=name, value=value))


def count(connection: sa.Connection, name: str) -> None:
    """Add one to a fact that counts."""
    put(connection, name, str(int(get(connection, name) or 0) + 1))
