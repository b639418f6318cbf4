"""Bayesian personalised ranking."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from endcap.models.parameters import Seed, Threads, parameters
from endcap.models.ranking_sgd import RankingFactors
from endcap.models.search_space import Range


@parameters
class BPR(RankingFactors):
    """Vectors for users and items such that a user's own items come before others.

    For a pair (u, i) and an item j that the user had nothing to do with, drawn at random, a step goes up the gradient
    of

        log sigmoid(x_u . (y_i - y_j))  -  regularization / 2 * (|x_u|^2 + |y_i|^2 + |y_j|^2)

    (Rendle, Freudenthaler, Gantner and Schmidt-Thieme, "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI
    2009). How much a user had to do with an item plays no part. There are no biases: popularity is one more direction.
    Steps, threads and visitors: see `endcap.models.ranking_sgd.RankingFactors`.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> bought = sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> model = ec.BPR(factors=4, seed=1).fit(bought)
    >>> model.recommend(2, k=1)["item_id"].to_list()
    [0]
    """

    factors: Annotated[int, Field(ge=1, le=4096), Range(16, 128, log=True)] = 64
    """Length of the vectors."""
    epochs: Annotated[int, Field(ge=1), Range(10, 80, log=True)] = 40
    """Passes over the pairs."""
    learning_rate: Annotated[float, Field(gt=0), Range(0.1, 3.0, log=True)] = 1.0
    """The length of a step before Adagrad shortens it."""
    regularization: Annotated[float, Field(ge=0), Range(0.0003, 0.3, log=True)] = 0.01
    """How strongly vectors are drawn to zero."""
    seed: Seed = 0
    """Of the random vectors, orders and negatives."""
    threads: Threads = 0
    """0: all cores. The result doesn't depend on it."""

    _loss = "bpr"
