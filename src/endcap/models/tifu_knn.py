"""The next basket by how often and how lately, and by what shoppers with the same habits take: TIFU-KNN."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from endcap.data.arrays import CsrMatrix, Float32Array, with_values
from endcap.models.baskets import Baskets
from endcap.models.next_basket import NextBasket, lengths_of
from endcap.models.parameters import Threads, parameters
from endcap.models.search_space import Range


@parameters
class TIFUKNN(NextBasket):
    """Temporal item frequency of the shopper and of the nearest neighbours, for the next basket.

    A shopper's baskets, oldest first, are parted into up to `groups` groups of equal size (the latest ones are larger
    by one where the parts can't be equal). In a group of g baskets the jth holds the weight within_decay ^ (g - j) / g
    for each of its items; of G groups, the ith counts group_decay ^ (G - i) / G. The sum is the shopper's vector of
    habits. An item's score is alpha times the shopper's habit plus (1 - alpha) times the mean habit of the `neighbours`
    users whose vectors have the highest cosine with the shopper's. Hu, He, Gao and Zhang, "Modeling personalized item
    frequency information for next-basket recommendation" (SIGIR 2020).

    The paper takes the Euclidean distance, by which whoever bought little is near to everybody; the cosine did as well
    on Ta-Feng and needs only users who share an item.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> baskets = {"a": [["milk", "jam"], ["milk"], ["milk"]], "b": [["tea"], ["milk", "tea"]]}
    >>> lines = [(u, f"{u}{n}", i) for u, own in baskets.items() for n, basket in enumerate(own) for i in basket]
    >>> events = pl.DataFrame(lines, schema=["user_id", "transaction_id", "item_id"], orient="row")
    >>> ec.TIFUKNN().fit(events).recommend("a", k=3)["item_id"].to_list()
    ['milk', 'tea', 'jam']
    """

    neighbours: Annotated[int, Field(gt=0), Range(50, 1000, log=True)] = 300
    """How many similar users are averaged."""
    groups: Annotated[int, Field(gt=0), Range(3, 100, log=True)] = 100
    """Into how many groups a history is parted at most; with as many as there are baskets, each is on its own. That was
    better than 7, the paper's setting for Ta-Feng, on Complete Journey, Online Retail and Ta-Feng."""
    within_decay: Annotated[float, Field(gt=0, le=1), Range(0.6, 1.0)] = 1.0
    """What is left of a basket's weight from one basket to the next in its group."""
    group_decay: Annotated[float, Field(gt=0, le=1), Range(0.6, 1.0)] = 0.95
    """What is left of a group's weight from one group to the next."""
    alpha: Annotated[float, Field(ge=0, le=1), Range(0.1, 0.95)] = 0.7
    """How much the shopper's own habits count; the neighbours' count 1 - alpha."""
    threads: Threads = 0
    """How many threads to use; 0: all cores. The result doesn't depend on it."""

    def _habits(self, baskets: Baskets) -> CsrMatrix:
        count = baskets.counts[baskets.shopper]
        groups = np.minimum(count, self.groups)
        small, larger = count // groups, count % groups  # so many groups at the end hold one basket more
        age = baskets.age()
        in_larger = age < larger * (small + 1)
        size = small + in_larger
        older = np.where(in_larger, age, age - larger * (small + 1))
        group_age = older // size + np.where(in_larger, 0, larger)
        weight = self.within_decay ** (older % size) / size * (self.group_decay**group_age / groups)
        return baskets.sum_by_shopper(weight)

    def _compared(self, baskets: Baskets, habits: CsrMatrix) -> tuple[CsrMatrix, Float32Array, Float32Array]:
        lengths = lengths_of(habits)
        return habits, lengths, lengths

    def _shares(self, similarity: CsrMatrix) -> tuple[float, CsrMatrix]:
        found = np.diff(similarity.indptr)
        share = np.repeat((1 - self.alpha) / np.maximum(found, 1), found).astype(np.float32)
        return self.alpha, with_values(similarity, share)
