"""Shopify's exports of orders and products (Admin: Orders or Products, Export, CSV).

An order has a line for every product, of which only the first says who, when and whether it was paid; a product has a
line for every variant, and more for its further images. Orders name a variant by its SKU, and one without SKU by
title and options; so do the products here.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from endcap.data.schema import EVENT, ITEM, PRICE, QUANTITY, TIME, TRANSACTION, USER
from endcap.data.sources.base import ROW
from endcap.data.sources.exports import Export
from endcap.data.sources.expressions import first_reason, number, text


def _events(frame: pl.DataFrame) -> pl.DataFrame:
    order = text("Name").forward_fill()
    lines = frame.with_columns(order.alias("Name")).with_columns(
        # an order's first line speaks for all of them
        text(column).forward_fill().over("Name").alias(column)
        for column in ("Email", "Financial Status", "Created at", "Cancelled at")
    )
    bought = lines.select(
        ROW,
        pl.col("Email").str.to_lowercase().alias(USER),
        pl.coalesce(text("Lineitem sku"), text("Lineitem name")).alias(ITEM),
        pl.lit("purchase").alias(EVENT),
        pl.col("Created at").alias(TIME),
        pl.col("Lineitem quantity").alias(QUANTITY),
        pl.col("Lineitem price").alias(PRICE),
        pl.col("Name").alias(TRANSACTION),
        first_reason(
            (pl.col("Email").is_null(), "Email is empty: the order can't be put to a customer"),
            (pl.col("Financial Status") == "voided", "Financial Status is voided: nothing was bought"),
        ),
        pl.col("Cancelled at"),
        back=(pl.col("Financial Status") == "refunded") | pl.col("Cancelled at").is_not_null(),
    )
    # money that went back for the whole order; which products a partial refund was for, the export doesn't say
    returned = bought.filter(pl.col("back") & pl.col("__reason").is_null()).with_columns(
        pl.lit("refund").alias(EVENT), pl.coalesce("Cancelled at", TIME).alias(TIME)
    )
    return pl.concat([bought, returned]).sort(ROW, maintain_order=True).drop("back", "Cancelled at")


def _items(frame: pl.DataFrame) -> pl.DataFrame:
    lines = frame.with_columns(text("Handle").forward_fill().alias("Handle")).with_columns(
        text(column).forward_fill().over("Handle").alias(column)
        for column in ("Title", "Vendor", "Type", "Product Category", "Tags", "Status", "Image Src")
    )
    options = [text(f"Option{n} Value") for n in (1, 2, 3)]
    chosen = pl.concat_str(options, separator=" / ", ignore_nulls=True)
    variants = lines.filter(text("Variant Price").is_not_null() | text("Variant SKU").is_not_null())
    title = (
        pl.when(chosen.is_in(["", "Default Title"]))
        .then(pl.col("Title"))
        .otherwise(pl.concat_str(pl.col("Title"), chosen, separator=" - "))
    )
    stock = number("Variant Inventory Qty")
    available = (
        pl.when((stock > 0) | (text("Variant Inventory Policy") == "continue"))
        .then(pl.lit("in_stock"))
        .when(stock.is_not_null())
        .then(pl.lit("out_of_stock"))
    )
    price, before = number("Variant Price"), number("Variant Compare At Price")
    return variants.select(
        ROW,
        pl.coalesce(text("Variant SKU").str.strip_prefix("'"), title).alias(ITEM),
        title.alias("title"),
        pl.coalesce("Product Category", "Type").alias("product_type"),
        pl.col("Vendor").alias("brand"),
        pl.when(before > price).then(before).otherwise(price).alias(PRICE),
        pl.when(before > price).then(price).alias("sale_price"),
        available.alias("availability"),
        pl.coalesce(text("Variant Image"), pl.col("Image Src")).alias("image_link"),
        pl.col("Handle").alias("item_group_id"),
        stock.alias("stock"),
        pl.col("Tags").alias("tags"),
        pl.col("Status").alias("status"),
    )


EXPORTS: Final = (
    Export(
        "events",
        "export of Shopify's orders",
        frozenset({"Name", "Email", "Financial Status", "Lineitem quantity", "Lineitem name"}),
        _events,
        {
            USER: "Email",
            ITEM: "Lineitem sku or Lineitem name",
            EVENT: "Financial Status",
            TIME: "Created at",
            QUANTITY: "Lineitem quantity",
            PRICE: "Lineitem price",
            TRANSACTION: "Name",
        },
        ("Cancelled at",),
    ),
    Export(
        "items",
        "export of Shopify's products",
        frozenset({"Handle", "Title", "Variant SKU", "Variant Price"}),
        _items,
        {
            ITEM: "Variant SKU",
            "title": "Title",
            "product_type": "Product Category or Type",
            "brand": "Vendor",
            PRICE: "Variant Price",
            "sale_price": "Variant Compare At Price",
            "availability": "Variant Inventory Qty",
            "image_link": "Variant Image or Image Src",
            "item_group_id": "Handle",
            "stock": "Variant Inventory Qty",
            "tags": "Tags",
            "status": "Status",
        },
        (
            "Option1 Value",
            "Option2 Value",
            "Option3 Value",
            "Variant Inventory Policy",
        ),
    ),
)
