"""What goes together: pairs of products and of categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

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
    own = lines["item"].to_numpy()
    column = np.full(max(int(own.max(initial=0)), cast(int, items.max() or 0)) + 1, -1, np.int32)
    column[items.to_numpy()] = np.arange(len(items), dtype=np.int32)
    columns = column[own]
    kept = columns >= 0
    units = lines["unit"].to_numpy()[kept]
    shape = (int(units.max(initial=0)) + 1, len(items))
    return sparse.csr_array((np.ones(len(units), np.int32), (units, columns[kept])), shape=shape)


def _categories(lines: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    """Compare how often a second product is of a category to how often any is.

    Of each unit, every product in turn is the first and every other the second; each first counts once, however many
    others there are. A product isn't compared to itself.
    """
    items = lines["item"].unique().sort()
    held = _matrix(lines, items)
    sizes = np.diff(held.indptr)
    held = held[sizes > 1]
    weights = 1.0 / (np.diff(held.indptr) - 1)
    known = categories.filter(pl.col("item").is_in(items.implode()))
    names = known["category"].unique().sort()
    places = (items.search_sorted(known["item"]).to_numpy(), names.search_sorted(known["category"]).to_numpy())
    of = sparse.csr_array((np.ones(len(known)), places), shape=(len(items), len(names)))
    counts = np.asarray(held.sum(axis=0)) @ of
    top = np.argsort(-counts, kind="stable")[:_CATEGORIES]
    top = top[counts[top] > 0]
    of, single, shown = of[:, top], counts[top], names.gather(top).to_list()
    per_unit = held @ of
    both = (per_unit.T @ (sparse.diags_array(weights) @ per_unit)).toarray()
    both -= (of.T @ (sparse.diags_array(held.T @ weights) @ of)).toarray()
    lift = np.maximum(both, 0) * held.nnz / np.outer(single, single)
    rows = [(a, b, float(lift[i, j])) for i, a in enumerate(shown) for j, b in enumerate(shown)]
    schema = {"first": pl.String, "second": pl.String, "lift": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
