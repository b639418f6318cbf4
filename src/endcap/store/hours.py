"""What went on, hour by hour: small sums that are kept, so that nobody has to count a year's events again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from endcap.data.schema import EVENT, ITEM, TIME
from endcap.store import bulk
from endcap.store.clock import now
from endcap.store.database import Database
from endcap.store.meta import NEXT_EVENT, get, put
from endcap.store.tables import ANSWERS, EVENTS, FEEDBACK, HOURS, ITEMS

HOUR: Final = 3_600_000_000
"""Microseconds."""
_EVENTS_UNTIL: Final = "counted events"
_ANSWERS_UNTIL: Final = "counted answers"
_LATE: Final = 60_000_000  # microseconds: answers and feedback are on disk by then
_MOST: Final = 2_000_000  # events at a time
_ADD: Final = sa.text(
    "INSERT INTO hours (hour, name, kind, value) VALUES (:hour, :name, :kind, :value) "
    "ON CONFLICT (hour, name, kind) DO UPDATE SET value = hours.value + excluded.value"
)
Sum = dict[str, Any]


class Hours:
    """Sums by hour, of what came in over HTTP and of what was answered.

    | name | kind | counts |
    | --- | --- | --- |
    | `events` | the event's | events, in the hour in which they happened |
    | `named` | | of them those that came while there was a catalogue |
    | `unknown` | | of these those whose product the catalogue didn't have |
    | `answers`, `fallback`, `short`, `empty` | the surface | answers, and those that are so |
    | `impression`, `click` | the version of the model | feedback to its answers on the surfaces that begin with it |

    Imported events aren't counted: a file says nothing about whether shoppers are heard.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, personal: Sequence[str]) -> None:
        """Add what came in since the last call; whoever calls, and how many at a time, all is counted once.

        Parameters
        ----------
        personal
            The surfaces that begin with the shop's model.
        """
        while True:
            with self._database.reading() as connection:
                event, at = int(get(connection, _EVENTS_UNTIL) or 0), int(get(connection, _ANSWERS_UNTIL) or 0)
                newest = int(get(connection, NEXT_EVENT) or 1) - 1
                event_end, at_end = min(newest, event + _MOST), max(at, now() - _LATE)
                sums = [
                    *_events(connection, event, event_end),
                    *_answers(connection, at, at_end),
                    *_feedback(connection, at, at_end, personal),
                ]
            with self._database.writing() as connection:
                known = int(get(connection, _EVENTS_UNTIL) or 0), int(get(connection, _ANSWERS_UNTIL) or 0)
                if known == (event, at):  # else somebody else counted it meanwhile
                    if sums:
                        connection.execute(_ADD, sums)
                    put(connection, _EVENTS_UNTIL, str(event_end))
                    put(connection, _ANSWERS_UNTIL, str(at_end))
            if event_end >= newest:
                return

    def read(self, since: int, names: Sequence[str] = ()) -> pl.DataFrame:
        """Return the sums since a time in microseconds: `hour, name, kind, value`, oldest first."""
        types = {"hour": pl.Int64(), "name": pl.String(), "kind": pl.String(), "value": pl.Float64()}
        query = sa.select(*(HOURS.c[name] for name in types)).where(HOURS.c.hour >= since // HOUR)
        with self._database.reading() as connection:
            if names:
                query = query.where(bulk.is_one_of(connection, HOURS.c.name, list(names)))
            found = bulk.read(connection, query.order_by(HOURS.c.hour), types)
        return found.with_columns((pl.col("hour") * HOUR).cast(pl.Datetime("us")))


def _hour(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return column.op("/")(sa.literal_column(str(HOUR))).label("hour")  # of whole numbers: a whole number


def _events(connection: sa.Connection, after: int, until: int) -> list[Sum]:
    hour = _hour(EVENTS.c[TIME])
    missing = ~sa.exists().where(ITEMS.c[ITEM] == EVENTS.c[ITEM])
    has_catalogue = connection.execute(sa.select(ITEMS.c[ITEM]).limit(1)).first() is not None
    unknown = sa.func.sum(sa.case((missing, 1), else_=0)) if has_catalogue else sa.literal(0)
    query = (
        sa.select(hour, EVENTS.c[EVENT], sa.func.count(), unknown)
        .where(EVENTS.c.id > after, EVENTS.c.id <= until, EVENTS.c.import_id == 0, EVENTS.c[TIME].is_not(None))
        .group_by(hour, EVENTS.c[EVENT])
    )
    sums = []
    for at, event, count, lost in connection.execute(query):
        sums.append(_sum(at, "events", event, count))
        if has_catalogue:
            sums += [_sum(at, "named", "", count), _sum(at, "unknown", "", lost)]
    return _added_up(sums)


def _answers(connection: sa.Connection, since: int, until: int) -> list[Sum]:
    hour = _hour(ANSWERS.c.at)
    empty = sa.func.sum(sa.case((ANSWERS.c["items"] == "[]", 1), else_=0))
    query = (
        sa.select(
            hour,
            ANSWERS.c.surface,
            sa.func.count(),
            sa.func.sum(ANSWERS.c.fallback),
            sa.func.sum(sa.func.coalesce(ANSWERS.c.short, 0)),
            empty,
        )
        .where(ANSWERS.c.at >= since, ANSWERS.c.at < until)
        .group_by(hour, ANSWERS.c.surface)
    )
    names = ("answers", "fallback", "short", "empty")
    return [
        _sum(at, name, surface, value)
        for at, surface, *values in connection.execute(query)
        for name, value in zip(names, values, strict=True)
    ]


def _feedback(connection: sa.Connection, since: int, until: int, personal: Sequence[str]) -> list[Sum]:
    hour = _hour(FEEDBACK.c.at)
    query = (
        sa.select(hour, FEEDBACK.c[EVENT], ANSWERS.c.model, sa.func.count())
        .select_from(FEEDBACK.join(ANSWERS, FEEDBACK.c.recommendation_id == ANSWERS.c.recommendation_id))
        .where(FEEDBACK.c.at >= since, FEEDBACK.c.at < until)
        .where(FEEDBACK.c[EVENT].in_(["impression", "click"]), ANSWERS.c.surface.in_(list(personal)))
        .group_by(hour, FEEDBACK.c[EVENT], ANSWERS.c.model)
    )
    return [_sum(at, event, model, count) for at, event, model, count in connection.execute(query)]


def _sum(hour: int, name: str, kind: str, value: Any) -> Sum:
    return {"hour": int(hour), "name": name, "kind": kind, "value": float(value or 0)}


def _added_up(sums: list[Sum]) -> list[Sum]:
    """Return one sum for each hour, name and kind."""
    found: dict[tuple[int, str, str], float] = {}
    for one in sums:
        key = (one["hour"], one["name"], one["kind"])
        found[key] = found.get(key, 0.0) + one["value"]
    return [_sum(hour, name, kind, value) for (hour, name, kind), value in found.items()]
