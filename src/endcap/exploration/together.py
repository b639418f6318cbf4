"""What goes together: pairs of products and of categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from scipy import sparse

from endcap.exploration.rows import Rows

_MOST_ITEMS = 5_000
_MOST_IN_ONE = 500
_MOST_WORK = 200_000_000
_LEAST_PAIRS, _MOST_NEEDED = 10, 100
_SHOWN = 12
_CATEGORIES = 12
_WORTHWHILE = 0.05


@dataclass(frozen=True)
class Together:
    """What `together` returns."""

    unit: Literal["order", "shopper"]
    """Together means in one order; or, where orders of several products are rare, by the same shopper."""
    units: int
    several: float
    """The share of them with at least two products."""
    products: int
    """The most taken products, of which pairs were counted."""
    needed: int
    """In how many orders (or shoppers) a pair must be found, so that it isn't chance."""
    too_big: int
    """Orders with more than 500 products say little about what goes together, and are left out."""
    pairs: pl.DataFrame
    """`first, second, together, lift, confidence`: the strongest pairs. Lift is how many times more often they are
    found together than if one had nothing to do with the other; confidence the share of orders with `first`, the rarer
    of the two, that hold `second`."""
    across: pl.DataFrame | None
    """The strongest pairs of products that share no category; None without categories."""
    pairs_found: int
    """Pairs with a lift of at least 2 and enough orders."""
    categories: pl.DataFrame | None
    """`first, second, lift`: every ordered pair of the twelve biggest categories, also of one with itself: where a
    product of an order is from `first`, how many times more often than usual another one is from `second`."""


def together(rows: Rows, categories: pl.DataFrame | None) -> Together:
    """Count what is found together (Agrawal, Imieliński and Swami 1993; lift: Brin et al. 1997)."""
    unit, lines = _units(rows)
    sizes = lines["unit"].value_counts(name="n")
    several = float((sizes["n"] > 1).sum()) / len(sizes)
    big = sizes.filter(pl.col("n") > _MOST_IN_ONE)
    kept = lines.join(big, on="unit", how="anti") if len(big) else lines
    units = len(sizes) - len(big)
    needed = int(np.clip(units / 1000, _LEAST_PAIRS, _MOST_NEEDED))
    strong, products = _pairs(kept, units, needed)
    return Together(
        unit,
        len(sizes),
        several,
        products,
        needed,
        len(big),
        strong.head(_SHOWN),
        None if categories is None else _across(strong, categories).head(_SHOWN),
        len(strong),
        None if categories is None else _categories(kept, categories),
    )


def _units(rows: Rows) -> tuple[Literal["order", "shopper"], pl.DataFrame]:
    if rows.has_purchases:
        lines = rows.taken.select(pl.col("basket").alias("unit"), "item").unique()
        counts = lines["unit"].value_counts(name="n")["n"]
        if (counts > 1).sum() >= _WORTHWHILE * len(counts):
            return "order", lines
    return "shopper", rows.taken.select(pl.col("user").alias("unit"), "item").unique()


def _pairs(lines: pl.DataFrame, units: int, needed: int) -> tuple[pl.DataFrame, int]:
    counts = lines["item"].value_counts(name="n").filter(pl.col("n") >= needed)
    top = counts.sort("n", "item", descending=[True, False]).head(_MOST_ITEMS)
    matrix = _matrix(lines, top["item"])
    while matrix.shape[1] > 100 and float((np.diff(matrix.indptr).astype(np.float64) ** 2).sum()) > _MOST_WORK:
        top = top.head(len(top) // 2)
        matrix = _matrix(lines, top["item"])
    both = sparse.triu(matrix.T @ matrix, k=1).tocoo()
    enough = both.data >= needed
    a, b, n = both.row[enough], both.col[enough], both.data[enough].astype(np.int64)
    ids, single = top["item"].to_numpy(), top["n"].to_numpy().astype(np.float64)
    lift = n * float(units) / (single[a] * single[b])
    # The columns are in the order of counts, so that b is the rarer of the two.
    table = pl.DataFrame(
        {"first": ids[b], "second": ids[a], "together": n, "lift": lift, "confidence": n / single[b]},
        schema_overrides={"first": pl.UInt32, "second": pl.UInt32},
    )
    strong = table.filter(pl.col("lift") >= 2)
    return strong.sort("lift", "first", "second", descending=[True, False, False]), len(top)


def _across(pairs: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of products that have categories, but none in common."""
    known = categories["item"].unique().implode()
    own = pairs.filter(pl.col("first").is_in(known), pl.col("second").is_in(known))
    shared = (
        own.select("first", "second")
        .join(categories, left_on="first", right_on="item")
        .join(categories, left_on=["second", "category"], right_on=["item", "category"])
    )
    return own.join(shared, on=["first", "second"], how="anti", maintain_order="left")


def _matrix(lines: pl.DataFrame, items: pl.Series) -> sparse.csr_array:
    """Return which unit holds which of the items: zeros and ones, a column an item in the order given."""
    column = pl.DataFrame({"item": items, "column": np.arange(len(items), dtype=np.int32)})
    own = lines.join(column, on="item").with_columns(pl.col("unit").rank("dense") - 1)
    shape = (int(own["unit"].max() or 0) + 1 if len(own) else 0, len(items))  # type: ignore[arg-type]
    places = (own["unit"].to_numpy(), own["column"].to_numpy())
    return sparse.csr_array((np.ones(len(own), np.int32), places), shape=shape)


def _categories(lines: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    """Compare how often a second product is of a category to how often any is.

    Of each unit, every product in turn is the first and every other the second; each first counts once, however many
    others there are. A product isn't compared to itself.
    """
    sizes = pl.len().over("unit")
    several = lines.with_columns(weight=1 / (sizes - 1)).filter(pl.col("weight").is_finite())
    counts = several.join(categories, on="item")["category"].value_counts(name="n")
    counts = counts.sort("n", "category", descending=[True, False]).head(_CATEGORIES)
    names, single = counts["category"].to_list(), counts["n"].to_numpy().astype(np.float64)
    column = pl.DataFrame({"category": counts["category"], "column": np.arange(len(names), dtype=np.int32)})
    own = categories.join(column, on="category").select("item", "column")
    per_unit = (
        several.join(own, on="item").select("unit", "column", "weight").with_columns(pl.col("unit").rank("dense"))
    )
    places = (per_unit["unit"].to_numpy().astype(np.int64), per_unit["column"].to_numpy())
    shape = (int(places[0].max()) + 1 if len(per_unit) else 0, len(names))
    held = sparse.csr_array((np.ones(len(per_unit)), places), shape=shape)
    weighted = sparse.csr_array((per_unit["weight"].to_numpy(), places), shape=shape)
    both = (weighted.T @ held).toarray()
    item_weights = several.group_by("item").agg(pl.col("weight").sum())
    same = own.join(own, on="item").join(item_weights, on="item")
    np.subtract.at(both, (same["column"].to_numpy(), same["column_right"].to_numpy()), same["weight"].to_numpy())
    lift = np.maximum(both, 0) * len(several) / np.outer(single, single)
    rows = [(a, b, float(lift[i, j])) for i, a in enumerate(names) for j, b in enumerate(names)]
    schema = {"first": pl.String, "second": pl.String, "lift": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
