"""Sources: each ranks the products of the shelf for one request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

import numpy as np

from endcap.data.arrays import BoolArray, Float32Array, Int32Array, TopK
from endcap.data.vocabulary import Id
from endcap.models.base import Recommender
from endcap.models.buy_again import BuyAgain
from endcap.models.queries import Queries
from endcap.recommend.prepared import Prepared
from endcap.recommend.request import Request
from endcap.recommend.shelf import Shelf
from endcap.recommend.shopper import question

_T = TypeVar("_T")
Ranking = tuple[Int32Array, Float32Array]
"""Rows of the shelf, best first, and their scores."""
SCORED: Final = frozenset({"personal", "similar", "bought-together", "bought-before"})
"""Sources whose scores say how much better one product is than another; the others only order."""
_NEIGHBOURS: Final = 200  # of an item, kept after it was asked for
_MOST_KEPT: Final = 10_000
"""Of so many items the neighbours are kept, and of so many shoppers the list, for every page of a visit asks again."""
_NONE: Final[Ranking] = (np.zeros(0, np.int32), np.zeros(0, np.float32))


@dataclass
class Asked:
    """A request, with what it says in positions and rows."""

    request: Request
    user: int
    """The shopper's row in the training data, -1 for none."""
    passes: BoolArray
    """Shape (rows of the shelf,): what may be shown."""
    query: Queries


