"""Item-based nearest neighbours: people who took this also took that."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from scipy import sparse

from endcap.data.arrays import CsrMatrix
from endcap.data.interactions import Interactions
from endcap.models.base import Progress
from endcap.models.linear_model import LinearModel
from endcap.models.neighbours import item_neighbours
from endcap.models.parameters import Threads, parameters


@parameters
class ItemKNN(LinearModel):
    """Items that the same shoppers had to do with are alike; what is like a shopper's items is recommended.

    Two items are as alike as the cosine between their columns of the user x item matrix, weighted first as `weighting`
    says. Each item keeps its `neighbours` most similar ones, and an item's score for a shopper is the sum of its
    similarity to the shopper's items, each times its weight in the history. Deshpande and Karypis, "Item-based top-N
    recommendation algorithms" (2004).

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> model = ec.ItemKNN().fit(sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0]]))
    >>> model.recommend(3, k=1)["item_id"].to_list()
    [1]
    """

    neighbours: Annotated[int, Field(gt=0)] = 100
    """How many similar items each item keeps."""
    weighting: Literal["cosine", "tfidf", "bm25"] = "cosine"
    """How a user's weight for an item enters the similarity. "cosine": as it is. "tfidf": its square root times the
    rarity of the user, log(1 + items / the user's items), so that who takes everything says little. "bm25": the same
    rarity, times a weight that saturates, the sooner the more popular the item (Robertson and Zaragoza, 2009)."""
    shrinkage: Annotated[float, Field(ge=0)] = 0.0
    """Added to the product of the norms that the inner product is divided by, so that similarities that rest on few
    users shrink."""
    threads: Threads = 0
    """How many threads to use; 0: all cores."""

    _learned = ("weights_",)

    def _fit(self, data: Interactions, progress: Progress) -> None:
        progress("item neighbours", 0.0)
        matrix = weighted(data.matrix, self.weighting)
        norms = np.sqrt(np.bincount(matrix.indices, matrix.data.astype(np.float64) ** 2, data.shape[1]))
        self.weights_: CsrMatrix = item_neighbours(
            matrix, norms.astype(np.float32), self.neighbours, shrinkage=self.shrinkage, threads=self.threads
        )
        progress("item neighbours", 1.0)


def weighted(
    matrix: CsrMatrix, weighting: Literal["cosine", "tfidf", "bm25"], k1: float = 1.2, b: float = 0.75
) -> CsrMatrix:
    """Return the user x item matrix with its values weighted as `ItemKNN.weighting` says."""
    if weighting == "cosine":
        return matrix
    lengths = np.diff(matrix.indptr)
    rarity = np.log1p(matrix.shape[1] / np.maximum(lengths, 1)).repeat(lengths)
    if weighting == "tfidf":
        values = np.sqrt(matrix.data) * rarity
    else:
        volume = np.bincount(matrix.indices, matrix.data, matrix.shape[1])
        saturation = k1 * (1 - b + b * volume / volume.mean())
        values = matrix.data * (k1 + 1) / (matrix.data + saturation[matrix.indices]) * rarity
    return sparse.csr_array((values.astype(np.float32), matrix.indices, matrix.indptr), shape=matrix.shape)
