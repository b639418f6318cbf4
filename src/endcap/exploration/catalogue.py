"""What the catalogue says of the products that have events: titles and categories."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from endcap.data.schema import ITEM
from endcap.data.vocabulary import Vocabulary

_TOO_BIG = 0.5  # a category with more than half of the products tells little
_ENOUGH = 5
_DEEPEST = 3


@dataclass(frozen=True)
class Catalogue:
    """Titles and categories by an item's position."""

    titles: pl.Series
    """A product's title, or its id as text where it has none."""
    categories: pl.DataFrame | None
    """`item, category`: one row for each category that a product is in; None where no product has any."""
    features: tuple[str, ...]
    """The catalogue's columns that could describe a product which nobody took yet."""
    covered: float
    """The share of the products with events that the catalogue knows."""
    unsold: int
    """Products of the catalogue without events."""


def read_catalogue(vocabulary: Vocabulary, items: pl.DataFrame | None) -> Catalogue:
    """Look up the products that have events in the catalogue of `endcap.read_items`.

    The category is `product_type`: "A > B > C" is a way from general to special, of which the first level that tells
    products apart is taken; "A|B" names several at once, such as a film's genres.
    """
    plain = vocabulary.ids.cast(pl.String)
    if items is None or ITEM not in items.columns or (items[ITEM].dtype == pl.String) != vocabulary.is_text:
        return Catalogue(plain, None, (), 0.0, 0)
    known = items.unique(ITEM, keep="last", maintain_order=True)
    known = known.with_columns(pl.Series("item", vocabulary.encode(known[ITEM])))
    unsold = int((known["item"] < 0).sum())
    known = known.filter(pl.col("item") >= 0).with_columns(pl.col("item").cast(pl.UInt32))
    titles = plain
    if "title" in known.columns:
        named = known.select("item", pl.col("title").cast(pl.String)).drop_nulls()
        everyone = pl.DataFrame({"item": pl.int_range(len(plain), dtype=pl.UInt32, eager=True), "id": plain})
        joined = everyone.join(named, on="item", how="left", maintain_order="left")
        titles = joined.select(pl.coalesce("title", "id")).to_series()
    features = tuple(
        name
        for name in known.columns
        if name not in (ITEM, "item", "link", "image_link", "availability", "item_group_id")
        and known[name].null_count() < len(known)
    )
    return Catalogue(titles.alias("title"), _categories(known), features, len(known) / len(plain), unsold)


def _categories(known: pl.DataFrame) -> pl.DataFrame | None:
    if "product_type" not in known.columns:
        return None
    paths = (
        known.select("item", category=pl.col("product_type").cast(pl.String).str.split("|"))
        .explode("category")
        .with_columns(pl.col("category").str.strip_chars())
        .filter(pl.col("category") != "")  # drops null too
    )
    if paths.is_empty():
        return None
    level = paths
    for depth in range(1, _DEEPEST + 1):
        path = pl.col("category").str.split(" > ").list.head(depth).list.join(" > ")
        level = paths.select("item", path).unique(maintain_order=True)
        sizes = level["category"].value_counts()["count"]
        if len(sizes) >= _ENOUGH and (sizes.max() or 0) <= _TOO_BIG * len(known):  # type: ignore[operator]
            break
    return level
