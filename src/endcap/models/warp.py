"""Weighted approximate-rank pairwise loss."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from endcap.models.parameters import Seed, Threads, parameters
from endcap.models.ranking_sgd import RankingFactors
from endcap.models.search_space import Range


@parameters
class WARP(RankingFactors):
    """Like `BPR`, but learning from those negatives alone that stand too high, and more the fewer have to be tried.

    For a pair (u, i), items j that the user had nothing to do with are drawn until one violates the margin, x_u . y_j >
    x_u . y_i - 1. If that is the N-th of m items' draw, i stands at about rank r = (m - 1) / N, and the step goes up
    the gradient of

        log(1 + r) * x_u . (y_i - y_j)  -  regularization / 2 * (|x_u|^2 + |y_i|^2 + |y_j|^2)

    (Weston, Bengio and Usunier, "WSABIE: Scaling Up To Large Vocabulary Image Annotation", IJCAI 2011, with log(1 + r)
    for the sum of 1/k up to r). No step is taken where `max_draws` items violate nothing. So the top of the list counts
    most. How much a user had to do with an item plays no part. Steps, threads and visitors: see
    `endcap.models.ranking_sgd.RankingFactors`.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> bought = sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> model = ec.WARP(factors=4, seed=1).fit(bought)
    >>> model.recommend(2, k=1)["item_id"].to_list()
    [0]
    """

    factors: Annotated[int, Field(ge=1, le=4096), Range(16, 128, log=True)] = 64
    """Length of the vectors."""
    epochs: Annotated[int, Field(ge=1), Range(10, 60, log=True)] = 30
    """Passes over the pairs."""
    learning_rate: Annotated[float, Field(gt=0), Range(0.05, 1.0, log=True)] = 0.3
    """The length of a step before Adagrad shortens it."""
    regularization: Annotated[float, Field(ge=0), Range(0.003, 1.0, log=True)] = 0.1
    """How strongly vectors are drawn to zero."""
    max_draws: Annotated[int, Field(ge=1, le=255)] = 10
    """How many items are tried for one that violates the margin."""
    seed: Seed = 0
    """Of the random vectors, orders and negatives."""
    threads: Threads = 0
    """0: all cores. The result doesn't depend on it."""

    _loss = "warp"

    def _draws(self) -> int:
        return self.max_draws