class Sources:
    """The sources of one model on one shelf.

    Parameters
    ----------
    model, prepared
        The shop's model, and what was made for it.
    shelf
        The products.
    event_weights
        How much an event of each kind says; one that isn't there counts 1.
    """

    def __init__(self, model: Recommender, prepared: Prepared, shelf: Shelf, event_weights: Mapping[str, float]):
        self.model = model
        self.prepared = prepared
        self._shelf = shelf
        self._weights = event_weights
        self._again = BuyAgain().fit(model.interactions_)
        self._neighbours: OrderedDict[int, TopK] = OrderedDict()
        self._lists: OrderedDict[int, tuple[int, Int32Array, Float32Array]] = OrderedDict()
        self._rank: dict[str, Callable[[Asked, int], Ranking]] = {
            "personal": self._personal,
            "similar": self._similar,
            "bought-together": self._bought_together,
            "bought-before": self._bought_before,
            "viewed": self._viewed,
            "same-type": self._same_type,
            "trending": lambda asked, n: self._in_order("trending", asked, n),
            "best-sellers": lambda asked, n: self._in_order("best-sellers", asked, n),
            "new-arrivals": lambda asked, n: self._in_order("new-arrivals", asked, n),
            "as-given": self._as_given,
        }

    def rank(self, source: str, asked: Asked, n: int) -> Ranking:
        """Return the source's best n products that pass; fewer where it knows of fewer."""
        return self._rank[source](asked, n)

    def query(self, request: Request, user: int) -> Queries:
        """Return the shopper as a query: the past, what has been done since, and the page."""
        positions, weights = [], []
        since = [(act.item, self._weights.get(act.event, 1.0)) for act in request.since]
        page = [(item, 1.0) for item in (*request.history, *request.context_items)]
        for item, weight in (*since, *page):
            position = self.position(item)
            if position >= 0 and weight > 0:
                positions.append(position)
                weights.append(weight)
        return question(self.model.interactions_, user, positions, weights)

    def position(self, item: Id) -> int:
        """Return an item's position in the training data, -1 where it wasn't there."""
        row = self._shelf.row_of.get(item, -1)
        return -1 if row < 0 else int(self._shelf.position_of_row[row])

    def bought(self, request: Request, user: int) -> Int32Array:
        """Return the rows of what the shopper bought."""
        lists, shelf = self.prepared.bought, self._shelf
        own = lists.indices[lists.indptr[user] : lists.indptr[user + 1]] if user >= 0 else lists.indices[:0]
        acts = (act.item for act in request.since if self.prepared.bought_is_all or act.event == "purchase")
        return np.concatenate([shelf.row_of_position[own], np.array(shelf.rows(acts), np.int32)])

    # -- what each source says -----------------------------------------------------------------------------

    def _personal(self, asked: Asked, n: int) -> Ranking:
        return self._of_model(self.model, asked, n)

    def _bought_before(self, asked: Asked, n: int) -> Ranking:
        passes = np.zeros(len(self._shelf), np.bool_)
        bought = self.bought(asked.request, asked.user)
        passes[bought] = asked.passes[bought]
        return self._of_model(self._again, Asked(asked.request, asked.user, passes, asked.query), n)

    def _of_model(self, model: Recommender, asked: Asked, n: int) -> Ranking:
        """Return a model's best; what merely fills its places is left to the sources that follow."""
        total = len(self._shelf.row_of_position)
        ask = min(total, 2 * n + 50)
        items, scores = (
            self._list(asked.query, ask) if model is self.model else self._without_filling(model, asked.query, ask)
        )
        rows = self._shelf.row_of_position[items]
        passes = asked.passes[rows]
        if passes.sum() < n and len(items) == ask < total:  # much is kept out: ask among the rest alone
            positions = np.flatnonzero(asked.passes[self._shelf.row_of_position]).astype(np.int32)
            if not len(positions):
                return _NONE
            items, scores = self._without_filling(model, asked.query, min(n, len(positions)), positions)
            rows = self._shelf.row_of_position[items]
            passes = asked.passes[rows]
        return rows[passes][:n], scores[passes][:n]

    def _list(self, query: Queries, k: int) -> Ranking:
        """Return the model's best items; for a shopper who did nothing since the training they stay as they are."""
        shopper = int(query.rows[0])
        if shopper < 0:
            return self._without_filling(self.model, query, k)
        asked, items, scores = self._lists.get(shopper, (0, *_NONE))
        if asked < k:
            items, scores = self._without_filling(self.model, query, k)
            _keep(self._lists, shopper, (k, items, scores))
        return items[:k], scores[:k]

    @staticmethod
    def _without_filling(
        model: Recommender, query: Queries, k: int, candidates: Int32Array | None = None
    ) -> tuple[Int32Array, Float32Array]:
        top, filled = model.answer(query, k, exclude_seen=False, candidates=candidates)
        own = (top.items[0] >= 0) & ~filled[0]
        return top.items[0][own], top.scores[0][own]

    def _similar(self, asked: Asked, n: int) -> Ranking:
        """Return what is most like the products of the page or, without any, the last one the shopper looked at."""
        context = [self.position(item) for item in self._started_from(asked.request)]
        tops = [self._like(position, asked, n) for position in context if position >= 0]
        if len(tops) == 1:
            return tops[0]
        if not tops:
            return _NONE
        rows, place = np.unique(np.concatenate([rows for rows, _ in tops]), return_inverse=True)
        scores = np.bincount(place, np.concatenate([scores for _, scores in tops]), len(rows))
        best = np.argsort(-scores, kind="stable")[:n]
        return rows[best], scores[best].astype(np.float32)

    def _like(self, position: int, asked: Asked, n: int) -> Ranking:
        top = self._neighbours.get(position)
        if top is None:
            top = self.model._similar(np.array([position], np.int32), min(_NEIGHBOURS, self._size), None)
            _keep(self._neighbours, position, top)
        rows, scores, whole = self._passing(top, asked.passes)
        if len(rows) < n and whole and self._size > _NEIGHBOURS:
            positions = np.flatnonzero(asked.passes[self._shelf.row_of_position]).astype(np.int32)
            if len(positions):
                top = self.model._similar(np.array([position], np.int32), min(n, len(positions)), positions)
                rows, scores, _ = self._passing(top, asked.passes)
        return rows[:n], scores[:n]

    def _passing(self, top: TopK, passes: BoolArray) -> tuple[Int32Array, Float32Array, bool]:
        """Return those of one answer that pass, and whether the answer was as long as was asked for."""
        found = top.items[0] >= 0
        rows = self._shelf.row_of_position[top.items[0][found]]
        keep = passes[rows]
        return rows[keep], top.scores[0][found][keep], bool(found.all())

    @property
    def _size(self) -> int:
        return len(self._shelf.row_of_position)

    def _bought_together(self, asked: Asked, n: int) -> Ranking:
        together = self.prepared.together
        found = [self.position(item) for item in self._started_from(asked.request)]
        places = [np.arange(together.indptr[at], together.indptr[at + 1]) for at in found if at >= 0]
        if not places:
            return _NONE
        place = np.concatenate(places)
        rows = self._shelf.row_of_position[together.indices[place]]
        distinct, at = np.unique(rows, return_inverse=True)
        scores = np.bincount(at, together.data[place], len(distinct))
        keep = asked.passes[distinct] & (scores > 0)
        best = np.argsort(-scores[keep], kind="stable")[:n]
        return distinct[keep][best].astype(np.int32), scores[keep][best].astype(np.float32)

    def _viewed(self, asked: Asked, n: int) -> Ranking:
        """Return what the shopper had to do with, the latest first."""
        known, data = asked.query.histories.indices, self.model.interactions_
        past: list[int] = []
        if asked.user >= 0:
            own = Queries.of_user(data, asked.user)
            known = own.histories.indices
            order = np.arange(len(known)) if own.last_time is None else np.argsort(-own.last_time, kind="stable")
            past = self._shelf.row_of_position[known[order]].tolist()
        given = [act.item for act in asked.request.since] + list(asked.request.history)
        rows = np.array(list(dict.fromkeys(self._shelf.rows(reversed(given)) + past)), np.int32)
        rows = rows[asked.passes[rows]][:n]
        return rows, np.linspace(1, 0, len(rows), endpoint=False, dtype=np.float32)

    def _same_type(self, asked: Asked, n: int) -> Ranking:
        """Return the best-sellers among products of the same type as the page's: the way to what nobody bought yet."""
        types = {int(self._shelf.types[row]) for row in self._shelf.rows(self._started_from(asked.request))} - {-1}
        order = self._orders["best-sellers"]
        order = order[np.isin(self._shelf.types[order], list(types))]
        return _descending(order[asked.passes[order]][:n])

    def _in_order(self, name: str, asked: Asked, n: int) -> Ranking:
        order = self._orders[name]
        head = order[: 4 * n + 200]
        found = head[asked.passes[head]][:n]
        return _descending(found if len(found) == n else order[asked.passes[order]][:n])

    def _as_given(self, asked: Asked, n: int) -> Ranking:
        """Return the products that were given, in their order."""
        rows = np.array(list(dict.fromkeys(self._shelf.rows(asked.request.among or ()))), np.int32)
        return _descending(rows[asked.passes[rows]][:n])

    @staticmethod
    def _started_from(request: Request) -> list[Id]:
        if request.context_items:
            return list(request.context_items)
        latest = [act.item for act in request.since] + list(request.history)
        return latest[-1:]

    @cached_property
    def _orders(self) -> dict[str, Int32Array]:
        """All rows of the shelf in each order; what has no events yet is new, and last where sales decide."""
        cold = np.flatnonzero(self._shelf.position_of_row < 0).astype(np.int32)
        orders = {}
        for name, positions in self.prepared.orders.items():
            warm = self._shelf.row_of_position[positions]
            orders[name] = np.concatenate([cold[::-1], warm] if name == "new-arrivals" else [warm, cold])
        return orders


def _keep(kept: OrderedDict[int, _T], key: int, value: _T) -> None:
    """Keep a value in the place of the oldest."""
    kept[key] = value
    if len(kept) > _MOST_KEPT:
        kept.popitem(last=False)


def _descending(rows: Int32Array) -> Ranking:
    return rows, np.linspace(1, 0, len(rows), endpoint=False, dtype=np.float32)
