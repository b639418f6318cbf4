"""What goes into the same basket: association rules between two items."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from pydantic import Field
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Float64Array, IndexLists, Int64Array, with_values
from endcap.data.interactions import Interactions
from endcap.data.schema import ITEM
from endcap.models.base import Progress
from endcap.models.baskets import Baskets
from endcap.models.cooccurrence import Pairs, discoveries, fisher_exact, frequent_pairs
from endcap.models.linear_model import LinearModel
from endcap.models.parameters import parameters
from endcap.models.queries import Queries, is_single


@parameters
class BoughtTogether(LinearModel):
    """Items that are in the same basket more often than by chance; the surface "frequently bought together".

    For two items i and j that are together in n_ij of N baskets, n_i of which hold i and n_j hold j, the rule "who buys
    i buys j" has the support n_ij / N, the confidence n_ij / n_i and the lift N n_ij / (n_i n_j) (Agrawal, Imielinski
    and Swami, "Mining association rules between sets of items in large databases", SIGMOD 1993). Of the pairs found
    together `min_count` times or more, those stay that are significant: Fisher's exact test gives each a p-value, and
    the procedure of Benjamini and Hochberg (1995) bounds the share of false ones among all that stay.

    `similar_items` ranks what is bought with an item by `measure`; `recommend(history=cart)` adds up the scores
    over the items of a cart, and `rules` tells the numbers.

    Where no two items are often enough in one basket, what each shopper ever took counts as one, and `notes_` says so.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> carts = [["bread", "butter"]] * 6 + [["bread", "jam"]] + [["tea"]] * 20
    >>> lines = [(f"shopper {n}", f"order {n}", item) for n, cart in enumerate(carts) for item in cart]
    >>> events = pl.DataFrame(lines, schema=["user_id", "transaction_id", "item_id"], orient="row")
    >>> model = ec.BoughtTogether().fit(events)
    >>> model.similar_items("bread")["item_id"].to_list()
    ['butter']
    >>> model.rules("bread").select("with_item_id", "count", "confidence", "lift").row(0)
    ('butter', 6, 0.8571428571428571, 3.857142857142857)
    """

    measure: Literal["j_measure", "confidence", "lift"] = "j_measure"
    """What scores the rules of an item. "j_measure": how much is learned about j from i being in the basket, the
    divergence between the chances of j with and without that knowledge (Smyth and Goodman, "An information theoretic
    approach to rule induction from databases", IEEE TKDE 1992): both frequent and specific, and the best for whole
    carts on Complete Journey and Online Retail. "confidence": the most frequent, so best-sellers everywhere. "lift":
    the most specific, so rarities."""
    min_count: Annotated[int, Field(ge=1)] = 5
    """In how many baskets a pair must be together, the least on which a customary test should rest."""
    false_discovery_rate: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Which share of the pairs that stay may be coincidence."""

    _learned = ("weights_", "counts_", "item_baskets_", "n_baskets_")
    _needs_log = True

    def _fit(self, data: Interactions, progress: Progress) -> None:
        assert data.log is not None  # noqa: S101 - fit made one
        progress("baskets", 0.0)
        if not self._learn(Baskets.of_log(data.log, data.shape[1]).matrix, progress):
            note = "no two items are often enough in one basket, so what a shopper ever took counts as one"
            self.notes_ = (*self.notes_, note)
            self._learn(data.matrix, progress)
        progress("baskets", 1.0)

    def _learn(self, baskets: CsrMatrix, progress: Progress) -> bool:
        """Learn from baskets, shape (baskets, items), and return whether there is any pair."""
        n, m = baskets.shape
        of_item = np.bincount(baskets.indices, minlength=m)
        blocks, chances = [Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64))], [np.zeros(0)]
        for block in frequent_pairs(baskets, self.min_count):
            if len(block.first):
                progress("pairs", float(block.first[-1]) / m)
            expected = of_item[block.first].astype(np.float64) * of_item[block.second] / n
            pairs = block.where(block.together > expected)
            chance = fisher_exact(pairs.together, of_item[pairs.first], of_item[pairs.second], n)
            promising = chance <= self.false_discovery_rate  # no procedure would let others pass
            blocks.append(pairs.where(promising))
            chances.append(chance[promising])
        able = int(np.count_nonzero(of_item >= self.min_count))
        found = discoveries(np.concatenate(chances), self.false_discovery_rate, able * (able - 1) // 2)
        first, second, together = (np.concatenate(parts)[found] for parts in zip(*blocks, strict=True))
        one_way = sparse.csr_array((together.astype(np.float32), (first, second)), shape=(m, m))
        self.counts_: CsrMatrix = (one_way + one_way.T).tocsr()
        self.counts_.sort_indices()
        self.item_baskets_: Int64Array = of_item.astype(np.int64)
        self.n_baskets_: Int64Array = np.array([n])
        confidence, lift = self._confidence_and_lift()
        scores = {"confidence": confidence, "lift": lift, "j_measure": _j_measure(confidence, lift)}[self.measure]
        parts = (scores.astype(np.float32), self.counts_.indices, self.counts_.indptr)
        self.weights_: CsrMatrix = sparse.csr_array(parts, shape=self.counts_.shape)
        return bool(self.counts_.nnz)

    def _confidence_and_lift(self) -> tuple[Float64Array, Float64Array]:
        first, second = IndexLists.from_matrix(self.counts_).rows(), self.counts_.indices
        confidence = self.counts_.data.astype(np.float64) / self.item_baskets_[first]
        return confidence, confidence * self.n_baskets_[0] / self.item_baskets_[second]

    def _history_weights(self, queries: Queries) -> CsrMatrix:
        own = queries.histories
        return with_values(own, np.ones(own.nnz, np.float32))

    def rules(self, items: object = None) -> pl.DataFrame:
        """Return what is bought together with one item, with each of several, or all there is.

        Parameters
        ----------
        items
            One id, several, or None for all.

        Returns
        -------
        polars.DataFrame
            A row for every ordered pair: `item_id`, `with_item_id`, `count` (baskets with both), `support`,
            `confidence`, `lift`, `p_value` and `score`, the best of an item first.

        Raises
        ------
        UnknownIdError
            Where an item was not in the training data.
        """
        self._check_fitted()
        m, n = self.interactions_.shape[1], int(self.n_baskets_[0])
        asked = np.arange(m, dtype=np.int32)
        if items is not None:
            asked = self._known_items([items] if is_single(items) else list(items))  # type: ignore[call-overload]
        wanted = np.isin(IndexLists.from_matrix(self.counts_).rows(), asked)
        first, second = IndexLists.from_matrix(self.counts_).rows()[wanted], self.counts_.indices[wanted]
        confidence, lift = (values[wanted] for values in self._confidence_and_lift())
        count = self.counts_.data[wanted].astype(np.int64)
        ids = self.interactions_.items
        table = pl.DataFrame(
            {
                ITEM: ids.decode(first.astype(np.int32)),
                f"with_{ITEM}": ids.decode(second.astype(np.int32)),
                "count": count,
                "support": count / n,
                "confidence": confidence,
                "lift": lift,
                "p_value": fisher_exact(count, self.item_baskets_[first], self.item_baskets_[second], n),
                "score": self.weights_.data[wanted],
                "place": first,
            }
        )
        return table.sort("place", "score", descending=[False, True], maintain_order=True).drop("place")


def _j_measure(confidence: Float64Array, lift: Float64Array) -> Float64Array:
    """Return the divergence, in nats, of the chance of an item given another from its chance at large."""
    at_large, without = confidence / lift, 1 - confidence
    told = np.divide(without, 1 - at_large, out=np.ones_like(without), where=without > 0)
    information: Float64Array = confidence * np.log(lift) + without * np.log(told)
    return information
