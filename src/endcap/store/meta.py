"""Small facts about a store, by name."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from endcap.store.tables import META

REMOVALS: Final = "removals"
"""How much was removed so far, of products and shoppers: who keeps a copy in memory reads it anew when it grows."""


def get(connection: sa.Connection, name: str) -> str | None:
    """Return a fact, None where it isn't there."""
    return connection.execute(sa.select(META.c.value).where(META.c.name == name)).scalar()


def put(connection: sa.Connection, name: str, value: str) -> None:
    """Set a fact."""
    if connection.execute(META.update().where(META.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(META.insert().values(name=name, value=value))
