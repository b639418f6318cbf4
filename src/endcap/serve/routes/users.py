"""Shoppers: who a visitor turned out to be, what is stored of one, and forgetting it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from endcap.errors import UnknownIdError
from endcap.serve.messages import Merge
from endcap.serve.server import TheServer

router = APIRouter(prefix="/api/v1/users", tags=["users"])


@router.post("/{user_id}:merge", summary="A visitor turned out to be this user")
def merge(user_id: str, body: Merge, server: TheServer, request: Request) -> dict[str, Any]:
    """From now on the visitor's history is the user's, past and future."""
    live = server.live
    user, anonymous = live.id_of(user_id), live.id_of(body.anonymous_id)
    new = live.store.shoppers.merge(anonymous, user)
    server.note(request, "merge", f"{anonymous} into {user}")
    return {"user_id": user, "anonymous_id": anonymous, "status": "merged" if new else "known"}


@router.get("/{user_id}", summary="All that is stored of a shopper")
def about(user_id: str, server: TheServer, request: Request) -> dict[str, Any]:
    """Return ids, attributes, events, recommendations and feedback, and rows that imports had set aside."""
    user = server.live.id_of(user_id)
    found = server.live.store.shoppers.about(user)
    if not any(found[name] for name in found if name != "ids"):
        raise UnknownIdError(f"nothing is stored of {user!r}")
    server.note(request, "show", "a shopper")
    return found


@router.delete("/{user_id}", summary="Forget a shopper")
def forget(user_id: str, server: TheServer, request: Request) -> dict[str, Any]:
    """Remove all that is stored of a shopper, and return a receipt of what it was.

    Models that are there already learned from it until the next training.
    """
    receipt = server.live.store.shoppers.forget(server.live.id_of(user_id))
    server.note(request, "forget", "a shopper")  # not whom: that would be remembering
    return receipt.to_dict()
