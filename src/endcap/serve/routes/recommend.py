"""Recommendations: for a surface, for many at once, for a list that is given, and why."""

from __future__ import annotations

import time
from typing import Annotated, Any
from uuid import uuid4

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from endcap.data.vocabulary import Id
from endcap.errors import UnknownIdError
from endcap.recommend.reasons import BECAUSE, BEST_SELLER, BUY_AGAIN
from endcap.recommend.request import Answer, Request
from endcap.serve.context import SURFACE
from endcap.serve.live import Live
from endcap.serve.messages import Batch, Recommend, Rerank
from endcap.serve.server import Server, TheServer
from endcap.serve.tracing import step
from endcap.store.answers import Given
from endcap.store.clock import now

router = APIRouter(prefix="/api/v1", tags=["recommend"])

_CODES = {"personal": BECAUSE, "bought-before": BUY_AGAIN, "best-sellers": BEST_SELLER}
_TEXTS = {
    BECAUSE: "chosen for you",
    BUY_AGAIN: "you bought it before",
    BEST_SELLER: "a best-seller",
    "similar": "like what you are looking at",
    "bought-together": "often bought together",
    "viewed": "you looked at it",
    "same-type": "of the same kind",
    "trending": "in demand right now",
    "new-arrivals": "new in the shop",
    "as-given": "in the order given",
}


@router.post("/recommend", summary="Products for a surface")
async def recommend(body: Recommend, server: TheServer) -> Response:
    """Return what to show on a surface.

    Never what is hidden, out of stock, filtered or (where the surface says so) bought, and never too few while an
    eligible product is left.
    """
    return _json(_answer(server, body))


@router.get("/recommend", summary="Products for a surface, by address")
async def recommend_by_address(
    server: TheServer,
    surface: str = "recommended-for-you",
    user_id: str | None = None,
    anonymous_id: str | None = None,
    item_id: Annotated[list[str], Query(max_length=100)] = [],  # noqa: B006 - FastAPI copies it
    k: Annotated[int | None, Query(ge=1, le=1000)] = None,
    filter: Annotated[str, Query(max_length=2000)] = "",
    return_products: bool = False,
) -> Response:
    """As the POST variant; `item_id` are the products of the page."""
    body = Recommend(
        surface=surface, user_id=user_id or None, anonymous_id=anonymous_id or None, context_items=list(item_id), k=k,
        filter=filter, return_products=return_products,
    )  # fmt: skip
    return _json(_answer(server, body))


@router.post("/recommend:batch", summary="Up to 100 requests at once")
async def recommend_batch(body: Batch, server: TheServer) -> Response:
    """Return an answer for each request, in order."""
    return _json({"answers": [_answer(server, one) for one in body.requests]})


@router.post("/rerank", summary="Put given products into an order")
async def rerank(body: Rerank, server: TheServer) -> Response:
    """Return the products that were given, the best for the shopper first; those that may not be shown are left out."""
    among = [server.live.id_of(item, item=True) for item in body.items]
    return _json(_answer(server, body, among=among, k=body.k or len(among)))


@router.get("/explain/{recommendation_id}/{item_id}", summary="Why a product was shown, or wasn't")
async def explain(recommendation_id: str, item_id: str, server: TheServer) -> Response:
    """Return why a product is in an answer that was given, or why it isn't, as things are now."""
    given = server.find(recommendation_id)
    if given is None:
        raise UnknownIdError(f"no answer {recommendation_id!r} is known; answers without consent are not kept")
    live = server.live
    live.refresh()
    item = live.id_of(item_id, item=True)
    body = Recommend.model_validate(given.request)
    request = _request(live, body, given.request.get("among"), given.request.get("k"))
    engine = live.engine_for(request)
    verdict = engine.explain(request, item)
    return _json(
        {
            "item_id": item,
            "shown_then": item in given.items,
            "shown_now": verdict.shown,
            "rank": verdict.rank,
            "text": verdict.text,
            "because": verdict.because,
            "model_version": engine.version,
        }
    )


