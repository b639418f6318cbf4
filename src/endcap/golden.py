"""The golden set: shoppers that the shop's people know, and what two versions of the model show them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from endcap.data.schema import ITEM, USER
from endcap.shop import Shop, as_id

COLUMNS: Final = (USER, "rank", "before", "before_title", "after", "after_title", "change")


def side_by_side(
    shop: Shop, before: str, after: str, *, shoppers: Sequence[str | int] | None = None, k: int = 10
) -> pl.DataFrame:
    """Return what two versions of the model show to some shoppers, place by place.

    Parameters
    ----------
    shop
        The shop with both versions.
    before, after
        The versions.
    shoppers
        Whom to look at; None: those that `[train] golden` names.
    k
        How many products each is shown.

    Returns
    -------
    polars.DataFrame
        `user_id, rank, before, before_title, after, after_title, change`: a product id of each version for every place,
        with its title where the catalogue has one; `change` says how the product of `after` got there: "new" to the
        list, "up", "down" or "same". A shopper whom a version doesn't know sees its best-sellers.
    """
    lists = {"before": before, "after": after}
    tables = [
        _lists(shop, version, shoppers, k).rename({ITEM: name, "title": f"{name}_title"})
        for name, version in lists.items()
    ]
    both = tables[0].join(tables[1], on=[USER, "rank"], how="full", coalesce=True)
    was = tables[0].select(USER, pl.col("before").alias("after"), pl.col("rank").alias("was"))
    moved = both.join(was, on=[USER, "after"], how="left", maintain_order="left").with_columns(
        change=pl.when(pl.col("after").is_null())
        .then(None)
        .when(pl.col("was").is_null())
        .then(pl.lit("new"))
        .when(pl.col("was") > pl.col("rank"))
        .then(pl.lit("up"))
        .when(pl.col("was") < pl.col("rank"))
        .then(pl.lit("down"))
        .otherwise(pl.lit("same"))
    )
    asked = pl.concat(tables, how="diagonal").select(USER).unique(maintain_order=True).with_row_index("place")
    return moved.join(asked, on=USER).sort("place", "rank").select(COLUMNS)


def share_that_stays(table: pl.DataFrame) -> float:
    """Return the share of the products of `after` that were in the same shopper's list before; NaN without any."""
    shown = table["change"].drop_nulls()
    return float((shown != "new").mean()) if len(shown) else float("nan")  # type: ignore[arg-type]


def _lists(shop: Shop, version: str, shoppers: Sequence[str | int] | None, k: int) -> pl.DataFrame:
    """Return `user_id, rank, item_id, title` as the shop would show them with that version in use."""
    other = copy.copy(shop)
    model = shop.models.load(version)
    other.__dict__["model"] = model
    is_text = model.interactions_.users.is_text
    given: Sequence[Any] = shop.config.train.golden if shoppers is None else shoppers
    users = [as_id(str(one), is_text=is_text) for one in given]
    seen = shop.models.manifest(version)["metrics"].get("exclude_seen")
    table = other.recommend(users, k=k, repeats=None if seen is None else not seen)
    title = pl.col("title") if "title" in table.columns else pl.lit(None, dtype=pl.String).alias("title")
    return table.select(pl.col(USER).cast(pl.String), "rank", pl.col(ITEM).cast(pl.String), title)
