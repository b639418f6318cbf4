"""Who a shopper is: visitors' ids that turned out to be one user's, all that is stored of one, and forgetting it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from endcap.data.schema import ANONYMOUS, USER
from endcap.errors import DataError
from endcap.files import write_whole
from endcap.store import bulk
from endcap.store.clock import now
from endcap.store.database import Database
from endcap.store.event_store import EventStore
from endcap.store.ids import id_type, settle
from endcap.store.meta import MERGES, REMOVALS, count
from endcap.store.tables import ANSWERS, FEEDBACK, IDENTITIES, QUARANTINE, USERS

_LONGEST_CHAIN: Final = 8
"""How many times an id is followed to the next; real chains have one or two links, and a ring is left as it is."""

Id = str | int


@dataclass(frozen=True)
class Receipt:
    """What was removed when a shopper was forgotten."""

    ids: tuple[Id, ...]
    """The shopper's id, and the visitors' ids that were merged into it."""
    events: int
    attributes: int
    identities: int
    set_aside: int
    """Rows that reading had set aside."""
    answers: int
    """Recommendations that were given."""
    feedback: int
    """What the shopper did with them."""

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as plain values."""
        return asdict(self) | {"ids": list(self.ids)}


class Shoppers:
    """The shoppers of a store.

    Parameters
    ----------
    folder
        The shop's folder, where the files of rows set aside are.
    database
        Where identities and attributes are.
    events
        Of the same store.
    """

    def __init__(self, folder: Path, database: Database, events: EventStore) -> None:
        self._quarantine = folder / "quarantine"
        self._database = database
        self._events = events

    def merge(self, anonymous: Id, user: Id) -> bool:
        """Say that a visitor's id is a user's, as after a log-in; return whether that was news.

        The rows stay as they came in: `merged` applies it where events are read, history and all.

        Raises
        ------
        DataError
            Where the visitor is somebody else already, the two ids would lead to each other, or are of another type
            than the shop's.
        """
        return bool(self.merge_all(pl.DataFrame({ANONYMOUS: [anonymous], USER: [user]})))

    def merge_all(self, pairs: pl.DataFrame) -> int:
        """Merge a table of `anonymous_id, user_id`, all or none of it; return how many were news. Errors as `merge`."""
        with self._database.writing() as connection:
            for column in (USER, ANONYMOUS):
                settle(connection, USER, pairs.schema[column])
            known = _identities(connection)
            news = []
            for anonymous, user in pairs.select(ANONYMOUS, USER).unique(maintain_order=True).iter_rows():
                if known.get(anonymous, anonymous) == user:
                    continue
                if anonymous in known:
                    raise DataError(
                        f"{anonymous!r} was merged into {known[anonymous]!r} before, so it can't be merged into "
                        f"{user!r} as well; a device that several people use is better left apart"
                    )
                if _end(known, user) == anonymous:
                    raise DataError(f"{user!r} was merged into {anonymous!r} before; the other way round makes a ring")
                known[anonymous] = user
                news.append({ANONYMOUS: anonymous, USER: user, "at": now()})
            if news:
                connection.execute(IDENTITIES.insert(), news)
                count(connection, MERGES)
        return len(news)

    def identities(self) -> pl.DataFrame:
        """Return the merges that were asked for, oldest first: `anonymous_id, user_id, at`."""
        with self._database.reading() as connection:
            user = id_type(connection, USER) or pl.String()
            query = sa.select(IDENTITIES).order_by(IDENTITIES.c.at, IDENTITIES.c.anonymous_id)
            return bulk.read(connection, query, {ANONYMOUS: user, USER: user, "at": pl.Datetime("us")})

    def aliases(self, events: pl.DataFrame) -> pl.DataFrame:
        """Return whose each visitor's id is: `anonymous_id, user_id`.

        Those that were merged by hand come first; then those that events show: of a visitor's id that events have
        together with one user's id only. One with several is a device that people share, and stays apart.
        """
        pairs = self.identities().drop("at")
        if ANONYMOUS in events.columns:
            shown = events.lazy().filter(pl.col(USER) != pl.col(ANONYMOUS)).select(ANONYMOUS, USER).unique().collect()
            shown = shown.filter(pl.len().over(ANONYMOUS) == 1).join(pairs, on=ANONYMOUS, how="anti").sort(ANONYMOUS)
            pairs = pl.concat([pairs, shown.cast(pairs.schema)])
        return _followed(pairs)

    def merged(self, events: pl.DataFrame) -> pl.DataFrame:
        """Return events with each visitor's id replaced by the id of the user it turned out to be."""
        aliases = self.aliases(events)
        if aliases.is_empty():
            return events
        found = events.select(USER).join(
            aliases.rename({USER: "now"}), left_on=USER, right_on=ANONYMOUS, how="left", maintain_order="left"
        )
        return events.with_columns(found.select(pl.coalesce("now", USER).alias(USER)).to_series())

    def about(self, user: Id) -> dict[str, Any]:
        """Return all that is stored of a shopper: ids, attributes, events, and rows that were set aside.

        The values are those of Python; an unknown id gives empty lists.
        """
        events = self._events.read_all()
        ids = self._ids(user, events)
        with self._database.reading() as connection:
            found = connection.execute(sa.select(USERS.c.attributes).where(USERS.c.user_id.in_(ids))).scalars().all()
            set_aside = [row for row in connection.execute(sa.select(QUARANTINE)).all() if _mentions(row.content, ids)]
            texts = [str(one) for one in ids]
            answers, feedback = (
                [dict(row._mapping) for row in connection.execute(sa.select(table).where(table.c.user_id.in_(texts)))]
                for table in (ANSWERS, FEEDBACK)
            )
        attributes = {name: value for text in found for name, value in json.loads(text).items()}
        own = events.filter(_belongs(events, ids))
        return {
            "ids": list(ids),
            "attributes": attributes,
            "events": [{k: v for k, v in row.items() if v is not None} for row in own.iter_rows(named=True)],
            "set_aside": [{"file": row.file, "row": row.row, "content": json.loads(row.content)} for row in set_aside],
            "answers": answers,
            "feedback": feedback,
        }

    def forget(self, user: Id) -> Receipt:
        """Remove all that is stored of a shopper, and of the visitors merged into it, from rows, columns and files.

        Models that were trained before still hold the shopper's id: train again. Files that were imported from are the
        shop's own and stay as they are.

        Raises
        ------
        StorageError
            Where it can't be written; nothing is removed from the database then.
        """
        ids = self._ids(user, self._events.read_all())
        with self._events.changing() as connection:
            events = self._events.remove(connection, ids)
            attributes = connection.execute(USERS.delete().where(USERS.c.user_id.in_(ids))).rowcount
            either = IDENTITIES.c.user_id.in_(ids) | IDENTITIES.c.anonymous_id.in_(ids)
            identities = connection.execute(IDENTITIES.delete().where(either)).rowcount
            set_aside = 0
            for row in connection.execute(sa.select(QUARANTINE)).all():
                if _mentions(row.content, ids):
                    same = (QUARANTINE.c.import_id == row.import_id) & (QUARANTINE.c.content == row.content)
                    set_aside += connection.execute(QUARANTINE.delete().where(same)).rowcount
            texts = [str(one) for one in ids]
            answers = connection.execute(ANSWERS.delete().where(ANSWERS.c.user_id.in_(texts))).rowcount
            feedback = connection.execute(FEEDBACK.delete().where(FEEDBACK.c.user_id.in_(texts))).rowcount
            count(connection, REMOVALS)
        self._database.tidy()
        for file in self._quarantine.glob("*.csv"):
            rows = pl.read_csv(file, infer_schema=False)
            others = rows.filter(~pl.any_horizontal(pl.all().is_in([str(one) for one in ids])).fill_null(False))
            if len(others) < len(rows):
                write_whole(file, others.write_csv().encode())
        return Receipt(ids, events, attributes, identities, set_aside, answers, feedback)

    def _ids(self, user: Id, events: pl.DataFrame) -> tuple[Id, ...]:
        aliases = self.aliases(events)
        return (user, *aliases.filter(pl.col(USER) == user)[ANONYMOUS].sort())