@router.get("/surfaces", summary="The surfaces")
async def surfaces(server: TheServer) -> dict[str, Any]:
    """Return every surface with its settings."""
    return {name: one.model_dump() for name, one in server.live.engine.surfaces.items()}


def _answer(server: Server, body: Recommend, *, among: list[Id] | None = None, k: int | None = None) -> dict[str, Any]:
    start = time.perf_counter()
    SURFACE.set(body.surface)
    live = server.live
    with step("look for news"):
        live.refresh()
    request = _request(live, body, among, k)
    engine = live.engine_for(request)  # one for the whole answer, whatever is promoted meanwhile
    with step("rank"):
        answer = engine.answer(request)
    items = [result.item for result in answer.results]
    because: list[list[Id]] = [[] for _ in answer.results]
    if body.explain:
        with step("explain"):
            because = engine.because(request, answer.results)
    bought = engine.bought(request) if body.explain else frozenset()
    short = len(answer.results) < (request.k or engine.surface(request).k)
    _count(server, answer, short=short)
    if request.user is not None and not answer.knows_shopper:
        server.metrics.unknown.inc()
    recommendation_id = uuid4().hex
    assigned = request.assigned
    experiment, variant = (None, None) if assigned is None else (assigned.experiment, assigned.variant)
    results = []
    for rank, (result, led) in enumerate(zip(answer.results, because, strict=True), 1):
        code, own = _CODES.get(result.source, result.source), led
        if led:
            if led[0] == result.item:
                code = BUY_AGAIN if result.row in bought else "viewed"
            own = [item for item in led if item != result.item]
        one = {
            "item_id": result.item,
            "score": result.score,
            "rank": rank,
            "reason": {"code": code, "text": _in_words(live, code, own), "because": own},
        }
        if body.return_products:
            one["product"] = engine.shelf.product(result.row)
        results.append(one)
    if body.consent:
        asked = body.model_dump(exclude_defaults=True) | ({} if among is None else {"among": among})
        asked.pop("items", None)
        server.remember(
            Given(
                recommendation_id, now(), answer.surface, answer.model_version, variant,
                None if request.user is None else str(request.user), answer.fallback_used, asked, items, experiment,
                short, _best_score(answer),
            )
        )  # fmt: skip
    return {
        "recommendation_id": recommendation_id,
        "surface": answer.surface,
        "results": results,
        "model_version": answer.model_version,
        "experiment": experiment,
        "variant": variant,
        "fallback_used": answer.fallback_used,
        "took_ms": round((time.perf_counter() - start) * 1000, 3),
    }


def _best_score(answer: Answer) -> float | None:
    """Return how the shop's model scores the best product; None where another source put it there."""
    best = answer.results[0] if answer.results else None
    return best.score if best is not None and best.source == "personal" else None


def _count(server: Server, answer: Answer, *, short: bool) -> None:
    metrics = server.metrics
    metrics.answers.labels(answer.surface).inc()
    if answer.fallback_used:
        metrics.fallbacks.labels(answer.surface).inc()
    if short:
        metrics.short.labels(answer.surface).inc()


def _request(live: Live, body: Recommend, among: list[Id] | None, k: int | None) -> Request:
    who = body.user_id if body.user_id is not None else body.anonymous_id
    return live.request(
        None if who is None else live.id_of(who),
        surface=body.surface,
        history=[live.id_of(item, item=True) for item in body.history],
        context_items=[live.id_of(item, item=True) for item in body.context_items],
        k=k or body.k,
        filter=body.filter,
        boost=body.boost,
        exclude=[live.id_of(item, item=True) for item in body.exclude],
        diversity=body.diversity,
        min_relevance=body.min_relevance,
        among=among,
    )


def _in_words(live: Live, code: str, because: list[Id]) -> str:
    if not because or code != BECAUSE:
        return _TEXTS[code]
    shelf = live.engine.shelf
    names = [str(shelf.product(row).get("title", shelf.ids[row])) for row in shelf.rows(because)]
    return "because of " + " and ".join(names)


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
