"""The products as the shop's pages show them, and the search among them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from endcap.data.schema import ITEM
from endcap.data.vocabulary import Id
from endcap.errors import EndcapError
from endcap.recommend.request import Request
from endcap.recommend.shelf import Shelf
from endcap.serve.live import Live

_FOUND: Final = 24
_DEPARTMENTS: Final = 10
_SEARCHED: Final = ("title", "product_type", "brand")


@dataclass(frozen=True)
class Product:
    """What a page shows of a product."""

    item: Id
    title: str
    path: list[str]
    """The product's type, from the department down."""
    brand: str
    price: float | None
    regular: float | None
    """The price that the sale price takes the place of."""
    on_sale: bool
    """Whether it can be had."""

    @classmethod
    def of(cls, shelf: Shelf, row: int) -> Product:
        """Return the product of a row of the shelf."""
        values: dict[str, Any] = shelf.product(row)
        price, sale = values.get("price"), values.get("sale_price")
        reduced = price is not None and sale is not None and sale < price
        return cls(
            item=shelf.ids[row],
            title=str(values.get("title", shelf.ids[row])),
            path=[part.strip() for part in str(values.get("product_type", "")).split(">") if part.strip()],
            brand=str(values.get("brand", "")),
            price=sale if reduced else price,
            regular=price if reduced else None,
            on_sale=bool(shelf.eligible[row]),
        )


class Goods:
    """The products of a shop that is being served."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._departments: tuple[Shelf | None, list[str]] = (None, [])

    def find(self, item: str) -> Product | None:
        """Return a product; None where the shop doesn't have it."""
        shelf = self._live.engine.shelf
        try:
            row = shelf.row_of.get(self._live.id_of(item, item=True))
        except EndcapError:
            return None
        return None if row is None or row >= shelf.listed else Product.of(shelf, row)

    def search(self, words: str) -> list[Product]:
        """Return products whose title, type or brand has all the words, the best-sellers first."""
        items, wanted = self._live.shop.items, words.lower().split()
        if items is None or not wanted:
            return []
        names = [pl.col(name).cast(pl.String) for name in _SEARCHED if name in items.columns]
        text = pl.concat_str([pl.col(ITEM).cast(pl.String), *names], separator=" ", ignore_nulls=True)
        has_all = pl.all_horizontal(text.str.to_lowercase().str.contains(word, literal=True) for word in wanted)
        engine = self._live.engine
        found = Request(surface="best-sellers", among=items.filter(has_all)[ITEM].to_list(), k=_FOUND)
        return [Product.of(engine.shelf, result.row) for result in engine.answer(found).results]

    def departments(self) -> list[str]:
        """Return the first parts of the product types, those with most products first."""
        shelf, names = self._departments
        if shelf is not self._live.engine.shelf:
            shelf = self._live.engine.shelf
            products = (shelf.product(row) for row in _some(shelf))
            counted = Counter(str(one.get("product_type", "")).split(">")[0].strip() for one in products)
            names = [name for name, _ in counted.most_common() if name][:_DEPARTMENTS]
            self._departments = shelf, names
        return names

    def shoppers(self) -> list[Id]:
        """Return some known shoppers: one who bought as many products as most do, and two who bought many."""
        bought, users = self._live.engine.sources.prepared.bought, self._live.engine.model.interactions_.users
        order = np.argsort(np.diff(bought.indptr), kind="stable")
        places = sorted({int(share * (len(order) - 1)) for share in (0.5, 0.9, 0.99)})
        return users.decode(order[places]).to_list()

    def knows(self, user: str) -> bool:
        """Return whether somebody is among the shoppers that the model learned from."""
        try:
            return self._live.id_of(user) in self._live.engine.model.interactions_.users
        except EndcapError:
            return False


def _some(shelf: Shelf, most: int = 3000) -> list[int]:
    """Return rows of products that can be had, spread over the shelf."""
    rows = np.flatnonzero(shelf.eligible)
    some: list[int] = rows[:: max(1, len(rows) // most)].tolist()
    return some
