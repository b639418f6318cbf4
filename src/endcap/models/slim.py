"""Sparse linear methods: each item predicted from others by a regression with an elastic net."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from scipy import sparse

from endcap import native
from endcap.data.arrays import CsrMatrix, IndexLists, with_values
from endcap.data.interactions import Interactions
from endcap.models.base import Progress
from endcap.models.item_columns import ItemColumns
from endcap.models.linear_model import LinearModel
from endcap.models.neighbours import item_neighbours
from endcap.models.parameters import Threads, parameters
from endcap.models.queries import Queries
from endcap.models.search_space import Range

_ROUNDS, _TOLERANCE = 100, 1e-4


@parameters
class SLIM(LinearModel):
    """Each item's column is predicted from the columns of other items, by few weights that are learned together.

    For every item j the weights w of its `neighbours` most similar items (by cosine) minimise

        1/2 |x_j - X w|^2  +  l2/2 |w|^2  +  l1 sum |w|

    where X is the user x item matrix of log2(1 + weight). Ning and Karypis, "SLIM: Sparse Linear Methods for Top-N
    Recommender Systems" (ICDM 2011), with the candidates of fsSLIM in the same paper. Solved by coordinate descent
    (Friedman, Hastie and Tibshirani, "Regularization Paths for Generalized Linear Models", 2010). Unlike `ItemKNN`'s
    similarities, weights know of each other: two items that say the same share the weight.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> model = ec.SLIM(l1=0, l2=1).fit(sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0]]))
    >>> model.recommend(3, k=1)["item_id"].to_list()
    [1]
    """

    neighbours: Annotated[int, Field(gt=0)] = 200
    """How many similar items may speak for each item."""
    l1: Annotated[float, Field(ge=0), Range(0.03, 10.0, log=True)] = 1.0
    """How strongly weights are drawn to exactly zero; about a number of users who must take both items. 1 with an
    `l2` of 30 was better than 0.5 with 10 and 0.2 with 10 on Gowalla, MovieLens 1M, Ta-Feng and Online Retail."""
    l2: Annotated[float, Field(gt=0), Range(1.0, 1000.0, log=True)] = 30.0
    """How strongly weights are drawn towards zero, in about a number of users; see `l1`."""
    positive: bool = True
    """Whether only weights above zero are allowed, as in the paper."""
    threads: Threads = 0
    """How many threads to use; 0: all cores. The result doesn't depend on it."""

    _learned = ("weights_",)

    def _fit(self, data: Interactions, progress: Progress) -> None:
        progress("weights", 0.0)
        values = np.log2(1 + data.matrix.data).astype(np.float32)
        by_user = with_values(data.matrix, values)
        m = data.shape[1]
        norms = np.sqrt(np.bincount(by_user.indices, values.astype(np.float64) ** 2, m))
        tiny = np.finfo(np.float32).tiny
        similar = item_neighbours(
            by_user, np.maximum(norms, tiny).astype(np.float32), self.neighbours, threads=self.threads
        )
        candidates, weights = IndexLists.from_matrix(similar), np.empty(similar.nnz, np.float32)
        native.slim(
            *ItemColumns.of(by_user, threads=self.threads),
            *candidates,
            self.l1,
            self.l2,
            self.positive,
            _ROUNDS,
            _TOLERANCE,
            weights,
            self.threads,
        )
        # A row for each item that is predicted; the model wants a row for each item of a history.
        predicted = sparse.csr_array((weights, candidates.indices, candidates.indptr), shape=(m, m))
        self.weights_: CsrMatrix = predicted.T.tocsr()
        self.weights_.eliminate_zeros()
        progress("weights", 1.0)

    def _history_weights(self, queries: Queries) -> CsrMatrix:
        own = queries.histories
        return with_values(own, np.log2(1 + own.data))
