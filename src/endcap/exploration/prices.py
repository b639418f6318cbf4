"""What things cost, and whether shoppers keep to a level of prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from endcap.exploration.rows import Rows
from endcap.exploration.size import line_value

_BANDS = 5


@dataclass(frozen=True)
class Prices:
    """What `prices` returns; a product's price is the median of its lines."""

    bands: pl.DataFrame
    """`low, high, products, taken, revenue, taken_share, revenue_share`: products in up to five classes of as equal a
    number as their prices allow, the cheapest first."""
    median: float
    """Of a line."""
    loyalty: float | None
    """The share of the variation of prices (their logarithms) that lies between shoppers, from 0, everybody buys at all
    prices, to 1, everybody keeps to one (intraclass correlation, Fisher 1925, over a shopper's different products);
    None where no shopper took two products with a price."""


def prices(rows: Rows) -> Prices | None:
    """Sort products by price; None without purchases or prices above zero."""
    value = line_value(rows.taken) if rows.has_purchases else None
    if value is None:
        return None
    priced = rows.taken.select("user", "item", "price", value=value).filter(pl.col("price") > 0)
    if priced.is_empty():
        return None
    per_item = priced.group_by("item").agg(
        pl.col("price").median(), taken=pl.len().cast(pl.Int64), revenue=pl.col("value").sum()
    )
    edges = np.unique(np.quantile(per_item["price"].to_numpy(), np.linspace(0, 1, _BANDS + 1)[1:-1], method="lower"))
    band = pl.Series("band", np.searchsorted(edges, per_item["price"].to_numpy(), side="left"))
    bands = (
        per_item.with_columns(band)
        .group_by("band")
        .agg(
            low=pl.col("price").min(),
            high=pl.col("price").max(),
            products=pl.len().cast(pl.Int64),
            taken=pl.col("taken").sum(),
            revenue=pl.col("revenue").sum(),
        )
        .sort("band")
        .drop("band")
        .with_columns(
            taken_share=pl.col("taken") / pl.col("taken").sum(),
            revenue_share=pl.col("revenue") / pl.col("revenue").sum(),
        )
    )
    return Prices(bands, float(priced["price"].median()), _loyalty(priced))  # type: ignore[arg-type]


def _loyalty(priced: pl.DataFrame) -> float | None:
    """Return the intraclass correlation of one-way analysis of variance, at least 0."""
    own = priced.group_by("user", "item").agg(level=pl.col("price").log().mean())
    groups = own.group_by("user").agg(n=pl.len(), mean=pl.col("level").mean(), squares=(pl.col("level") ** 2).sum())
    n, mean, squares = (groups[name].to_numpy().astype(np.float64) for name in ("n", "mean", "squares"))
    total, count = n.sum(), len(n)
    if count < 2 or total <= count:
        return None
    grand = (n * mean).sum() / total
    between = (n * (mean - grand) ** 2).sum() / (count - 1)
    within = max((squares - n * mean**2).sum(), 0.0) / (total - count)
    size = (total - (n**2).sum() / total) / (count - 1)
    spread = between + (size - 1) * within
    return float(np.clip((between - within) / spread, 0, 1)) if spread > 1e-12 else None