def _identities(connection: sa.Connection) -> dict[Id, Id]:
    return {row.anonymous_id: row.user_id for row in connection.execute(sa.select(IDENTITIES)).all()}


def _end(known: dict[Id, Id], one: Id) -> Id:
    while one in known:
        one = known[one]
    return one


def _followed(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return each visitor's last id: that of the user whom its user was merged into, and so on."""
    steps = pairs.rename({ANONYMOUS: USER, USER: "next"})
    for _ in range(_LONGEST_CHAIN):
        pairs = pairs.join(steps, on=USER, how="left", maintain_order="left")
        if pairs["next"].null_count() == len(pairs):
            return pairs.drop("next")
        pairs = pairs.select(ANONYMOUS, pl.coalesce("next", USER).alias(USER))
    return pairs.join(steps, on=USER, how="anti")


def _belongs(events: pl.DataFrame, ids: tuple[Id, ...]) -> pl.Expr:
    columns = [column for column in (USER, ANONYMOUS) if column in events.columns]
    return pl.any_horizontal(pl.col(column).is_in(list(ids)) for column in columns).fill_null(False)


def _mentions(content: str, ids: tuple[Id, ...]) -> bool:
    wanted = {str(one) for one in ids}
    return any(str(value) in wanted for value in json.loads(content).values())
