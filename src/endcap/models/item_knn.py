"""Item-based nearest neighbours: people who took this also took that."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Float32Array, IndexLists, with_values
from endcap.data.durations import parse_duration
from endcap.data.interactions import Interactions
from endcap.models.base import Progress
from endcap.models.linear_model import LinearModel
from endcap.models.neighbours import item_neighbours
from endcap.models.parameters import Threads, parameters
from endcap.models.queries import Queries
from endcap.models.recency import decayed_weights
from endcap.models.search_space import Options, Range
from endcap.models.similarity import Alpha, Similarity, SimilarityName

# An item with fewer buyers than some five is put down to the average item in part.
_TYPICAL_BUYERS = 5


@parameters
class ItemKNN(LinearModel):
    """Items that the same shoppers had to do with are alike; what is like a shopper's items is recommended.

    Two items are as alike as their users are (`similarity`; the shrunk cosine between their columns of the user x item
    matrix, unless another is asked for). Each item keeps its `neighbours` most similar ones, with similarities that sum
    to 1, and an item's score for a shopper is the sum of its similarity to the shopper's items, each times its weight
    in the history. Deshpande and Karypis, "Item-based top-N recommendation algorithms" (2004).

    An item of the history also counts for itself, so that with `exclude_seen=False` own repeats are ranked too, by
    how often, how lately, and how faithfully everybody takes the item.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> model = ec.ItemKNN().fit(sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0]]))
    >>> model.recommend(3, k=1)["item_id"].to_list()
    [1]
    """

    neighbours: Annotated[int, Field(gt=0), Range(20, 500, log=True)] = 100
    """How many similar items each item keeps."""
    similarity: Annotated[SimilarityName, Options("cosine", "tfidf", "bm25", "asymmetric")] = "cosine"
    """How alike an item j is to an item i of the history. "cosine": of their columns of log2(1 + weight). "tfidf": the
    same with each user's entries times log(1 + items / the user's items), so that who takes everything says little.
    "bm25": the same rarity times a weight that saturates, the sooner the less popular the item (Robertson and Zaragoza,
    2009). "jaccard": users of both / users of either. "asymmetric": the inner product of the columns divided by their
    squared lengths, i's to the power of 1 - `alpha` and j's of `alpha` (Aiolli, RecSys 2013). "conditional": users of
    both / (users of i * users of j ^ `alpha`) (Deshpande and Karypis, 2004). "lift": how many times as often both are
    taken as if users took them independently of each other."""
    alpha: Annotated[Alpha, Range(0.2, 0.8)] = 0.5
    """How strongly "asymmetric" and "conditional" mark popular items down; with 0.5, "asymmetric" is the cosine."""
    shrinkage: Annotated[float, Field(ge=0), Range(1.0, 200.0, log=True)] = 20.0
    """Added to what the similarity divides by, so that similarities that rest on few users shrink; with "cosine" about
    a number of users. 20 was far better than 0 on Gowalla and Ta-Feng, as good on Complete Journey, a little worse on
    Online Retail."""
    self_similarity: Annotated[float, Field(ge=0), Range(0.5, 50.0, log=True)] = 10.0
    """How much an item of the history counts for itself, when all its neighbours together count 1. It matters only with
    `exclude_seen=False`."""
    half_life: Annotated[str | None, Options(None, "30d", "90d", "365d")] = "90d"
    """An item of the history counts half when the shopper last took it so long ago; None, or where events have no time:
    age doesn't matter."""
    prior: Annotated[float, Field(ge=0), Range(0.0, 2.0)] = 0.5
    """How much the average weight of an item among those who took it counts in a history beside the shopper's own
    weight: what is taken again by everybody, such as milk, is expected again sooner than what is taken once. The
    posterior mean of a Poisson rate under a gamma prior. 0.5 was the best or close to it on Complete Journey, Online
    Retail and Ta-Feng."""
    threads: Threads = 0
    """How many threads to use; 0: all cores."""

    _learned = ("weights_", "item_weights_")

    def _fit(self, data: Interactions, progress: Progress) -> None:
        if self.half_life is not None:
            parse_duration(self.half_life)
        progress("item neighbours", 0.0)
        self.weights_: CsrMatrix = self._neighbours(data.matrix)
        sums = np.asarray(self.weights_.sum(axis=1)).ravel()
        self.weights_.data /= np.repeat(sums, np.diff(self.weights_.indptr)).astype(np.float32)
        if self.self_similarity > 0:
            self.weights_ = self.weights_ + _diagonal(data.shape[1], self.self_similarity)
        self.item_weights_: Float32Array = self._average_weights(data)
        progress("item neighbours", 1.0)

    def _neighbours(self, taken: CsrMatrix) -> CsrMatrix:
        users, items = IndexLists.from_matrix(taken).rows(), taken.indices
        n, m = taken.shape
        similarity = Similarity.learn(self.similarity, self.alpha, taken.data, users, (m, n))
        values = similarity.values(taken.data, items, users)
        sizes = similarity.sizes(values, items, m)
        return item_neighbours(
            sparse.csr_array((values, items, taken.indptr), shape=taken.shape),
            similarity.left(sizes),
            self.neighbours,
            right=similarity.right(sizes),
            over_union=similarity.over_union,
            shrinkage=self.shrinkage,
            threads=self.threads,
        )

    def _average_weights(self, data: Interactions) -> Float32Array:
        """Return the average weight, decayed as in a history, of each item among those who took it."""
        weights = decayed_weights(Queries.of_everyone(data), data, self.half_life)
        items, m = data.matrix.indices, data.shape[1]
        total = np.bincount(items, weights, m) + _TYPICAL_BUYERS * weights.mean(dtype=np.float64)
        average: Float32Array = (total / (np.bincount(items, minlength=m) + _TYPICAL_BUYERS)).astype(np.float32)
        return average

    def _history_weights(self, queries: Queries) -> CsrMatrix:
        histories = queries.histories
        weights = decayed_weights(queries, self.interactions_, self.half_life)
        prior = np.float32(self.prior)
        expected = (weights + prior * self.item_weights_[histories.indices]) / (1 + prior)
        return with_values(histories, expected)


def _diagonal(m: int, value: float) -> CsrMatrix:
    return sparse.csr_array(
        (np.full(m, value, np.float32), np.arange(m, dtype=np.int32), np.arange(m + 1, dtype=np.int32)), shape=(m, m)
    )
