"""The invoices of a British gift shop: "Online Retail" (I and II) at the UCI machine learning repository."""

from __future__ import annotations

from functools import partial
from typing import Final

import polars as pl

from endcap.data.schema import EVENT, ITEM, PRICE, QUANTITY, TIME, TRANSACTION, USER
from endcap.data.sources.base import ROW
from endcap.data.sources.exports import Export
from endcap.data.sources.expressions import first_reason, latest, number, text

NO_PRODUCTS: Final = (
    "POST", "DOT", "C2", "C3", "M", "D", "S", "B", "CRUK", "BANK CHARGES", "AMAZONFEE", "ADJUST", "ADJUST2",
)  # fmt: skip
"""Codes of postage, carriage, manual entries, discounts, samples, bad debts, fees and corrections."""
_NO_PRODUCT: Final = rf"(?i)^({'|'.join(NO_PRODUCTS)}|gift_.*|test.*)$"


def _events(frame: pl.DataFrame, invoice: str, price: str, customer: str) -> pl.DataFrame:
    pieces = number("Quantity")
    cancelled = text(invoice).str.starts_with("C")
    return frame.select(
        ROW,
        pl.col(customer).alias(USER),
        text("StockCode").alias(ITEM),
        pl.when(cancelled).then(pl.lit("refund")).otherwise(pl.lit("purchase")).alias(EVENT),
        pl.col("InvoiceDate").alias(TIME),
        pl.when(cancelled).then(pieces.abs()).otherwise(pieces).alias(QUANTITY),
        pl.col(price).alias(PRICE),
        text(invoice).alias(TRANSACTION),
        first_reason(
            (text("StockCode").str.contains(_NO_PRODUCT), "StockCode is a charge, a fee or a correction, no product"),
            (text(customer).is_null(), f"{customer} is empty: nobody's history can take the purchase"),
            (
                ~cancelled & (pieces < 0),
                "Quantity is below 0 on an invoice that is no cancellation: a stock correction",
            ),
        ),
    )


def _items(frame: pl.DataFrame, price: str) -> pl.DataFrame:
    """Return every product under its latest description and price."""
    known = frame.filter(text("Description").is_not_null(), ~text("StockCode").str.contains(_NO_PRODUCT))
    known = known.filter(number(price) > 0)
    known = known.select(
        ROW, text("StockCode").alias(ITEM), text("Description").alias("title"), number(price).alias(PRICE)
    )
    return latest(known, ITEM)


def _users(frame: pl.DataFrame, customer: str) -> pl.DataFrame:
    known = frame.filter(text(customer).is_not_null())
    return latest(known.select(ROW, pl.col(customer).alias(USER), text("Country").alias("country")), USER)


def _edition(invoice: str, price: str, customer: str) -> tuple[Export, ...]:
    title = "invoices of UCI Online Retail"
    signature = frozenset({invoice, "StockCode", "Quantity", "InvoiceDate", price, customer})
    origins = {
        USER: customer, ITEM: "StockCode", EVENT: invoice, TIME: "InvoiceDate", QUANTITY: "Quantity", PRICE: price,
        TRANSACTION: invoice,
    }  # fmt: skip
    catalogue = {ITEM: "StockCode", "title": "Description", PRICE: price}
    return (
        Export(
            "events", title, signature, partial(_events, invoice=invoice, price=price, customer=customer), origins
        ),
        Export("items", title, signature | {"Description"}, partial(_items, price=price), catalogue),
        Export(
            "users", title, signature, partial(_users, customer=customer), {USER: customer, "country": "Country"}
        ),
    )  # fmt: skip


EXPORTS: Final = (
    *_edition("InvoiceNo", "UnitPrice", "CustomerID"),
    *_edition("Invoice", "Price", "Customer ID"),
)
