"""WooCommerce: orders from the plug-in Advanced Order Export or the REST interface, products from the core's exporter.

Orders name a product by its SKU where it has one; by the id that the REST interface, or the column "Product Id" of
the plug-in, gives; or at last by its name. So do the products.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from endcap.data.schema import EVENT, ITEM, PRICE, QUANTITY, TIME, TRANSACTION, USER
from endcap.data.sources.base import REASON, ROW
from endcap.data.sources.exports import Export
from endcap.data.sources.expressions import first_reason, inner, number, text, unroll

_UNPAID: Final = ("pending", "failed", "cancelled", "checkout-draft", "trash", "pending payment", "draft")


def _status_rules(status: pl.Expr) -> tuple[pl.Expr, str]:
    return status.is_in(_UNPAID), "the order was not paid, failed or was cancelled: nothing was bought"


def _with_refunds(bought: pl.DataFrame) -> pl.DataFrame:
    """Add a refund for every line of an order that was paid back, or for the pieces that were (`back`)."""
    returned = bought.filter((pl.col("back") > 0) & pl.col(REASON).is_null()).with_columns(
        pl.lit("refund").alias(EVENT), pl.col("back").alias(QUANTITY)
    )
    return pl.concat([bought, returned]).sort(ROW, maintain_order=True).drop("back")


def _plugin_orders(frame: pl.DataFrame) -> pl.DataFrame:
    order = text("Order Number").forward_fill()
    lines = frame.with_columns(order.alias("Order Number")).with_columns(
        text(column).forward_fill().over("Order Number").alias(column)  # may stand in the first line only
        for column in ("Order Status", "Order Date", "Email (Billing)")
    )
    status = text("Order Status").str.to_lowercase()
    pieces = number("Quantity")
    left = pl.coalesce(number("Quantity (- Refund)"), pieces)
    back = pl.when(status == "refunded").then(pl.coalesce(pieces, left)).otherwise((pieces - left).fill_null(0))
    return _with_refunds(
        lines.select(
            ROW,
            text("Email (Billing)").str.to_lowercase().alias(USER),
            pl.coalesce(text("SKU"), text("Product Id"), text("Item Name")).alias(ITEM),
            pl.lit("purchase").alias(EVENT),
            pl.col("Order Date").alias(TIME),
            pl.coalesce(pieces, left).alias(QUANTITY),
            number("Item Cost").alias(PRICE),
            text("Order Number").alias(TRANSACTION),
            first_reason(
                (text("Email (Billing)").is_null(), "Email (Billing) is empty: the order can't be put to a customer"),
                _status_rules(status),
            ),
            back=back,
        )
    )


def _rest_orders(frame: pl.DataFrame) -> pl.DataFrame:
    lines = unroll(frame, "line_items")
    customer = text("customer_id")
    user = pl.coalesce(pl.when(customer != "0").then(customer), text(inner(frame, "billing", "email")))

    def line(name: str) -> pl.Expr:
        return inner(lines, "line_items", name)

    variation = text(line("variation_id"))
    product = pl.coalesce(pl.when(variation != "0").then(variation), text(line("product_id")))
    status = text("status").str.to_lowercase()
    pieces = number(line("quantity"))
    return _with_refunds(
        lines.select(
            ROW,
            user.alias(USER),
            pl.coalesce(text(line("sku")), product).alias(ITEM),
            pl.lit("purchase").alias(EVENT),
            pl.coalesce(text("date_created_gmt"), text("date_created")).alias(TIME),
            pieces.alias(QUANTITY),
            number(line("price")).alias(PRICE),
            pl.coalesce(text("number"), text("id")).alias(TRANSACTION),
            first_reason(
                (user.is_null(), "the order has neither a customer nor an e-mail address"),
                _status_rules(status),
            ),
            back=pl.when(status == "refunded").then(pieces).otherwise(0.0),
        )
    )


def _items(frame: pl.DataFrame) -> pl.DataFrame:
    regular, sale = number("Regular price"), number("Sale price")
    stock, state = number("Stock"), text("In stock?").str.to_lowercase()
    available = (
        pl.when(state == "backorder")
        .then(pl.lit("backorder"))
        .when(state.is_in(["1", "yes", "true"]))
        .then(pl.lit("in_stock"))
        .when(state.is_not_null())
        .then(pl.lit("out_of_stock"))
    )
    # the first of several categories, "Clothing > Hoodies, Sale"
    products = frame.with_columns(
        kind=text("Categories").str.extract(r"^((?:[^,\\]|\\.)+)").str.replace_all(r"\\,", ",")
    ).select(
        ROW,
        pl.coalesce(text("SKU"), text("ID")).alias(ITEM),
        text("Name").alias("title"),
        pl.col("kind").alias("product_type"),
        text("Brands").alias("brand"),
        pl.coalesce(regular, sale).alias(PRICE),
        pl.when(sale < regular).then(sale).alias("sale_price"),
        available.alias("availability"),
        text("Images").str.extract(r"^([^,]+)").alias("image_link"),
        text("Parent").str.strip_prefix("id:").alias("item_group_id"),
        stock.alias("stock"),
        text("Type").alias("type"),
        text("Tags").alias("tags"),
    )
    parents = products.select(pl.col(ITEM).alias("item_group_id"), "product_type", "brand").unique("item_group_id")
    shared = [
        pl.coalesce(name, f"{name}_parent").alias(name) for name in ("product_type", "brand")
    ]  # a variation has none
    return products.join(parents, on="item_group_id", how="left", suffix="_parent", maintain_order="left").select(
        pl.col(products.columns).exclude("product_type", "brand"), *shared
    )


EXPORTS: Final = (
    Export(
        "events",
        "orders of the WooCommerce plug-in Advanced Order Export",
        frozenset({"Order Number", "Order Status", "Order Date", "Email (Billing)", "Item Name"}),
        _plugin_orders,
        {
            USER: "Email (Billing)",
            ITEM: "SKU or Product Id or Item Name",
            EVENT: "Order Status",
            TIME: "Order Date",
            QUANTITY: "Quantity or Quantity (- Refund)",
            PRICE: "Item Cost",
            TRANSACTION: "Order Number",
        },
    ),
    Export(
        "events",
        "orders of WooCommerce's REST interface",
        frozenset({"line_items", "date_created", "customer_id", "billing"}),
        _rest_orders,
        {
            USER: "customer_id or billing.email",
            ITEM: "line_items.sku",
            EVENT: "status",
            TIME: "date_created_gmt or date_created",
            QUANTITY: "line_items.quantity",
            PRICE: "line_items.price",
            TRANSACTION: "number or id",
        },
    ),
    Export(
        "items",
        "products of WooCommerce's exporter",
        frozenset({"ID", "Type", "SKU", "Name", "Regular price", "Categories"}),
        _items,
        {
            ITEM: "SKU or ID",
            "title": "Name",
            "product_type": "Categories",
            "brand": "Brands",
            PRICE: "Regular price",
            "sale_price": "Sale price",
            "availability": "In stock?",
            "image_link": "Images",
            "item_group_id": "Parent",
            "stock": "Stock",
            "type": "Type",
            "tags": "Tags",
        },
    ),
)
