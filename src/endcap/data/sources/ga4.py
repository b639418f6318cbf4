"""Google Analytics 4's export to BigQuery: a row an event, with its products nested in `items`."""

from __future__ import annotations

from typing import Final

import polars as pl

from endcap.data.schema import ANONYMOUS, EVENT, EVENT_WEIGHTS, ITEM, PRICE, QUANTITY, SESSION, TIME, TRANSACTION, USER
from endcap.data.sources.base import ROW
from endcap.data.sources.exports import Export
from endcap.data.sources.expressions import inner, latest, number, path, spread_refunds, text, unroll

_KINDS: Final = tuple(EVENT_WEIGHTS)
_UNKNOWN: Final = "(not set)"


def _known(expression: pl.Expr) -> pl.Expr:
    found = text(expression)
    return pl.when(found != _UNKNOWN).then(found)


def _products(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a row for every product of every event; what BigQuery wraps in `list` and `element` is unwrapped."""
    kind = frame.schema["items"]
    if isinstance(kind, pl.Struct) and "list" in dict(kind):
        frame = frame.with_columns(pl.col("items").struct.field("list").alias("items"))
        kind = frame.schema["items"]
    if not isinstance(kind, pl.List):
        return frame.clear()  # no event has products
    frame = unroll(frame, "items")
    kind = frame.schema["items"]
    for wrapped in ("element", "item"):
        if isinstance(kind, pl.Struct) and list(dict(kind)) == [wrapped]:
            return frame.with_columns(pl.col("items").struct.field(wrapped).alias("items"))
    return frame


def _session(frame: pl.DataFrame) -> pl.Expr:
    """Return the parameter `ga_session_id` of every event."""
    kind = frame.schema["event_params"]
    element = kind.inner if isinstance(kind, pl.List) else None
    fields = dict(element) if isinstance(element, pl.Struct) else {}
    value = fields.get("value")
    if "key" not in fields or not isinstance(value, pl.Struct) or "int_value" not in dict(value):
        return pl.lit(None, pl.String)
    one = pl.element()
    found = one.struct.field("value").struct.field("int_value").filter(one.struct.field("key") == "ga_session_id")
    return pl.col("event_params").list.eval(found).list.first()


def _events(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.filter(text("event_name").is_in(_KINDS))
    session = frame.select(_session(frame).alias(SESSION)).to_series()
    frame = _products(frame.with_columns(session))

    def product(name: str) -> pl.Expr:
        return inner(frame, "items", name)

    lines = frame.select(
        ROW,
        pl.coalesce(text("user_id"), text("user_pseudo_id")).alias(USER),
        text("user_pseudo_id").alias(ANONYMOUS),
        _known(product("item_id")).alias(ITEM),
        text("event_name").alias(EVENT),
        pl.col("event_timestamp").alias(TIME),
        number(product("quantity")).alias(QUANTITY),
        number(product("price")).alias(PRICE),
        text(SESSION).alias(SESSION),
        _known(inner(frame, "ecommerce", "transaction_id")).alias(TRANSACTION),
        empty=product("item_id").is_null() & (text("event_name") != "refund"),
    )
    return spread_refunds(lines.filter(~pl.col("empty")).drop("empty"))


def _items(frame: pl.DataFrame) -> pl.DataFrame:
    frame = _products(frame)

    def product(name: str) -> pl.Expr:
        return _known(inner(frame, "items", name))

    kinds = [product("item_category"), *(product(f"item_category{n}") for n in range(2, 6))]
    named = frame.select(
        ROW,
        product("item_id").alias(ITEM),
        product("item_name").alias("title"),
        path(*kinds).alias("product_type"),
        product("item_brand").alias("brand"),
        number(inner(frame, "items", "price")).alias(PRICE),
    )
    return latest(named, ITEM)


_SIGNATURE: Final = frozenset({"event_name", "event_timestamp", "user_pseudo_id", "items"})
EXPORTS: Final = (
    Export(
        "events",
        "export of Google Analytics 4 to BigQuery",
        _SIGNATURE,
        _events,
        {
            USER: "user_id or user_pseudo_id",
            ANONYMOUS: "user_pseudo_id",
            ITEM: "items.item_id",
            EVENT: "event_name",
            TIME: "event_timestamp",
            QUANTITY: "items.quantity",
            PRICE: "items.price",
            SESSION: "event_params",
            TRANSACTION: "ecommerce.transaction_id",
        },
    ),
    Export(
        "items",
        "export of Google Analytics 4 to BigQuery",
        _SIGNATURE,
        _items,
        {
            ITEM: "items.item_id",
            "title": "items.item_name",
            "product_type": "items.item_category",
            "brand": "items.item_brand",
            PRICE: "items.price",
        },
    ),
)
