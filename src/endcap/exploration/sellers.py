"""What sells, and how unevenly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from endcap.exploration.rows import Rows
from endcap.exploration.size import line_value
from endcap.exploration.summary import Concentration, concentration

_SHOWN = 15


@dataclass(frozen=True)
class Sellers:
    """What `sellers` returns."""

    best: pl.DataFrame
    """`item, taken, shoppers, share` and, with prices, `revenue`: the products that most shoppers took, best first;
    `share` is that of all shoppers."""
    products: int
    """That anyone took."""
    pairs: int
    """Distinct pairs of a shopper and a product that he or she took."""
    density: float
    """The share of all possible pairs that this is."""
    lonely: float
    """The share of products that a single shopper took."""
    tail: Concentration
    levels: pl.DataFrame
    """`shoppers, products, products_share, taken_share`: products that at least so many shoppers had to do with, by any
    event, and the share of all that was taken which they have."""


def sellers(rows: Rows) -> Sellers:
    """Rank products by how many shoppers took them."""
    taken = rows.taken
    value = line_value(taken) if rows.has_purchases else None
    money = [value.sum().alias("revenue")] if value is not None else []
    pairs = taken.group_by("user", "item").agg(pl.len().alias("taken"), *money)
    sums = [pl.col("taken").sum(), *(pl.col("revenue").sum() for _ in money)]
    per_item = pairs.group_by("item").agg(*sums, pl.len().cast(pl.Int64).alias("shoppers"))
    shoppers = taken["user"].n_unique()
    best = per_item.sort("shoppers", "taken", "item", descending=[True, True, False]).head(_SHOWN)
    columns: list[pl.Expr | str] = ["item", "taken", "shoppers", (pl.col("shoppers") / shoppers).alias("share")]
    return Sellers(
        best.select(*columns, *("revenue" for _ in money)),
        len(per_item),
        len(pairs),
        len(pairs) / (shoppers * len(per_item)),
        float((per_item["shoppers"] == 1).sum()) / len(per_item),
        concentration(per_item["taken"].to_numpy().astype(np.int64)),
        _levels(rows, per_item),
    )


def _levels(rows: Rows, per_item: pl.DataFrame) -> pl.DataFrame:
    known = per_item.select("item", "taken", "shoppers")
    if not rows.all_taken:
        met = rows.events.group_by("item").agg(shoppers=pl.col("user").n_unique().cast(pl.Int64))
        known = met.join(known.select("item", "taken"), on="item", how="left").with_columns(
            pl.col("taken").fill_null(0)
        )
    total, products = int(known["taken"].sum()), len(known)
    levels = []
    for least in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        enough = known.filter(pl.col("shoppers") >= least)
        levels.append((least, len(enough), len(enough) / products, int(enough["taken"].sum()) / total))
    names = ["shoppers", "products", "products_share", "taken_share"]
    table = pl.DataFrame(levels, schema=names, orient="row")
    return table.filter((pl.col("products") > 0) | (pl.col("shoppers") <= 5))
