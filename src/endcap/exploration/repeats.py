"""Whether shoppers come back for the same product, as in a grocery, or not, as in a furniture shop."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from endcap.exploration.rows import Rows

_SHOWN = 20


@dataclass(frozen=True)
class Repeats:
    """What `repeats` returns; the same product twice in one order is no repeat."""

    share: float
    """The share of what was taken that the same shopper had taken before."""
    shoppers: float
    """The share of shoppers who ever took a product again."""
    categories: pl.DataFrame | None
    """`category, taken, products, repeats`: the biggest categories, the most repeated first; `repeats` is a share."""


def repeats(rows: Rows, categories: pl.DataFrame | None) -> Repeats:
    """Measure how much of what is taken was taken before."""
    lines = rows.lines if rows.has_purchases else rows.taken
    pairs = lines.group_by("user", "item").agg(n=pl.len().cast(pl.Int64))
    again = pairs.filter(pl.col("n") > 1)["user"].n_unique()
    per_item = pairs.group_by("item").agg(taken=pl.col("n").sum(), pairs=pl.len().cast(pl.Int64))
    table = None
    if categories is not None:
        grouped = categories.join(per_item, on="item").group_by("category")
        table = (
            grouped.agg(pl.col("taken").sum(), pl.col("pairs").sum(), products=pl.len())
            .sort("taken", "category", descending=[True, False])
            .head(_SHOWN)
            .select("category", "taken", "products", repeats=1 - pl.col("pairs") / pl.col("taken"))
            .sort("repeats", "category", descending=[True, False])
        )
    return Repeats(1 - len(pairs) / len(lines), again / pairs["user"].n_unique(), table)
