"""Google Merchant's product feeds: RSS 2.0 or Atom with the namespace g, and the same columns as text with tabs."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final
from xml.etree.ElementTree import Element, ParseError

import polars as pl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from endcap.data.amounts import as_prices
from endcap.data.schema import ITEM, PRICE
from endcap.data.sources.base import Source
from endcap.data.sources.exports import Export
from endcap.data.sources.expressions import text
from endcap.errors import DataError

_BATCH: Final = 10_000


def open_xml(path: Path) -> Source:
    """Open a feed; it is read once, a product at a time, and only its products' own values are kept.

    Raises
    ------
    DataError
        Where it isn't well-formed, defines entities (which can blow up a parser's memory), or holds no products.
    """
    try:
        packed = path.suffix.lower() in (".gz", ".gzip")
        with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) if packed else raw as file:
            frames = list(_batches(file))
    except ParseError as error:
        raise DataError(f"{path} is not well-formed XML: {error}; get the file again") from None
    except DefusedXmlException:
        raise DataError(f"{path} defines entities of its own, which a feed never needs; it is refused") from None
    except (OSError, EOFError) as error:
        raise DataError(f"{path} can't be read: {error}") from None
    if not frames:
        raise DataError(f"{path} holds no products: neither <item> (RSS) nor <entry> (Atom) is in it")
    table = pl.concat(frames, how="diagonal")

    def read(names: Sequence[str]) -> pl.DataFrame:
        return table.select(names)

    return Source(str(path), "jsonl", tuple(table.columns), read)


def _batches(file: IO[Any] | gzip.GzipFile) -> Iterator[pl.DataFrame]:
    rows: list[dict[str, str]] = []
    parents: list[Element] = []
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=False, forbid_entities=True):
        if event == "start":
            parents.append(element)
            continue
        parents.pop()
        if _name(element) in ("item", "entry"):
            rows.append(_values(element))
            if parents:
                parents[-1].clear()  # what was read needs no memory any more
        if len(rows) == _BATCH:
            yield pl.DataFrame(rows, infer_schema_length=None)
            rows = []
    if rows:
        yield pl.DataFrame(rows, infer_schema_length=None)


def _values(product: Element) -> dict[str, str]:
    """Return a product's values by name; of a repeated one the first, of Atom's link its address."""
    values: dict[str, str] = {}
    for child in product:
        value = (child.text or child.get("href") or "").strip()
        if value:
            values.setdefault(_name(child), value)
    return values


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _items(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.col("id").alias(ITEM),
        pl.coalesce(text("product_type"), text("google_product_category")).alias("product_type"),
        *(as_prices(frame[name].cast(pl.String)).alias(name) for name in (PRICE, "sale_price")),
        text(PRICE).str.extract(r"([A-Z]{3})").alias("currency"),
        text("availability").str.to_lowercase().str.replace_all(r"[\s-]+", "_").alias("availability"),
    )


EXPORTS: Final = (
    Export(
        "items",
        "product feed of Google Merchant",
        frozenset({"id", "title", "link", "availability", "price"}),
        _items,
        {
            ITEM: "id", "title": "title", "product_type": "product_type or google_product_category", "brand": "brand",
            PRICE: "price", "sale_price": "sale_price", "availability": "availability", "link": "link",
            "image_link": "image_link", "item_group_id": "item_group_id", "currency": "price",
        },
        attributes=True,
    ),
)  # fmt: skip
