"""Best-sellers: what most people took, now or lately."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from endcap.data.arrays import Float32Array, IndexLists, Int32Array, TopK
from endcap.data.durations import parse_duration
from endcap.data.interactions import Interactions
from endcap.errors import ParameterError
from endcap.models.base import Progress, Recommender
from endcap.models.fallback import fill_in_order
from endcap.models.parameters import parameters
from endcap.models.queries import Queries
from endcap.models.search_space import Options


@parameters
class Popular(Recommender):
    """The items that most users had to do with; the same list for everyone.

    The baseline that every personal model has to beat. An item's score is the number of users who had to do with it,
    within the last `window` if one is given, each counting 0.5 ** (age / half_life) if a half-life is given.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> model = ec.Popular().fit(sparse.csr_array([[1, 0, 1], [0, 0, 1], [0, 1, 0]]))
    >>> model.recommend(1, k=2)["item_id"].to_list()
    [0, 1]
    """

    window: Annotated[str | None, Options(None, "7d", "14d", "30d", "90d")] = None
    """Only users who came back to the item within so long before the newest event count, such as "4w"; None: all."""
    half_life: Annotated[str | None, Options(None, "7d", "30d", "90d")] = None
    """A user's last event with the item counts half after so long, such as "30d"; None: age doesn't matter."""

    _learned = ("scores_",)
    _personal = False

    def _fit(self, data: Interactions, progress: Progress) -> None:
        weight = np.ones(data.nnz)
        if self.window is not None or self.half_life is not None:
            if data.last_time is None:
                raise ParameterError("Popular: window and half_life need events with a timestamp; these have none")
            age = (data.last_time.max(initial=0) - data.last_time) / 1e6
            if self.half_life is not None:
                weight *= 0.5 ** (age / parse_duration(self.half_life).total_seconds())
            if self.window is not None:
                weight *= age <= parse_duration(self.window).total_seconds()
        totals = np.bincount(data.matrix.indices, weights=weight, minlength=data.shape[1])
        self.scores_: Float32Array = totals.astype(np.float32)

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        allowed = np.arange(len(self.scores_)) if candidates is None else candidates
        order = allowed[np.argsort(-self.scores_[allowed], kind="stable")].astype(np.int32)
        items = np.full((len(queries), k), -1, np.int32)
        fill_in_order(items, order, exclude)
        return TopK(items, np.where(items >= 0, self.scores_[items], 0).astype(np.float32))

    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        return self.scores_[items]

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        own = IndexLists(np.arange(len(items) + 1, dtype=np.int64), items)
        return self._top_k(Queries.of_histories(self.interactions_, [[]] * len(items)), k, own, candidates)
