"""How big the shop is: shoppers, products, orders, revenue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import polars as pl

from endcap.exploration.rows import Rows


@dataclass(frozen=True)
class Size:
    """What `size` returns."""

    events: int
    users: int
    items: int
    kinds: pl.DataFrame
    """`event, events, shoppers, products`: by kind of event, the most frequent first."""
    first: datetime | None
    last: datetime | None
    orders: int | None
    """Distinct baskets; None where there are no purchases, or nothing tells which lines belong together."""
    order_lines: float | None
    """Different products in an order, on average."""
    revenue: float | None
    """Price times quantity (1 where it is unknown) of all purchases; None without prices."""
    order_value: float | None
    """The median order's."""

    @property
    def days(self) -> float | None:
        """From the first event to the last."""
        if self.first is None or self.last is None:
            return None
        return (self.last - self.first).total_seconds() / 86_400


def size(rows: Rows, *, has_orders: bool) -> Size:
    """Count the shop; `has_orders` says whether baskets can be told apart."""
    frame = rows.events
    kinds = (
        frame.group_by("event")
        .agg(events=pl.len(), shoppers=pl.col("user").n_unique(), products=pl.col("item").n_unique())
        .with_columns(pl.col("event").cast(pl.String))
        .sort("events", "event", descending=[True, False])
    )
    first = last = None
    if rows.has_time:
        first, last = cast(datetime, frame["time"].min()), cast(datetime, frame["time"].max())
    orders = order_lines = revenue = order_value = None
    if rows.has_purchases:
        value = line_value(rows.taken)
        if has_orders:
            orders = rows.taken["basket"].n_unique()
            order_lines = len(rows.lines) / orders
        if value is not None:
            paid = rows.taken.select("basket", value=value)
            revenue = float(paid["value"].sum())
            if has_orders:
                order_value = float(paid.group_by("basket").agg(pl.col("value").sum())["value"].median())  # type: ignore[arg-type]
    return Size(len(frame), rows.users, len(rows.items), kinds, first, last, orders, order_lines, revenue, order_value)


def line_value(purchases: pl.DataFrame) -> pl.Expr | None:
    """Return what a line is worth: price times quantity, 1 where that is unknown; None without any price."""
    if "price" not in purchases.columns or purchases["price"].null_count() == len(purchases):
        return None
    pieces = pl.col("quantity").fill_null(1) if "quantity" in purchases.columns else pl.lit(1)
    return pl.col("price").fill_null(0) * pieces
