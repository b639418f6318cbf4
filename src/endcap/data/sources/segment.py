"""Segment's track calls in the words of its e-commerce specification, version 2 (the older names too)."""

from __future__ import annotations

from typing import Final

import polars as pl

from endcap.data.schema import ANONYMOUS, EVENT, EVENT_ID, ITEM, PRICE, QUANTITY, TIME, TRANSACTION, USER
from endcap.data.sources.base import ROW
from endcap.data.sources.exports import Export
from endcap.data.sources.expressions import inner, latest, number, spread_refunds, text, unroll

KINDS: Final[dict[str, str]] = {
    "Product Viewed": "view_item", "Product Added": "add_to_cart", "Product Removed": "remove_from_cart",
    "Product Added to Wishlist": "add_to_wishlist", "Order Completed": "purchase", "Order Refunded": "refund",
    "Order Cancelled": "refund", "Viewed Product": "view_item", "Added Product": "add_to_cart",
    "Removed Product": "remove_from_cart", "Completed Order": "purchase",
}  # fmt: skip


def _products(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a row for every product of every call, in `product`; orders hold several, other calls are one."""
    frame = frame.with_columns(inner(frame, "properties", "products").alias("product"), place=pl.lit(None, pl.Int64))
    if not isinstance(frame.schema["product"], pl.List):
        return frame.with_columns(product=pl.lit(None))
    return unroll(frame.with_columns(place=pl.int_ranges(pl.col("product").list.len())), "product", "place")


def _field(frame: pl.DataFrame, *names: str) -> pl.Expr:
    """Return a product's field by the first of its names that is there: the listed product's, else the call's own."""
    return pl.coalesce(*(text(inner(frame, "product", name)) for name in names),
                       *(text(inner(frame, "properties", name)) for name in names))  # fmt: skip


def _events(frame: pl.DataFrame) -> pl.DataFrame:
    lines = _products(frame.filter(text("event").is_in(list(KINDS))))
    message = text("messageId")
    numbered = pl.concat_str(message, pl.lit("/"), pl.col("place").cast(pl.String))
    return spread_refunds(
        lines.select(
            ROW,
            pl.coalesce(text("userId"), text("anonymousId")).alias(USER),
            text("anonymousId").alias(ANONYMOUS),
            _field(lines, "product_id", "sku").alias(ITEM),
            text("event").replace(KINDS).alias(EVENT),
            pl.coalesce(text("timestamp"), text("originalTimestamp"), text("sentAt")).alias(TIME),
            number(_field(lines, "quantity")).alias(QUANTITY),
            number(_field(lines, "price")).alias(PRICE),
            text(inner(lines, "properties", "order_id")).alias(TRANSACTION),
            # a call is one message; the products of an order are told apart, so that each is kept once
            pl.when(pl.col("place") > 0).then(numbered).otherwise(message).alias(EVENT_ID),
        )
    )


def _items(frame: pl.DataFrame) -> pl.DataFrame:
    lines = _products(frame)
    named = lines.select(
        ROW,
        _field(lines, "product_id", "sku").alias(ITEM),
        _field(lines, "name").alias("title"),
        _field(lines, "category").alias("product_type"),
        _field(lines, "brand").alias("brand"),
        number(_field(lines, "price")).alias(PRICE),
        _field(lines, "url").alias("link"),
        _field(lines, "image_url").alias("image_link"),
    )
    return latest(named, ITEM)


_SIGNATURE: Final = frozenset({"event", "properties", "messageId"})
EXPORTS: Final = (
    Export(
        "events",
        "set of Segment's track calls",
        _SIGNATURE,
        _events,
        {
            USER: "userId or anonymousId",
            ANONYMOUS: "anonymousId",
            ITEM: "properties.product_id",
            EVENT: "event",
            TIME: "timestamp or originalTimestamp or sentAt",
            QUANTITY: "properties.quantity",
            PRICE: "properties.price",
            TRANSACTION: "properties.order_id",
            EVENT_ID: "messageId",
        },
    ),
    Export(
        "items",
        "set of Segment's track calls",
        _SIGNATURE,
        _items,
        {
            ITEM: "properties.product_id",
            "title": "properties.name",
            "product_type": "properties.category",
            "brand": "properties.brand",
            PRICE: "properties.price",
            "link": "properties.url",
            "image_link": "properties.image_url",
        },
    ),
)
