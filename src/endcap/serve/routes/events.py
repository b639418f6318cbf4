"""Events and feedback: answered when they are on disk."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from pydantic import ValidationError

from endcap.errors import EndcapError, ParameterError
from endcap.serve.messages import FEEDBACK, Event, Events
from endcap.serve.problems import status_of
from endcap.serve.server import Row, Server, TheServer, frame_of

router = APIRouter(prefix="/api/v1", tags=["events"])

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@router.post("/events", summary="One event")
async def add_event(body: Event, server: TheServer) -> dict[str, Any]:
    """Store one thing that a shopper did; when this answers, it is on disk.

    `status` is "stored", "known" (it was there already) or "used" (without consent: for answers of the next minutes).
    """
    row = _row(server, body)
    if not body.consent:
        return _used(server, [row])[0]
    [new] = await server.intake.add([row])
    status = "stored" if new else "known"
    _count(server, [(row.event, status)])
    return {"event_id": row.event_id, "status": status}


@router.post("/events:batch", summary="Up to 1,000 events")
async def add_events(body: Events, server: TheServer) -> dict[str, Any]:
    """Store events, each judged for itself: `results` says of every one what became of it, in order."""
    results: list[dict[str, Any]] = []
    rows: list[Row] = []
    places: list[int] = []
    for place, given in enumerate(body.events):
        try:
            event = Event.model_validate(given)
            row = _row(server, event)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            results.append({"status": "refused", "error": f"event {place}, {where}: {first['msg']}"})
        except EndcapError as error:
            results.append({"status": "refused", "error": f"event {place}: {error}"})
        else:
            if event.consent:
                rows.append(row)
                places.append(place)
                results.append({"event_id": row.event_id, "status": "stored"})
            else:
                results += _used(server, [row])
    if rows:
        try:
            new = await server.intake.add(rows)
        except EndcapError as error:
            if status_of(error) == 503:
                raise
            for place in places:
                results[place] = {"status": "refused", "error": str(error)}
        else:
            for place, fresh in zip(places, new, strict=True):
                results[place]["status"] = "stored" if fresh else "known"
    _count(server, [(row.event, results[place]["status"]) for row, place in zip(rows, places, strict=True)])
    return {"results": results, "refused": sum(one["status"] == "refused" for one in results)}


def _count(server: Server, done: list[tuple[str, str]]) -> None:
    for (event, status), count in Counter(done).items():
        server.metrics.events.labels(event, status).inc(count)


def _used(server: Server, rows: list[Row]) -> list[dict[str, Any]]:
    events = [row for row in rows if not row.is_feedback]
    if events:
        server.live.remember(frame_of(events))
    return [{"event_id": row.event_id, "status": "used"} for row in rows]


def _row(server: Server, event: Event) -> Row:
    live = server.live
    anonymous = None if event.anonymous_id is None else live.id_of(event.anonymous_id)
    user = anonymous if event.user_id is None else live.id_of(event.user_id)
    if user is None:
        raise ParameterError("an event needs a user_id or an anonymous_id")
    time = datetime.now(UTC) if event.timestamp is None else event.timestamp
    since = time - _EPOCH
    return Row(
        event_id=event.event_id or uuid4().hex,
        event=FEEDBACK.get(event.event, event.event),
        user=user,
        item=live.id_of(event.item_id, item=True),
        time=(since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds,
        anonymous=anonymous,
        quantity=event.quantity,
        price=event.price,
        rating=event.rating,
        session=event.session_id,
        transaction=event.transaction_id,
        recommendation_id=event.recommendation_id,
        is_feedback=event.event in FEEDBACK,
    )
