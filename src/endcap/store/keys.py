"""Who may ask the server for what: keys with scopes, kept as digests; and what was done with the powerful ones."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from endcap.errors import ParameterError, UnknownIdError
from endcap.store.clock import now
from endcap.store.database import Database
from endcap.store.tables import API_KEYS, AUDIT

SCOPES: Final = ("events", "recommend", "admin")
"""`events`: send events and ask for recommendations' feedback, for browsers; `recommend`: ask for recommendations;
`admin`: all the rest, and the dashboard."""
_PREFIX: Final = "ec_"


@dataclass(frozen=True)
class Key:
    """A key, without its secret."""

    name: str
    scopes: frozenset[str]
    at: int
    """When it was made, microseconds since 1970."""


class Keys:
    """The keys of a store.

    A key is 32 random bytes, so its SHA-256 digest can't be turned back by trying, and needs no slow hash as a
    password would.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, scopes: tuple[str, ...]) -> str:
        """Make a key and return it: this once, for only its digest is kept.

        Raises
        ------
        ParameterError
            Where a scope isn't one, or the name is taken.
        """
        unknown = set(scopes) - set(SCOPES)
        if unknown or not scopes:
            raise ParameterError(f"scopes are {', '.join(SCOPES)}; not {', '.join(sorted(unknown)) or 'none'}")
        secret = _PREFIX + secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            if connection.execute(sa.select(API_KEYS.c.name).where(API_KEYS.c.name == name)).first() is not None:
                raise ParameterError(f"there is a key {name!r} already; revoke it, or take another name")
            row = {"name": name, "digest": digest(secret), "scopes": " ".join(sorted(scopes)), "at": now()}
            connection.execute(API_KEYS.insert(), [row])
        return secret

    def revoke(self, name: str) -> None:
        """Take a key away.

        Raises
        ------
        UnknownIdError
            Where there is none of this name.
        """
        with self._database.writing() as connection:
            if not connection.execute(API_KEYS.delete().where(API_KEYS.c.name == name)).rowcount:
                raise UnknownIdError(f"there is no key {name!r}")

    def all(self) -> dict[str, Key]:
        """Return all keys by their digests."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(API_KEYS).order_by(API_KEYS.c.at)).all()
        return {row.digest: Key(row.name, frozenset(row.scopes.split()), row.at) for row in rows}

    def note(self, who: str, action: str, what: str) -> None:
        """Write into the audit log."""
        with self._database.writing() as connection:
            connection.execute(AUDIT.insert(), [{"at": now(), "who": who, "action": action, "what": what}])

    def audit(self, most: int = 100) -> list[dict[str, Any]]:
        """Return the newest entries of the audit log, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.at.desc()).limit(most)).all()
        return [dict(row._mapping) for row in rows]


def digest(secret: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()
