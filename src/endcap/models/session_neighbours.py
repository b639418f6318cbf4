"""What nearest-neighbour models of sessions share: similar sessions of the past say how the current one goes on."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from endcap import native
from endcap.data.arrays import (
    Float32Array,
    Float64Array,
    IndexLists,
    Int32Array,
    Int64Array,
    TopK,
    places_of_rows,
)
from endcap.data.event_log import EventLog
from endcap.data.interactions import Interactions
from endcap.models.base import Progress, Recommender
from endcap.models.parameters import Threads, parameters
from endcap.models.queries import Queries
from endcap.models.session_index import CurrentSessions, SessionIndex

_CHUNK = 1000  # queries explained at a time, so that the events of their neighbours need some hundred megabytes


@parameters
class SessionNeighbours(Recommender):
    """A session's neighbours are the past sessions most like it among the newest that share an item with it.

    What an item gets from a neighbour is the neighbour's similarity, times what the latest item shared counts for,
    times what the distance from that item in the neighbour counts for.
    """

    recent: Annotated[int, Field(gt=0)] = 1000
    """So many of the newest sessions that share an item with the current one are looked at."""
    neighbours: Annotated[int, Field(gt=0)] = 300
    """So many of them, the most similar, are heard."""
    threads: Threads = 0
    """How many threads to use; 0: all cores. The result doesn't depend on it."""

    _learned: ClassVar[tuple[str, ...]] = (
        "session_ptr_",
        "session_items_",
        "item_ptr_",
        "item_sessions_",
        "last_session_",
        "session_weights_",
        "by_distance_",
        "item_weights_",
    )
    _needs_log = True
    _recommends_seen = True
    _distinct: ClassVar[bool] = False

    # -- what a model of this family defines ---------------------------------------------------------------

    @abstractmethod
    def _own_weights(self, current: CurrentSessions) -> tuple[Float64Array, Float64Array]:
        """Return two weights for each item of the current sessions.

        What sharing it adds to the similarity; what the similarity is multiplied by where it is the latest shared.
        """

    @abstractmethod
    def _weigh(self, index: SessionIndex, holders: Int64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
        """Return what each session's similarity and each item's score is multiplied by, and the votes by distance.

        That is: shape (sessions,); shape (2 * reach + 1,), what an item gets that stands -reach to reach events behind
        the latest shared one in a neighbour; shape (items,). `holders` counts the sessions that hold each item.
        """

    # -- what the family does ------------------------------------------------------------------------------

    def _fit(self, data: Interactions, progress: Progress) -> None:
        progress("sessions", 0.0)
        assert data.log is not None  # noqa: S101 - `_needs_log` has seen to it; this tells the type checker
        index, holders = SessionIndex.build(data.log, data.shape[1], self.recent, distinct=self._distinct)
        self.session_ptr_: Int64Array = index.session_ptr
        self.session_items_: Int32Array = index.session_items
        self.item_ptr_: Int64Array = index.item_ptr
        self.item_sessions_: Int32Array = index.item_sessions
        self.last_session_: Int32Array = index.last_session
        sessions, by_distance, items = self._weigh(index, holders)
        self.session_weights_: Float32Array = sessions.astype(np.float32)
        self.by_distance_: Float32Array = by_distance.astype(np.float32)
        self.item_weights_: Float32Array = items.astype(np.float32)
        progress("sessions", 1.0)

    def _index(self) -> native.SessionIndex:
        return native.SessionIndex(
            self.session_ptr_,
            self.session_items_,
            self.session_weights_,
            self.item_ptr_,
            self.item_sessions_,
            self.by_distance_,
            self.item_weights_,
        )

    def _current(self, queries: Queries) -> CurrentSessions:
        assert queries.log is not None  # noqa: S101 - as in `_fit`
        return CurrentSessions.of_log(queries.log)

    def _asked(self, queries: Queries, current: CurrentSessions) -> native.SessionQueries:
        # A known user's last session is among the past ones, and would be its own nearest neighbour.
        skip = np.where(queries.rows >= 0, self.last_session_[queries.rows], -1).astype(np.int32)
        return self._session_queries(current, skip)

    def _session_queries(self, current: CurrentSessions, skip: Int32Array) -> native.SessionQueries:
        weights, latest = (w.astype(np.float32) for w in self._own_weights(current))
        return native.SessionQueries(current.indptr, current.items, weights, latest, skip)

    def _best(
        self, asked: native.SessionQueries, n: int, k: int, exclude: IndexLists, candidates: Int32Array | None
    ) -> TopK:
        allowed = None
        if candidates is not None:
            allowed = np.zeros(self.interactions_.shape[1], np.uint8)
            allowed[candidates] = 1
        top = TopK(np.empty((n, k), np.int32), np.empty((n, k), np.float32))
        native.top_k_sessions(self._index(), asked, self.recent, self.neighbours, *exclude, allowed, *top, self.threads)
        return top

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        return self._best(self._asked(queries, self._current(queries)), len(queries), k, exclude, candidates)

    def _top_k_among(self, queries: Queries, k: int, exclude: IndexLists, candidates: IndexLists) -> TopK:
        top = super()._top_k_among(queries, k, exclude, candidates)
        unreached = top.scores <= 0  # no neighbour speaks for these
        top.items[unreached], top.scores[unreached] = -1, 0
        return top

    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        order = np.argsort(rows, kind="stable")
        indptr = np.searchsorted(rows[order], np.arange(len(queries) + 1)).astype(np.int64)
        found = np.empty(len(rows), np.float32)
        asked = self._asked(queries, self._current(queries))
        wanted = np.ascontiguousarray(items[order], np.int32)
        native.score_sessions(self._index(), asked, self.recent, self.neighbours, indptr, wanted, found, self.threads)
        scores = np.empty(len(rows), np.float32)
        scores[order] = found
        return scores

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        n = len(items)
        current = CurrentSessions.of_log(EventLog.from_histories([items[q : q + 1] for q in range(n)]))
        asked = self._session_queries(current, np.full(n, -1, np.int32))
        own = IndexLists(np.arange(n + 1, dtype=np.int64), np.ascontiguousarray(items, np.int32))
        return self._best(asked, n, k, own, candidates)

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        parts = []
        for start in range(0, len(queries), _CHUNK):
            chunk = np.arange(start, min(start + _CHUNK, len(queries)))
            query, own, contribution = self._reasons(queries.take(chunk), items[chunk])
            parts.append((query + np.int32(start), own, contribution))
        if not parts:
            return super()._explain(queries, items)
        query, own, contribution = (np.concatenate(p) for p in zip(*parts, strict=True))
        return query, own, contribution

    def _reasons(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        """Return what `_explain` does, for a few queries.

        A similarity is a sum over the items shared, so what a neighbour adds to the score is, too.
        """
        n, m = len(queries), self.interactions_.shape[1]
        current = self._current(queries)
        shape = (n, min(self.neighbours, self.recent))
        sessions, similarities = np.empty(shape, np.int32), np.empty(shape, np.float32)
        native.nearest_sessions(
            self._index(), self._asked(queries, current), self.recent, sessions, similarities, self.threads
        )
        query, _ = heard = np.nonzero(sessions >= 0)
        # Every event of every neighbour, which neighbour's it is, and which own item it has in common, if any.
        indptr, places = places_of_rows(self.session_ptr_, sessions[heard])
        event, of = self.session_items_[places], np.repeat(np.arange(len(query)), np.diff(indptr))
        place = np.arange(len(event)) - indptr[of]
        keys = current.rows() * m + current.items
        order = np.argsort(keys)
        asked = query[of] * m + event
        nearest = order[np.minimum(np.searchsorted(keys, asked, sorter=order), len(keys) - 1)]
        shared = keys[nearest] == asked
        latest = np.full(len(query), len(keys))
        np.minimum.at(latest, of[shared], nearest[shared])
        # Each place of the item asked for, with each place of the latest item shared.
        target, anchor = np.flatnonzero(event == items[query[of]]), np.flatnonzero(shared & (nearest == latest[of]))
        bounds = np.searchsorted(of[anchor], np.arange(len(query) + 1))
        pair_ptr, pairs = places_of_rows(bounds, of[target])
        target = np.repeat(target, np.diff(pair_ptr))
        distance = place[target] - place[anchor[pairs]] + len(self.by_distance_) // 2
        said = np.bincount(of[target], self.by_distance_[distance], len(query))
        weights, by_latest = self._own_weights(current)
        said = said * by_latest[latest] * self.session_weights_[sessions[heard]] * self.item_weights_[items[query]]
        neighbour, own = np.divmod(np.unique(of[shared] * len(keys) + nearest[shared]), len(keys))
        contribution = weights * np.bincount(own, said[neighbour], len(keys))
        told = contribution != 0
        return current.rows()[told].astype(np.int32), current.items[told], contribution[told]
