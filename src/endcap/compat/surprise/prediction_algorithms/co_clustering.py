"""Co-clustering."""

from __future__ import annotations

from typing import Any

import numpy as np

from endcap.compat.surprise.prediction_algorithms.predictor import PredictorAlgorithm
from endcap.compat.surprise.utils import get_rng
from endcap.data.arrays import Int32Array
from endcap.models.co_clustering import CoClustering as EndcapCoClustering


class CoClustering(PredictorAlgorithm):
    """Clusters of users and of items (`endcap.CoClustering`).

    Parameters
    ----------
    n_cltr_u, n_cltr_i, n_epochs
        How many clusters of users and of items, and how often they are chosen anew.
    random_state
        See `endcap.compat.surprise.utils.get_rng`.
    verbose
        Has no effect: nothing is printed.

    Examples
    --------
    >>> from endcap.compat.surprise import CoClustering, Trainset
    >>> ratings = [("ann", 1, 5.0, None), ("ann", 2, 4.0, None), ("bob", 1, 3.0, None)]
    >>> CoClustering(random_state=0).fit(Trainset.of(ratings, (1, 5))).predict("eve", 2).est
    4.0
    """

    def __init__(
        self, n_cltr_u: int = 3, n_cltr_i: int = 3, n_epochs: int = 20, random_state: Any = None, verbose: bool = False
    ) -> None:
        super().__init__()
        self.n_cltr_u, self.n_cltr_i, self.n_epochs = n_cltr_u, n_cltr_i, n_epochs
        self.random_state, self.verbose = random_state, verbose

    def _make(self) -> EndcapCoClustering:
        model = _CoClustering(user_clusters=self.n_cltr_u, item_clusters=self.n_cltr_i, epochs=self.n_epochs, starts=1)
        model._random_state = self.random_state
        return model


class _CoClustering(EndcapCoClustering):
    _random_state: Any

    def _start(self, draws: np.random.Generator, rows: tuple[int, int]) -> tuple[Int32Array, Int32Array]:
        del draws
        rng = get_rng(self._random_state)
        users = rng.randint(self.user_clusters, size=rows[0]).astype(np.int32)
        return users, rng.randint(self.item_clusters, size=rows[1]).astype(np.int32)
