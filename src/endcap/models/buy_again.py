"""What a shopper takes again and again: own repeats, by how often and how lately."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from endcap.data.arrays import BoolArray, Float32Array, Float64Array, IndexLists, Int32Array, Int64Array, TopK
from endcap.data.durations import parse_duration
from endcap.data.interactions import Interactions
from endcap.models.base import Progress, Recommender
from endcap.models.parameters import parameters
from endcap.models.queries import Queries
from endcap.models.recency import decayed_weights
from endcap.models.rhythm import OWN, item_rhythm, own_rhythm
from endcap.models.search_space import Options, Range

_DAY = 86_400_000_000  # microseconds


@parameters
class BuyAgain(Recommender):
    """The items that a shopper had to do with before, the most often and the latest ones first.

    An item's score is the weight of the shopper's events with it times 0.5 ** (age / half_life), the age being that of
    the last of them before the newest event of the training data. Nothing outside the shopper's own history is
    recommended; places that are left get best-sellers, marked as a fallback. Where events have no time, or with no
    half-life, only the weight counts. The strongest simple baseline where people buy the same things again, as in
    groceries: see Li et al., "A Next Basket Recommendation Reality Check" (2023), where it is called personal top
    frequency.

    With `due` above 0 the score is multiplied by 1 - due + due x min(1, age / rhythm): what was bought just now isn't
    needed yet. The rhythm is the mean gap between the shopper's own purchases of the item where there are three or
    more, else the median of all shoppers' mean gaps; an item that nobody bought twice is taken for due.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> model = ec.BuyAgain().fit(sparse.csr_array([[1, 0, 3], [0, 2, 1]]))
    >>> model.recommend(0, k=2)["item_id"].to_list()
    [2, 0]
    """

    half_life: Annotated[str | None, Options(None, "14d", "30d", "60d", "90d", "180d", "365d")] = "90d"
    """The weight of an item counts half when the shopper last took it so long ago, such as "30d"; None: age doesn't
    matter."""

    due: Annotated[float, Field(ge=0, le=1), Range(0.0, 1.0)] = 0.0
    """How much less an item counts right after it was bought than when it is due; 0: just as much."""

    _learned = ("rhythm_",)
    _recommends_seen = True

    @property
    def _needs_log(self) -> bool:  # type: ignore[override]
        return self.due > 0

    def _fit(self, data: Interactions, progress: Progress) -> None:
        if self.half_life is not None:
            parse_duration(self.half_life)
        if data.last_time is None and self.half_life is not None:
            self.notes_ = ("the events have no time, so only how often an item was taken counts",)

        self.rhythm_: Float64Array = np.zeros(0)
        if self.due and data.log is not None:
            self.rhythm_ = item_rhythm(*own_rhythm(data.log, data.matrix), data.matrix)

    def _repeats(self, queries: Queries) -> Float32Array:
        """Return the score of every entry of the histories, shape (nnz,)."""
        weights = decayed_weights(queries, self.interactions_, self.half_life)
        known = self._age_and_rhythm(queries)
        if known is None:
            return weights
        age, rhythm = known
        share = np.divide(age, rhythm, out=np.ones(len(age)), where=rhythm > 0)
        factor = 1 - self.due + self.due * np.clip(share, 0, 1)
        scores: Float32Array = (weights * factor).astype(np.float32)
        return scores

    def _age_and_rhythm(self, queries: Queries) -> tuple[Float64Array, Float64Array] | None:
        """Return the time since each entry's last purchase, and its rhythm (NaN: none), microseconds; None: not known.

        Both of shape (nnz,).
        """
        if not self.due or queries.last_time is None or queries.log is None or queries.log.times is None:
            return None
        gap, gaps = own_rhythm(queries.log, queries.histories)
        rhythm = np.where(gaps >= OWN, gap, self.rhythm_[queries.histories.indices])
        return (self.interactions_.newest - queries.last_time).astype(np.float64), rhythm

    def rhythms(self, queries: Queries, items: Int32Array) -> tuple[Float64Array, Float64Array]:
        """Return how often `items[q]` is bought and how long ago it was, in days; NaN where it isn't known.

        Two arrays of shape (n,): the gap by which `due` is reckoned, and the time from query q's last purchase of the
        item to the newest event of the training data. All NaN with `due=0`.
        """
        every, ago = np.full((2, len(items)), np.nan)
        known = self._age_and_rhythm(queries)
        if known is not None:
            place, found = _places(queries, np.arange(len(items), dtype=np.int32), items)
            ago[found], every[found] = (part[place[found]] / _DAY for part in known)
        return every, ago

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        own = IndexLists.from_matrix(queries.histories)
        if candidates is not None:
            allowed = np.zeros(queries.histories.shape[1], np.bool_)
            allowed[candidates] = True
            own = _where(own, allowed[own.indices])
        return super()._top_k_among(queries, k, exclude, own)

    def _top_k_among(self, queries: Queries, k: int, exclude: IndexLists, candidates: IndexLists) -> TopK:
        own = IndexLists.from_matrix(queries.histories)
        m = queries.histories.shape[1]
        asked = np.isin(own.rows() * m + own.indices, candidates.rows() * m + candidates.indices)
        return super()._top_k_among(queries, k, exclude, _where(own, asked))

    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        place, found = _places(queries, rows, items)
        scores = np.zeros(len(rows), np.float32)
        scores[found] = self._repeats(queries)[place[found]]
        return scores

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        return TopK(np.full((len(items), k), -1, np.int32), np.zeros((len(items), k), np.float32))

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        rows = np.arange(len(items), dtype=np.int32)
        place, found = _places(queries, rows, items)
        score = self._repeats(queries)[place[found]].astype(np.float64)
        return rows[found], items[found], score


def _where(lists: IndexLists, keep: BoolArray) -> IndexLists:
    """Return the entries of the lists where `keep` is true."""
    indptr = np.concatenate([[0], np.cumsum(keep)])[lists.indptr].astype(np.int64)
    return IndexLists(indptr, lists.indices[keep])


def _places(queries: Queries, rows: Int32Array, items: Int32Array) -> tuple[Int64Array, BoolArray]:
    """Return where in the histories' entries each pair (row, item) is, and whether it is there at all."""
    own, m = IndexLists.from_matrix(queries.histories), queries.histories.shape[1]
    keys = own.rows() * m + own.indices
    asked = rows.astype(np.int64) * m + items
    place = np.searchsorted(keys, asked)
    found = place < len(keys)
    found[found] = keys[place[found]] == asked[found]
    return place, found
