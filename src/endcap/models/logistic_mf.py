"""Logistic matrix factorisation."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from endcap.data.arrays import CsrMatrix, Float32Array
from endcap.data.interactions import Interactions
from endcap.models.base import Progress
from endcap.models.confidence import Confidence, counted, scale_to_mean
from endcap.models.parameters import Seed, Threads, parameters
from endcap.models.ranking_sgd import RankingFactors
from endcap.models.search_space import Range


@parameters
class LogisticMF(RankingFactors):
    """Vectors whose inner product says how probable it is that a user has to do with an item.

    With p_ui = sigmoid(x_u . y_i), steps go up the gradient of

        sum over observed (u, i) of  c_ui log p_ui  +  sum over `negatives` drawn items j of log(1 - p_uj)

        c_ui = alpha * g(w_ui) / (mean of g over the training data)

    less regularization / 2 times the squared lengths of the vectors of each step (Johnson, "Logistic Matrix
    Factorization for Implicit Feedback Data", NIPS 2014 workshop), where w_ui is the interaction's weight and g is
    chosen by `confidence`. Johnson takes all other items for negatives, and alternates between whole gradients of both
    sides; here negatives are drawn, and a step is taken for every pair. His biases are left out: the user's changes no
    order, the item's is one more direction. Steps, threads and visitors: see
    `endcap.models.ranking_sgd.RankingFactors`.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> bought = sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> model = ec.LogisticMF(factors=4, seed=1).fit(bought)
    >>> model.recommend(2, k=1)["item_id"].to_list()
    [0]
    """

    factors: Annotated[int, Field(ge=1, le=4096), Range(16, 128, log=True)] = 64
    """Length of the vectors."""
    epochs: Annotated[int, Field(ge=1), Range(10, 60, log=True)] = 30
    """Passes over the pairs."""
    learning_rate: Annotated[float, Field(gt=0)] = 1.0
    """The length of a step before Adagrad shortens it."""
    regularization: Annotated[float, Field(ge=0), Range(0.0003, 0.3, log=True)] = 0.01
    """How strongly vectors are drawn to zero."""
    negatives: Annotated[int, Field(ge=1, le=255), Range(2, 20, log=True)] = 5
    """How many items are drawn for a pair; those that are the user's own are passed over."""
    alpha: Annotated[float, Field(gt=0), Range(0.2, 10.0, log=True)] = 1.0
    """The mean confidence of observed pairs."""
    confidence: Confidence = "log"
    """How weights count: g(w) = 1 ("constant"), log2(1 + w), or w ("linear")."""
    seed: Seed = 0
    """Of the random vectors, orders and negatives."""
    threads: Threads = 0
    """0: all cores. The result doesn't depend on it."""

    _learned = (*RankingFactors._learned, "weight_scale_")
    _loss = "logistic"

    def _fit(self, data: Interactions, progress: Progress) -> None:
        scale = scale_to_mean(data.matrix.data, self.confidence, self.alpha)
        self.weight_scale_: Float32Array = np.array([scale], np.float32)
        super()._fit(data, progress)

    def _draws(self) -> int:
        return self.negatives

    def _weights(self, matrix: CsrMatrix) -> Float32Array:
        weights: Float32Array = counted(matrix.data, self.confidence) * self.weight_scale_[0]
        return weights
