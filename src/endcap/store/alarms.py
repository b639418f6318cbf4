"""How the monitors stand: kept, so that an alarm is told once, whoever looks and however often."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from endcap.store.clock import now
from endcap.store.database import Database
from endcap.store.meta import get, put
from endcap.store.tables import MONITORS

ALARM: Final = "alarm"
_TURN: Final = "monitoring until"


@dataclass(frozen=True)
class Standing:
    """How one monitor stands."""

    name: str
    state: str
    since: int
    """Since when, microseconds since 1970."""
    posted: str
    """What the webhook was told last: `alarm`, or empty."""
    reading: dict[str, Any]
    """What was found, as JSON can hold it."""

    @property
    def is_news(self) -> bool:
        """Whether an alarm began or ended that nobody was told of."""
        return (self.state == ALARM) != (self.posted == ALARM)


class Alarms:
    """The standings of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_turn(self, seconds: float) -> bool:
        """Return whether it is the caller's turn to look; for so long it is nobody else's."""
        if self._until() > now():
            return False
        with self._database.writing() as connection:
            if int(get(connection, _TURN) or 0) > now():
                return False
            put(connection, _TURN, str(now() + int(seconds * 1_000_000)))
        return True

    def keep_turn(self, seconds: float) -> None:
        """Stay the one whose turn it is for so long from now."""
        with self._database.writing() as connection:
            put(connection, _TURN, str(now() + int(seconds * 1_000_000)))

    def _until(self) -> int:
        with self._database.reading() as connection:
            return int(get(connection, _TURN) or 0)

    def keep(self, readings: Mapping[str, tuple[str, dict[str, Any]]]) -> None:
        """Keep what was found: by the monitor's name its state and the reading; those that aren't there any more go.

        A monitor that went off while in alarm stays until the webhook was told that the alarm ended.
        """
        with self._database.writing() as connection:
            known = {one.name: one for one in _read(connection)}
            for name, (state, reading) in readings.items():
                before = known.get(name)
                since = before.since if before is not None and before.state == state else now()
                values = {"state": state, "since": since, "reading": json.dumps(reading, ensure_ascii=False)}
                if before is None:
                    connection.execute(MONITORS.insert().values(name=name, posted="", **values))
                else:
                    connection.execute(MONITORS.update().where(MONITORS.c.name == name).values(**values))
            for gone in known.keys() - readings.keys():
                its = MONITORS.c.name == gone
                if known[gone].posted == ALARM:
                    connection.execute(MONITORS.update().where(its).values(state="off"))
                else:
                    connection.execute(MONITORS.delete().where(its))

    def posted(self, name: str, state: str) -> None:
        """Note that the webhook was told of a state."""
        told = ALARM if state == ALARM else ""
        with self._database.writing() as connection:
            connection.execute(MONITORS.update().where(MONITORS.c.name == name).values(posted=told))

    def all(self) -> list[Standing]:
        """Return how all monitors stand, by name."""
        with self._database.reading() as connection:
            return _read(connection)


def _read(connection: sa.Connection) -> list[Standing]:
    rows = connection.execute(sa.select(MONITORS).order_by(MONITORS.c.name)).all()
    return [Standing(row.name, row.state, row.since, row.posted, json.loads(row.reading)) for row in rows]
