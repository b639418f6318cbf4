"""What the endpoints share: the live shop, the writers, and the answers of the last minutes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import polars as pl
from fastapi import Depends, Request

from endcap.data.schema import (
    ANONYMOUS,
    EVENT,
    EVENT_ID,
    ITEM,
    PRICE,
    QUANTITY,
    RATING,
    SESSION,
    TIME,
    TRANSACTION,
    USER,
)
from endcap.data.vocabulary import Id
from endcap.errors import EndcapError
from endcap.serve.checkup import Checkup
from endcap.serve.dashboard.background import Background
from endcap.serve.dashboard.today import last_weeks
from endcap.serve.intake import Intake
from endcap.serve.live import Live
from endcap.serve.metrics import Metrics
from endcap.serve.watching import watch
from endcap.store.answers import Feedback, Given
from endcap.store.keys import Key

log = logging.getLogger("endcap.serve")

_LOOK: Final = 0.25
"""Seconds between two looks for a new champion, and between two writes of the answers given."""
_ANSWERS_KEPT: Final = 10_000
_MOST_WAITING: Final = 200_000  # answers that can't be written: what is older is lost, with a line in the log
_KEYS_FOR: Final = 1.0  # seconds; so long a revoked key may still pass


@dataclass(frozen=True, slots=True)
class Row:
    """One event to be stored."""

    event_id: str
    event: str
    user: Id
    item: Id
    time: int
    anonymous: Id | None = None
    quantity: float | None = None
    price: float | None = None
    rating: float | None = None
    session: str | None = None
    transaction: str | None = None
    recommendation_id: str | None = None
    is_feedback: bool = False
    """Whether it only says what became of a recommendation."""


class Server:
    """One process's share of a server."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.intake: Intake[Row] = Intake(self._store)
        self.given: OrderedDict[str, Given] = OrderedDict()
        self._unwritten: list[Given] = []
        self._told = False
        self._keys: dict[str, Key] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.metrics = Metrics()
        self.surfaces = Background(lambda: last_weeks(live), keep=60)
        self.checkup = Checkup(live.shop.folder)

    # -- life ----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin what goes on beside the requests."""
        with contextlib.suppress(EndcapError):
            self.keys()  # so that they are known where the store goes away before the first request
        beside = (self._follow(), self._read_keys(), self._write_answers(), watch(self.live.shop))
        self._tasks = [asyncio.create_task(one) for one in beside]

    async def stop(self) -> None:
        """Write what is waiting, and end."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        with contextlib.suppress(EndcapError):
            await asyncio.to_thread(self._flush)
        await self.intake.close()
        self.live.close()

    async def _follow(self) -> None:
        """Put a newly promoted model in use, and find what new products are like."""
        while True:
            await asyncio.sleep(_LOOK)
            if self.live.new_champion() is not None:
                await asyncio.to_thread(self.live.load_champion)
            if self.live.lacks_kin:
                try:
                    await asyncio.to_thread(self.live.find_kin)
                except Exception:  # answers go on without, and a new model comes into use all the same
                    log.exception("what new products are like can't be found")

    async def _read_keys(self) -> None:
        """Take over keys that are new or revoked; beside the requests, for the store may keep whoever reads waiting."""
        while True:
            await asyncio.sleep(_KEYS_FOR)
            with contextlib.suppress(EndcapError):  # what is known holds on
                self._keys = await asyncio.to_thread(self.live.store.keys.all)

    async def _write_answers(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            if self._unwritten:
                await asyncio.to_thread(self._flush)

    def _flush(self) -> None:
        taken, self._unwritten = self._unwritten, []
        try:
            self.live.store.answers.add(taken)
            self._told = False
        except EndcapError as error:
            if not self._told:  # once, not four times a second
                log.warning("answers can't be written down, and wait: %s", error)
            self._told = True
            self._unwritten = (taken + self._unwritten)[-_MOST_WAITING:]

    # -- keys ----------------------------------------------------------------------------------------------

    def keys(self) -> dict[str, Key]:
        """Return the keys by digest; while the store can't be read, those that were there.

        Raises
        ------
        StorageError
            Where they couldn't be read so far: that is not the same as that there are none.
        """
        if self._keys is None:
            self._keys = self.live.store.keys.all()
        return self._keys

    def note(self, request: Request, action: str, what: str) -> None:
        """Write into the audit log what a request did."""
        self.live.store.keys.note(str(request.scope.get("endcap.who", "")), action, what)

    # -- answers -------------------------------------------------------------------------------------------

    def remember(self, given: Given) -> None:
        """Keep an answer: at once in memory, soon on disk."""
        self.given[given.recommendation_id] = given
        if len(self.given) > _ANSWERS_KEPT:
            self.given.popitem(last=False)
        self._unwritten.append(given)

    def find(self, recommendation_id: str) -> Given | None:
        """Return an answer that was given, by this process or another."""
        return self.given.get(recommendation_id) or self.live.store.answers.find(recommendation_id)

    # -- events --------------------------------------------------------------------------------------------

    def _store(self, rows: Sequence[Row]) -> list[bool]:
        """Store events and feedback; both are known by their ids, so storing them twice does no harm."""
        store = self.live.store
        events = [row for row in rows if not row.is_feedback]
        new = iter(store.events.append(frame_of(events)) if events else ())
        told = [row for row in rows if row.is_feedback or row.recommendation_id is not None]
        feedback = [
            Feedback(
                row.event_id, row.time, row.recommendation_id, row.event, str(row.user), str(row.item),
                row.quantity, row.price,
            )
            for row in told
        ]  # fmt: skip
        fresh = iter(store.answers.add_feedback(feedback) if feedback else ())
        news = []
        for row in rows:
            first = next(fresh) if row.is_feedback or row.recommendation_id is not None else False
            news.append(first if row.is_feedback else next(new))
        return news


def frame_of(rows: Sequence[Row]) -> pl.DataFrame:
    """Return events in canonical columns."""
    user, item = (pl.String if isinstance(one, str) else pl.Int64 for one in (rows[0].user, rows[0].item))
    return pl.DataFrame(
        {
            USER: pl.Series([row.user for row in rows], dtype=user),
            ITEM: pl.Series([row.item for row in rows], dtype=item),
            EVENT: [row.event for row in rows],
            TIME: pl.Series([row.time for row in rows], dtype=pl.Int64).cast(pl.Datetime("us")),
            QUANTITY: pl.Series([row.quantity for row in rows], dtype=pl.Float64),
            PRICE: pl.Series([row.price for row in rows], dtype=pl.Float64),
            RATING: pl.Series([row.rating for row in rows], dtype=pl.Float64),
            SESSION: pl.Series([row.session for row in rows], dtype=pl.String),
            TRANSACTION: pl.Series([row.transaction for row in rows], dtype=pl.String),
            EVENT_ID: [row.event_id for row in rows],
            ANONYMOUS: pl.Series([row.anonymous for row in rows], dtype=user),
        }
    )


async def _server(request: Request) -> Server:  # FastAPI would give anything else to a thread, for 50 microseconds
    server: Server = request.app.state.server
    return server


TheServer = Annotated[Server, Depends(_server)]
