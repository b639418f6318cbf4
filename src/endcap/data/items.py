"""The catalogue: products in Google Merchant's columns."""

from __future__ import annotations

import re
from typing import Any, Final

import polars as pl

from endcap.data.amounts import as_prices
from endcap.data.schema import ITEM
from endcap.data.sources import PLAIN, open_sources, warn_of_damage
from endcap.data.values import as_ids
from endcap.errors import DataError

_KNOWN: Final[dict[str, str]] = {
    ITEM: "itemid id productid sku stockcode articleid movieid asin productcode itemno item product skuid goodsid",
    "title": "title productname itemtitle producttitle name itemname description",
    "product_type": "producttype categorypath category categories googleproductcategory genres department",
    "brand": "brand brandname vendor manufacturer",
    "price": "price unitprice regularprice listprice",
    "sale_price": "saleprice specialprice",
    "availability": "availability stockstatus instock",
    "link": "link url productlink producturl",
    "image_link": "imagelink imageurl image imagesrc",
    "item_group_id": "itemgroupid parentid groupid parentsku",
}
"""Names of each column, the surest first, in lower case without spaces and punctuation."""
_AVAILABILITY: Final = {
    word: name
    for name, words in {
        "in_stock": "in_stock instock available yes true",
        "out_of_stock": "out_of_stock outofstock unavailable sold_out no false",
        "preorder": "preorder pre_order",
        "backorder": "backorder back_order onbackorder",
    }.items()
    for word in words.split()
}
"""Google Merchant's word for what others call it."""


def read_items(
    source: Any,
    *,
    item: str | None = None,
    separator: str | None = None,
    format: str | None = None,
    query: str | None = None,
) -> pl.DataFrame:
    """Read a catalogue, one row a product.

    Parameters
    ----------
    source
        As for `endcap.read_events`: a file, a pattern, a table, or a list of those.
    item
        The source's column of item ids; None recognises it by its name.
    separator
        Between the fields of CSV files; None finds it.
    format
        As for `endcap.read_events`: the export that the source is.
    query
        As for `endcap.read_events`: what to read from a database.

    Returns
    -------
    Google Merchant's columns first, as far as the source has them (`item_id, title, product_type, brand, price,
    sale_price, availability, link, image_link, item_group_id`); then every other column under its own name. Ids are
    as `read_events` gives them; prices are numbers, their currency is left out. Rows without an id are left out, and of
    rows with the same id the last counts.

    Raises
    ------
    DataError
        Where the source can't be read or no column is recognised as the ids.

    Warns
    -----
    DataWarning
        Where lines of a damaged file are left out, or what isn't UTF-8 had to be converted.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> ec.read_items(pl.DataFrame({"SKU": ["a", "b"], "Name": ["Cup", "Pot"], "colour": ["red", "blue"]})).columns
    ['item_id', 'title', 'colour']
    """
    sources = open_sources(
        source, separator, what="items", format=PLAIN if item and format is None else format, query=query
    )
    first = sources[0]
    names = [name for name in dict.fromkeys(first.columns) if name]
    mapping = recognise_item_columns(names, item)
    if ITEM not in mapping:
        given = f"has no column {item!r}" if item else "no column is recognised as the items' ids"
        raise DataError(f'{first.name}: {given}; it has {", ".join(map(repr, names))}; name one with item="..."')
    frames = []
    for one in sources:
        missing = [name for name in names if name not in one.columns]
        if missing:
            raise DataError(f"{one.name} has no column {missing[0]!r}, which {first.name} has")
        frames.append(one.read(names).select(names))
    warn_of_damage(sources)
    frame = pl.concat(frames, how="vertical_relaxed")
    ids = as_ids(frame[mapping[ITEM]], first.format == "csv")
    rest = [name for name in names if name not in mapping.values()]
    picked = [as_item_column(name, frame[own]).alias(name) for name, own in mapping.items() if name != ITEM]
    taken = set(mapping)
    others = [pl.col(name).alias(name if name not in taken else f"{name}_original") for name in rest]
    frame = frame.select(ids.alias(ITEM), *picked, *others)
    return frame.filter(pl.col(ITEM).is_not_null()).unique(ITEM, keep="last", maintain_order=True)


def as_item_column(name: str, column: pl.Series) -> pl.Series:
    """Return prices as numbers and availability in Google Merchant's words; anything else as it is."""
    if name in ("price", "sale_price"):
        return as_prices(column) if column.dtype == pl.String else column.cast(pl.Float64, strict=False)
    if name == "availability":
        text = column.cast(pl.String)
        plain = text.str.to_lowercase().str.replace_all(r"[\s_-]+", "_").str.strip_chars("_")
        pieces = plain.cast(pl.Float64, strict=False)  # how many are in stock
        frame = pl.DataFrame({"text": text, "known": plain.replace_strict(_AVAILABILITY, default=None), "n": pieces})
        counted = pl.when(pl.col("n") > 0).then(pl.lit("in_stock")).when(pl.col("n") <= 0).then(pl.lit("out_of_stock"))
        return frame.select(pl.coalesce("known", counted, "text")).to_series()
    return column


def recognise_item_columns(names: list[str], item: str | None) -> dict[str, str]:
    """Return the source's column for every canonical column that it has."""
    plain = {name: re.sub(r"[\W_]+", "", name).lower() for name in names}
    mapping: dict[str, str] = {}
    for column, words in _KNOWN.items():
        if column == ITEM and item is not None:
            found: str | None = item if item in names else None
        else:
            free = [name for name in names if name not in mapping.values()]
            found = next((name for word in words.split() for name in free if plain[name] == word), None)
        if found is not None:
            mapping[column] = found
    return mapping
