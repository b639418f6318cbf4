"""What is like a product: its neighbours by the model and, where the model doesn't know a product, by its kin."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final, Self, TypeAlias, TypeVar

import numpy as np

from endcap.data.arrays import BoolArray, Float32Array, Int32Array
from endcap.data.vocabulary import Id
from endcap.models.base import Recommender
from endcap.recommend.kin import Kin
from endcap.recommend.shelf import Shelf

_K = TypeVar("_K")
_T = TypeVar("_T")
Ranking: TypeAlias = tuple[Int32Array, Float32Array]
"""Rows of the shelf, best first, and their scores."""
NOTHING: Final[Ranking] = (np.zeros(0, np.int32), np.zeros(0, np.float32))
_NEAR: Final = 200
"""So many neighbours of a product are kept, and looked at for what is expected of new products, of which as many are
kept: whatever is asked for and whatever passes, so that a product's score is the same in every answer."""
_MOST_KEPT: Final = 10_000
"""Of so many items the neighbours are kept, and of so many shoppers the list, for every page of a visit asks again."""
_EVERY: Final = 10
"""Of so many places beside a product one is for a new product that it is kin of: what never sold would not be shown,
and what isn't shown isn't sold."""


class Likeness:
    """Which products are like which, by one model on one shelf.

    Parameters
    ----------
    model
        The shop's.
    shelf
        The products.
    kin
        Of the new products; None where there are none, or it isn't known yet.
    """

    def __init__(self, model: Recommender, shelf: Shelf, kin: Kin | None) -> None:
        self._model = model
        self._shelf = shelf
        self._size = len(shelf.row_of_position)
        self._kept: OrderedDict[tuple[int, bool], Ranking] = OrderedDict()
        self.kin = kin

    @classmethod
    def with_kin(cls, model: Recommender, shelf: Shelf) -> Self:
        """Find the kin of what is new on the shelf, which takes seconds where products are many."""
        kin = None
        if shelf.is_new.any():
            shoppers = np.bincount(model.interactions_.matrix.indices, minlength=len(shelf.row_of_position))
            kin = Kin.find(shelf.vectors(), shelf.is_new, shelf.row_of_position, shoppers)
        return cls(model, shelf, kin)

    def standing_for(self, item: Id) -> list[tuple[int, float]]:
        """Return the positions that speak for a product, and their shares: its own or, where it is new, its kin's."""
        row = self._shelf.row_of.get(item, -1)
        if row < 0:
            return []
        position = int(self._shelf.position_of_row[row])
        if position >= 0:
            return [(position, 1.0)]
        if self.kin is None:
            return []
        positions, weights = self.kin.of(row)
        return list(zip(positions.tolist(), weights.tolist(), strict=True))

    def around(self, items: Iterable[Id]) -> Ranking:
        """Return what is most like some products, whether it may be shown or not."""
        return self._sum(self._parts(items))

    def similar(self, items: Sequence[Id], passes: BoolArray, n: int) -> Ranking:
        """Return the n products most like some products out of those that pass, shape (rows of the shelf,)."""
        parts = self._parts(items)
        if not parts:
            return NOTHING
        ranking = passing(self._sum(parts), passes)
        rows, scores = self._with_new(parts, ranking, passes) if len(items) == 1 else ranking
        if len(rows) >= n or self._size <= _NEAR:
            return rows[:n], scores[:n]
        positions = np.flatnonzero(passes[self._shelf.row_of_position]).astype(np.int32)
        if not len(positions):
            return rows, scores
        tops = self._model._similar(np.array([p for p, *_ in parts], np.int32), min(n, len(positions)), positions)
        far, less = added(
            [
                (self._shelf.row_of_position[items[items >= 0]], share * scores[items >= 0])
                for items, scores, (_, share, _) in zip(*tops, parts, strict=True)
            ]
        )
        further = ~np.isin(far, [*rows.tolist(), *self._shelf.rows(items)])
        far, less = far[further], np.minimum(less[further], scores.min(initial=np.inf))
        return np.concatenate([rows, far])[:n], np.concatenate([scores, less])[:n]

    def _parts(self, items: Iterable[Id]) -> list[tuple[int, float, bool]]:
        """Return what speaks for the products: position, share, and whether it is itself like the product."""
        return [
            (position, share, self._shelf.is_new[self._shelf.row_of[item]])
            for item in items
            for position, share in self.standing_for(item)
        ]

    def _sum(self, parts: Sequence[tuple[int, float, bool]]) -> Ranking:
        if len(parts) == 1:
            return self._like(parts[0][0], itself=parts[0][2])
        likes = [(self._like(position, itself=itself), share) for position, share, itself in parts]
        return added([(rows, share * scores) for (rows, scores), share in likes])

    def _like(self, position: int, *, itself: bool) -> Ranking:
        """Return what is most like one product, with the product itself where that counts."""
        found = self._kept.get((position, itself))
        if found is None:
            [items], [scores] = self._model._similar(np.array([position], np.int32), min(_NEAR, self._size), None)
            items, scores = items[items >= 0], scores[items >= 0]
            # A product is like itself at least as much as the next one is.
            with_itself = np.concatenate([np.array([position], np.int32), items])
            likeness = np.concatenate([scores[:1] if len(scores) else np.ones(1, np.float32), scores])
            new = self._expected(with_itself, likeness)
            if itself:
                items, scores = with_itself, likeness
            rows = np.concatenate([self._shelf.row_of_position[items], new[0]])
            scores = np.concatenate([scores, new[1]])
            best = np.argsort(-scores, kind="stable")
            found = rows[best], scores[best]
            keep(self._kept, (position, itself), found)
        return found

    def _expected(self, positions: Int32Array, scores: Float32Array) -> Ranking:
        """Return the new products to be expected near the best of a ranking, and the scores to expect of them."""
        if self.kin is None:
            return NOTHING
        last = float(scores[-1])
        rows, expected = self.kin.expected(positions, scores, last if len(scores) > _NEAR else min(0.0, last))
        if len(rows) > _NEAR:  # thousands have a distant cousin there
            best = np.sort(np.argpartition(-expected, _NEAR)[:_NEAR])
            rows, expected = rows[best], expected[best]
        return rows, expected

    def _with_new(self, parts: Sequence[tuple[int, float, bool]], ranking: Ranking, passes: BoolArray) -> Ranking:
        """Return a ranking whose every tenth place is for a new product like the one that it starts from."""
        if self.kin is None:
            return ranking
        nearest, *_ = max(parts, key=lambda part: part[1])
        like = self.kin.beside(nearest)
        like = like[passes[like]]
        if not len(like):
            return ranking
        rows, scores = ranking[0].tolist(), ranking[1].tolist()
        for at, new in enumerate(like.tolist()):
            place = (at + 1) * _EVERY - 1
            before = rows.index(new) if new in rows else len(rows)
            if before <= place and before < len(rows):
                continue
            del rows[before : before + 1], scores[before : before + 1]
            rows.insert(place, new)
            scores.insert(place, scores[min(place, len(scores)) - 1] if scores else 1.0)
        return np.array(rows, np.int32), np.array(scores, np.float32)


