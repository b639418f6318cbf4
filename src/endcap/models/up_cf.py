"""The next basket by how often items are in the latest ones, of the shopper and of similar shoppers: UP-CF@r."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from endcap.data.arrays import CsrMatrix, Float32Array, with_values
from endcap.models.baskets import Baskets
from endcap.models.next_basket import NextBasket
from endcap.models.parameters import Threads, parameters
from endcap.models.search_space import Range


@parameters
class UPCF(NextBasket):
    """User-wise popularity in the last baskets, spread by collaborative filtering among users (UP-CF@r).

    A shopper's habit is the share of the last `recency` baskets that hold the item. Shoppers are alike by the
    asymmetric cosine between the sets of items they ever took, |A and B| / (|A|^alpha |B|^(1 - alpha)). An item's score
    is the shopper's own habit plus, over the `neighbours` users most alike, their habit times their similarity to the
    power of `locality`. Faggioli, Polato and Aiolli, "Recency aware collaborative filtering for next basket
    recommendation" (UMAP 2020).

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> baskets = {"a": [["milk", "jam"], ["milk"], ["milk"]], "b": [["tea"], ["milk", "tea"]]}
    >>> lines = [(u, f"{u}{n}", i) for u, own in baskets.items() for n, basket in enumerate(own) for i in basket]
    >>> events = pl.DataFrame(lines, schema=["user_id", "transaction_id", "item_id"], orient="row")
    >>> ec.UPCF(recency=2).fit(events).recommend("a", k=2)["item_id"].to_list()
    ['milk', 'tea']
    """

    neighbours: Annotated[int, Field(gt=0), Range(50, 1000, log=True)] = 300
    """How many similar users are heard."""
    recency: Annotated[int, Field(gt=0), Range(1, 100, log=True)] = 25
    """How many of the latest baskets habits are made of (r)."""
    alpha: Annotated[float, Field(ge=0, le=1), Range(0.1, 0.95)] = 0.75
    """How strongly the number of the shopper's own items, rather than of the neighbour's, lowers a similarity."""
    locality: Annotated[float, Field(gt=0), Range(1.0, 30.0, log=True)] = 5.0
    """The power that similarities are taken to (q): the higher, the less those count who are only a little alike. 5 was
    the best on Complete Journey and Online Retail; 2 a little better on Ta-Feng, and far worse on the others."""
    threads: Threads = 0
    """How many threads to use; 0: all cores. The result doesn't depend on it."""

    def _habits(self, baskets: Baskets) -> CsrMatrix:
        recent = np.minimum(baskets.counts[baskets.shopper], self.recency)
        return baskets.sum_by_shopper((baskets.age() < recent) / recent)

    def _compared(self, baskets: Baskets, habits: CsrMatrix) -> tuple[CsrMatrix, Float32Array, Float32Array]:
        sets = baskets.sum_by_shopper(np.ones(len(baskets.shopper)))
        sets.data[:] = 1
        sizes = np.maximum(np.diff(sets.indptr), 1)
        return sets, (sizes**self.alpha).astype(np.float32), (sizes ** (1 - self.alpha)).astype(np.float32)

    def _shares(self, similarity: CsrMatrix) -> tuple[float, CsrMatrix]:
        share = (similarity.data.astype(np.float64) ** self.locality).astype(np.float32)
        return 1.0, with_values(similarity, share)
