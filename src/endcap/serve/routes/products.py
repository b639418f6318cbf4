"""Products: the catalogue, and what changes from hour to hour."""

from __future__ import annotations

from typing import Any

import polars as pl
from fastapi import APIRouter
from starlette.requests import Request

from endcap.data.items import as_item_column
from endcap.data.schema import ITEM
from endcap.errors import ParameterError, UnknownIdError
from endcap.serve.messages import Inventory, Product, Products
from endcap.serve.server import Server, TheServer
from endcap.store.tables import ITEM_COLUMNS

router = APIRouter(prefix="/api/v1", tags=["products"])

_AMOUNTS = ("price", "sale_price")


@router.get("/products/{item_id}", summary="What the catalogue says of a product")
async def product(item_id: str, server: TheServer) -> dict[str, Any]:
    """Return the product's values."""
    server.live.refresh()
    shelf = server.live.engine.shelf
    row = shelf.row_of.get(server.live.id_of(item_id, item=True))
    if row is None or row >= shelf.listed:
        raise UnknownIdError(f"the catalogue has no product {item_id!r}")
    return {**shelf.product(row), ITEM: shelf.ids[row]}


@router.put("/products/{item_id}", summary="Add or change a product")
@router.patch("/products/{item_id}", summary="Change a product")
def put_product(item_id: str, body: Product, server: TheServer, request: Request) -> dict[str, Any]:
    """Values that aren't given stay as they are. `hidden: true` takes the product off every surface."""
    item = server.live.id_of(item_id, item=True)
    done = _store(server, [{**body, ITEM: item}])
    server.note(request, "product", str(item))
    return {ITEM: item, **done}


@router.post("/products:batch", summary="Add or change up to 1,000 products")
def put_products(body: Products, server: TheServer, request: Request) -> dict[str, Any]:
    """All are stored, or none where one of them can't be."""
    rows = []
    for place, given in enumerate(body.products):
        item = given.get(ITEM)
        if not isinstance(item, (str, int)):
            raise ParameterError(f"product {place} has no {ITEM}")
        rows.append({**given, ITEM: server.live.id_of(item, item=True)})
    done = _store(server, rows)
    server.note(request, "products", f"{len(rows)} products")
    return done


@router.patch("/products/{item_id}/inventory", summary="Stock and price")
def inventory(item_id: str, body: Inventory, server: TheServer) -> dict[str, Any]:
    """Change whether a product can be had and what it costs; in force for the next answer."""
    values = body.model_dump(exclude_unset=True)
    if not values:
        raise ParameterError("give availability, price or sale_price")
    item = server.live.id_of(item_id, item=True)
    if server.live.engine.shelf.row_of.get(item) is None:
        raise UnknownIdError(f"the catalogue has no product {item_id!r}")
    return {ITEM: item, **_store(server, [{**values, ITEM: item}])}


@router.delete("/products/{item_id}", summary="Remove a product")
def remove(item_id: str, server: TheServer, request: Request) -> dict[str, Any]:
    """Take a product out of the catalogue; events that mention it stay."""
    item = server.live.id_of(item_id, item=True)
    ids: Any = [item]
    if not server.live.store.catalogue.remove_items(ids):
        raise UnknownIdError(f"the catalogue has no product {item_id!r}")
    server.note(request, "remove product", str(item))
    return {ITEM: item, "status": "removed"}


def _store(server: Server, rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = []
    for name in names:
        values = [row.get(name) for row in rows]
        if name in ITEM_COLUMNS and any(isinstance(value, (list, bool)) for value in values):
            raise ParameterError(f"{name} is one text or number")
        if name in _AMOUNTS and any(isinstance(value, (int, float)) and value < 0 for value in values):
            raise ParameterError(f"{name} can't be below 0")
        if name in ITEM_COLUMNS and name not in _AMOUNTS:
            values = [None if value is None else str(value) for value in values]
        try:
            column = pl.Series(name, values, strict=True)
        except (TypeError, OverflowError, pl.exceptions.PolarsError):
            raise ParameterError(f"{name} holds values of several kinds, such as numbers and texts") from None
        columns.append(as_item_column(name, column).alias(name))
    done = server.live.store.catalogue.add_items(pl.DataFrame(columns), source="API")
    return {"new": done.new, "changed": done.changed}
