"""Sources: each ranks the products of the shelf for one request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from endcap.data.arrays import BoolArray, Float32Array, Int32Array
from endcap.data.vocabulary import Id
from endcap.models.base import Recommender
from endcap.models.buy_again import BuyAgain
from endcap.models.queries import Queries
from endcap.recommend.likeness import NOTHING, Likeness, Ranking, added, keep, merged, passing
from endcap.recommend.prepared import Prepared
from endcap.recommend.request import Request
from endcap.recommend.shelf import Shelf
from endcap.recommend.shopper import question

SCORED: Final = frozenset({"personal", "similar", "bought-together", "bought-before"})
"""Sources whose scores say how much better one product is than another; the others only order."""


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
        self.likeness = Likeness(model, shelf, None)
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

    def find_kin(self) -> None:
        """Find what new products are like, from which on these are told apart; it takes seconds."""
        self.likeness = Likeness.with_kin(self.model, self._shelf)

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
        """Return a model's best; what merely fills its places is left to the sources that follow.

        The shop's model has also what is like the shopper's own products that it doesn't know, in the share that these
        have of all the shopper had to do with.
        """
        total = self._size
        ask = min(total, 2 * n + 50)
        changed = NOTHING
        if model is self.model:
            items, scores = self._list(asked.query, ask)
            changed = self._of_new(asked, float(scores[0]) if len(scores) else 0.0)
        else:
            items, scores = self._without_filling(model, asked.query, ask)
        rows = self._shelf.row_of_position[items]
        passes = asked.passes[rows]
        if passes.sum() < n and len(items) == ask < total:  # much is kept out: ask among the rest alone
            positions = np.flatnonzero(asked.passes[self._shelf.row_of_position]).astype(np.int32)
            items, scores = items[:0], scores[:0]
            if len(positions):
                items, scores = self._without_filling(model, asked.query, min(n, len(positions)), positions)
            rows = self._shelf.row_of_position[items]
        return passing(merged((rows, scores), changed), asked.passes, n)

    def _new_of(self, request: Request) -> dict[Id, float]:
        """Return the shopper's products that the model doesn't know but by their kin, and how much each says."""
        found: dict[Id, float] = {}
        if self.likeness.kin is not None:
            since = ((act.item, self._weights.get(act.event, 1.0)) for act in request.since)
            for item, weight in (*since, *((item, 1.0) for item in (*request.history, *request.context_items))):
                row = self._shelf.row_of.get(item, -1)
                if row >= 0 and self._shelf.is_new[row] and weight > 0:
                    found[item] = found.get(item, 0.0) + weight
        return found

    def _of_new(self, asked: Asked, top: float) -> Ranking:
        """Return the scores of what is around the shopper's own new products, by the model and by these."""
        around = self.around_new(asked.request, asked.query, top)
        if not around:
            return NOTHING
        rows, more = added([ranking for _, ranking in around])
        positions = self._shelf.position_of_row[rows]
        known = positions >= 0
        if asked.query.histories.nnz:
            more[known] += self.model._score(asked.query, np.zeros(known.sum(), np.int32), positions[known])
        return rows, more

    def around_new(self, request: Request, query: Queries, top: float) -> list[tuple[Id, Ranking]]:
        """Return what each of the shopper's own new products adds to scores whose best is `top`."""
        own = self._new_of(request)
        if not own:
            return []
        evidence = float(query.histories.data.sum())
        scale = top / evidence if top > 0 and evidence > 0 else 1.0
        lists = []
        for item, weight in own.items():
            rows, scores = self.likeness.around([item])
            other = rows != self._shelf.row_of[item]
            if other.any():
                rows, scores = rows[other], scores[other]
                lists.append((item, (rows, scores * np.float32(scale * weight / scores[0]))))
        return lists

    def _list(self, query: Queries, k: int) -> Ranking:
        """Return the model's best items; for a shopper who did nothing since the training they stay as they are."""
        shopper = int(query.rows[0])
        if shopper < 0:
            return self._without_filling(self.model, query, k)
        asked, items, scores = self._lists.get(shopper, (0, *NOTHING))
        if asked < k:
            items, scores = self._without_filling(self.model, query, k)
            keep(self._lists, shopper, (k, items, scores))
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
        started = self._started_from(asked.request)
        passes = asked.passes
        if not asked.request.context_items:  # else the page's own products don't pass anyway
            passes = passes.copy()
            passes[self._shelf.rows(started)] = False
        return self.likeness.similar(started, passes, n)

    @property
    def _size(self) -> int:
        return len(self._shelf.row_of_position)

    def _bought_together(self, asked: Asked, n: int) -> Ranking:
        together = self.prepared.together
        found = [self.position(item) for item in self._started_from(asked.request)]
        places = [np.arange(together.indptr[at], together.indptr[at + 1]) for at in found if at >= 0]
        if not places:
            return NOTHING
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


def _descending(rows: Int32Array) -> Ranking:
    return rows, np.linspace(1, 0, len(rows), endpoint=False, dtype=np.float32)