def keep(kept: OrderedDict[_K, _T], key: _K, value: _T) -> None:
    """Keep a value in the place of the oldest."""
    kept[key] = value
    if len(kept) > _MOST_KEPT:
        kept.popitem(last=False)


def merged(ranking: Ranking, other: Ranking) -> Ranking:
    """Return two rankings as one; what is in both has the other's score."""
    if not len(other[0]):
        return ranking
    alone = ~np.isin(ranking[0], other[0])
    rows = np.concatenate([ranking[0][alone], other[0]])
    scores = np.concatenate([ranking[1][alone], other[1]])
    best = np.argsort(-scores, kind="stable")
    return rows[best], scores[best]


def passing(ranking: Ranking, passes: BoolArray, n: int | None = None) -> Ranking:
    """Return the first n of a ranking that pass."""
    rows, scores = ranking
    keep = passes[rows]
    return rows[keep][:n], scores[keep][:n]


def added(rankings: Sequence[Ranking]) -> Ranking:
    """Return the sum of rankings, best first."""
    if len(rankings) == 1:
        return rankings[0]
    if not rankings:
        return NOTHING
    rows, place = np.unique(np.concatenate([rows for rows, _ in rankings]), return_inverse=True)
    scores = np.bincount(place, np.concatenate([scores for _, scores in rankings]), len(rows))
    best = np.argsort(-scores, kind="stable")
    return rows[best], scores[best].astype(np.float32)
