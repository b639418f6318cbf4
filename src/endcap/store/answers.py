"""What was recommended to whom, and what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from endcap.data.schema import EVENT, ITEM, PRICE, QUANTITY, USER
from endcap.store import bulk
from endcap.store.database import Database
from endcap.store.tables import ANSWERS, FEEDBACK

IMPRESSION: Final = "impression"
_AT: Final = pl.Datetime("us")
_ROW: Final = {
    "recommendation_id": pl.String, "at": pl.Int64, "surface": pl.String, "model": pl.String,
    "experiment": pl.String, "variant": pl.String, USER: pl.String, "fallback": pl.Int64, "request": pl.String,
    "items": pl.String, "short": pl.Int64, "score": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Given:
    """One answer that was given."""

    recommendation_id: str
    at: int
    surface: str
    model: str
    variant: str | None
    user: str | None
    fallback: bool
    request: dict[str, Any]
    """What was asked, as far as it can be asked again."""
    items: list[Any]
    """The products shown, best first."""
    experiment: str | None = None
    """The experiment that `variant` is of."""
    short: bool = False
    """Whether there are fewer of them than were asked for."""
    score: float | None = None
    """The best one's, where the shop's model scored it."""


@dataclass(frozen=True)
class Feedback:
    """What a shopper did with a product that may have been recommended."""

    event_id: str
    at: int
    recommendation_id: str | None
    event: str
    """`impression`, `click`, or the name of an event such as `purchase`."""
    user: str
    item: str
    quantity: float | None = None
    price: float | None = None


class Answers:
    """The answers and the feedback of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, answers: Sequence[Given]) -> None:
        """Store answers."""
        if not answers:
            return
        rows = pl.DataFrame(
            [
                (
                    one.recommendation_id, one.at, one.surface, one.model, one.experiment, one.variant, one.user,
                    int(one.fallback), json.dumps(one.request, ensure_ascii=False),
                    json.dumps(one.items, ensure_ascii=False), int(one.short), one.score,
                )
                for one in answers
            ],
            schema=_ROW,
            orient="row",
        )  # fmt: skip
        with self._database.writing() as connection:
            bulk.insert(connection, ANSWERS, rows)

    def add_feedback(self, feedback: Sequence[Feedback]) -> list[bool]:
        """Store feedback, and return which of it is new: what was sent before is known by its id."""
        with self._database.writing() as connection:
            ids = [one.event_id for one in feedback]
            one_of = bulk.is_one_of(connection, FEEDBACK.c.event_id, ids)
            known = set(connection.execute(sa.select(FEEDBACK.c.event_id).where(one_of)).scalars())
            fresh, rows = [], []
            for one in feedback:
                fresh.append(one.event_id not in known)
                if fresh[-1]:
                    known.add(one.event_id)
                    rows.append(
                        {
                            "event_id": one.event_id,
                            "at": one.at,
                            "recommendation_id": one.recommendation_id,
                            EVENT: one.event,
                            USER: one.user,
                            ITEM: one.item,
                            QUANTITY: one.quantity,
                            PRICE: one.price,
                        }
                    )
            if rows:
                connection.execute(FEEDBACK.insert(), rows)
        return fresh

    def find(self, recommendation_id: str) -> Given | None:
        """Return an answer that was given, None where there is none of this id."""
        with self._database.reading() as connection:
            query = sa.select(ANSWERS).where(ANSWERS.c.recommendation_id == recommendation_id)
            row = connection.execute(query).first()
        if row is None:
            return None
        return Given(
            row.recommendation_id, row.at, row.surface, row.model, row.variant, row.user_id, bool(row.fallback),
            json.loads(row.request), json.loads(row.items), row.experiment, bool(row.short), row.score,
        )  # fmt: skip

    def given(self, since: int = 0) -> pl.DataFrame:
        """Return the answers since a time in microseconds, oldest first, a row each; `items` is JSON."""
        types = {"recommendation_id": pl.String(), "at": _AT, "surface": pl.String(), "model": pl.String(),
                 "experiment": pl.String(), "variant": pl.String(), USER: pl.String(), "fallback": pl.Int64(),
                 "items": pl.String()}  # fmt: skip
        return self._read(ANSWERS, types, since)

    def shown(self, since: int = 0) -> pl.DataFrame:
        """Return the products of answers that shoppers saw since a time: `recommendation_id, item_id`.

        Of all feedback most by far are impressions: they are read by these two columns alone.
        """
        types = {"recommendation_id": pl.String(), ITEM: pl.String()}
        query = sa.select(*(FEEDBACK.c[name] for name in types)).where(
            FEEDBACK.c.at >= since, FEEDBACK.c.event == IMPRESSION, FEEDBACK.c.recommendation_id.is_not(None)
        )
        with self._database.reading() as connection:
            return bulk.read(connection, query, types)

    def sample(self, since: int, until: int, *, slices: int, each: int) -> pl.DataFrame:
        """Return some answers of a stretch of time: of each of so many equal slices the newest ones, so many at most.

        Columns `surface, model, score, items`; `items` is JSON.
        """
        types: dict[str, Any] = {
            "surface": pl.String(), "model": pl.String(), "score": pl.Float64(), "items": pl.String(),
        }  # fmt: skip
        step = max(1, (until - since) // slices)
        columns = [ANSWERS.c[name] for name in types]
        at = ANSWERS.c.at
        with self._database.reading() as connection:
            parts = [
                bulk.read(
                    connection,
                    sa.select(*columns).where(at >= start, at < start + step).order_by(at.desc()).limit(each),
                    types,
                )
                for start in range(since, since + slices * step, step)
            ]
        return pl.concat(parts)

    def feedback(self, since: int = 0, *, impressions: bool = True) -> pl.DataFrame:
        """Return the feedback since a time in microseconds, oldest first, a row each; impressions only if asked for."""
        types = {"event_id": pl.String(), "at": _AT, "recommendation_id": pl.String(), EVENT: pl.String(),
                 USER: pl.String(), ITEM: pl.String(), QUANTITY: pl.Float64(), PRICE: pl.Float64()}  # fmt: skip
        return self._read(FEEDBACK, types, since, *([] if impressions else [FEEDBACK.c.event != IMPRESSION]))

    def exposures(self, experiment: str, *, since: int = 0, others: str | None = None) -> pl.DataFrame:
        """Return when each shopper first saw each variant: `user_id, variant, at` (first) and `answers`.

        Parameters
        ----------
        experiment
            Its name.
        since
            Answers before this time, in microseconds, aren't looked at.
        others
            The variant that all other shoppers count for, from the experiment's first answer on; None: they don't.
        """
        own = ANSWERS.c.experiment == experiment
        variant: sa.ColumnElement[Any] = ANSWERS.c.variant
        types = {USER: pl.String(), "variant": pl.String(), "at": _AT, "answers": pl.Int64()}
        with self._database.reading() as connection:
            if others is not None:
                first = sa.select(sa.func.min(ANSWERS.c.at)).where(own, ANSWERS.c.at >= since)
                begun = connection.execute(first).scalar()
                if begun is None:
                    return pl.DataFrame(schema=types)
                since, variant, own = begun, sa.case((own, variant), else_=others), ANSWERS.c.at >= begun
            query = (
                sa.select(ANSWERS.c.user_id, variant.label("variant"), sa.func.min(ANSWERS.c.at), sa.func.count())
                .where(own, ANSWERS.c.at >= since, ANSWERS.c.user_id.is_not(None))
                .group_by(ANSWERS.c.user_id, variant)
            )
            return bulk.read(connection, query, types)

    def seen_on(self, surfaces: Sequence[str], since: int) -> pl.DataFrame:
        """Return who was answered since a time in microseconds: `user_id, at` (first); no surface named: on any."""
        query = (
            sa.select(ANSWERS.c.user_id, sa.func.min(ANSWERS.c.at))
            .where(ANSWERS.c.at >= since, ANSWERS.c.user_id.is_not(None))
            .group_by(ANSWERS.c.user_id)
        )
        with self._database.reading() as connection:
            if surfaces:
                query = query.where(bulk.is_one_of(connection, ANSWERS.c.surface, list(surfaces)))
            return bulk.read(connection, query, {USER: pl.String(), "at": _AT})

    def reactions(self, since: int = 0, *, experiment: str | None = None) -> pl.DataFrame:
        """Return what shoppers did with answers: `user_id, event, at` (first) and `count`, by shopper and event.

        `event` is "impression" or "click"; `count` counts a product of an answer once. With `experiment`, of its
        answers alone.
        """
        product = FEEDBACK.c.recommendation_id + sa.literal(" ") + FEEDBACK.c.item_id
        query = (
            sa.select(
                ANSWERS.c.user_id, FEEDBACK.c.event, sa.func.min(FEEDBACK.c.at), sa.func.count(sa.distinct(product))
            )
            .join_from(ANSWERS, FEEDBACK, ANSWERS.c.recommendation_id == FEEDBACK.c.recommendation_id)
            .where(
                ANSWERS.c.at >= since,
                ANSWERS.c.user_id.is_not(None),
                (FEEDBACK.c.event == "impression") | (FEEDBACK.c.event == "click"),
            )
            .group_by(ANSWERS.c.user_id, FEEDBACK.c.event)
        )
        if experiment is not None:
            query = query.where(ANSWERS.c.experiment == experiment)
        with self._database.reading() as connection:
            return bulk.read(connection, query, {USER: pl.String(), EVENT: pl.String(), "at": _AT, "count": pl.Int64()})

    def _read(
        self, table: sa.TableClause, types: dict[str, Any], since: int, *where: sa.ColumnElement[bool]
    ) -> pl.DataFrame:
        query = sa.select(*(table.c[name] for name in types)).where(table.c.at >= since, *where).order_by(table.c.at)
        with self._database.reading() as connection:
            return bulk.read(connection, query, types)

    def remove_before(self, at: int, *, at_once: int = 5_000) -> int:
        """Remove what is older than a time in microseconds; return how many rows.

        So many rows at once, each time as one change; as long as that took, others may write.
        """
        removed = 0
        for table, key in ((ANSWERS, ANSWERS.c.recommendation_id), (FEEDBACK, FEEDBACK.c.event_id)):
            old = sa.select(key).where(table.c.at < at).order_by(table.c.at).limit(at_once)
            while True:
                start = time.monotonic()
                with self._database.writing() as connection:
                    rows = connection.execute(table.delete().where(key.in_(old))).rowcount
                removed += rows
                if rows < at_once:
                    break
                time.sleep(time.monotonic() - start)
        return removed
