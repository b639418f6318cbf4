"""The one interface of all recommenders."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
import polars as pl
from scipy import sparse

from endcap.data.arrays import (
    BoolArray,
    Float32Array,
    Float64Array,
    IndexLists,
    Int32Array,
    TopK,
    with_short_positions,
)
from endcap.data.interactions import Interactions
from endcap.data.schema import ITEM, USER
from endcap.errors import DataError, NotFittedError, ParameterError, UnknownIdError, UnknownItemWarning
from endcap.models.fallback import fill_with_popular, popularity_order
from endcap.models.parameters import parameters_of
from endcap.models.queries import Queries, is_nested, is_single, item_lists
from endcap.models.top_k import best_of_pairs

Progress: TypeAlias = Callable[[str, float], None]
"""Called with what is being done and the share that is done, from 0 to 1."""


class Recommender(ABC):
    """Ranks items for shoppers, from what they did.

    A subclass is a file: it declares its parameters (`endcap.models.parameters`), names the learned attributes that
    are to be saved in `_learned`, and defines `_fit`, `_top_k`, `_score`, `_similar` and, where it can say why,
    `_explain`. All of them work on positions and on many queries at once; ids, exclusions of seen items,
    unknown shoppers and best-sellers as a fallback are dealt with here.
    """

    interactions_: Interactions
    """What the model was fitted on: the histories of its users."""
    popularity_: Int32Array
    """Shape (items,): positions of the items, the one that most users had to do with first."""
    notes_: tuple[str, ...] = ()
    """What a user should know about this fit, such as that only part of the catalogue was taken."""

    _learned: ClassVar[tuple[str, ...]] = ()
    _personal: ClassVar[bool] = True
    _recommends_seen: ClassVar[bool] = False
    _needs_log: ClassVar[bool] = False

    # -- what a model defines ------------------------------------------------------------------------------

    @abstractmethod
    def _fit(self, data: Interactions, progress: Progress) -> None:
        """Learn from `data`; `self.interactions_` is set already."""

    @abstractmethod
    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        """Return each query's best k items out of `candidates` (ascending; None: all) less `exclude`.

        `exclude` may name items outside the candidates. Fewer than k items may be returned (-1 after the last).
        """

    @abstractmethod
    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        """Return the score of each pair (rows[p], items[p]), rows being positions in `queries`."""

    @abstractmethod
    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        """Return the k items most like each of `items`, itself excluded."""

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        """Return what each of the shopper's own items added to the score of `items[q]` for query q.

        Three arrays of equal length: the query, the own item, its contribution. Contributions of a query sum to
        the score where the model is linear in the history. None at all: the model doesn't look at the history.
        """
        return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0)

    # -- what a user calls ---------------------------------------------------------------------------------

    def fit(self, data: Any, *, progress: Progress | None = None) -> Self:
        """Learn from interactions.

        Parameters
        ----------
        data
            `Interactions`, events (which become interactions with default weights), or a `scipy.sparse` matrix of
            shape (users, items).
        progress
            Called with a description and the share done, from 0 to 1, as the work goes on.

        Returns
        -------
        Self
            The model itself, fitted. Where fitting fails or is interrupted, it is as it was before.
        """
        interactions = Interactions.coerce(data, log=self._needs_log)
        if interactions.nnz == 0:
            raise DataError("there are no interactions to learn from; check filters and minimum counts")
        before = dict(self.__dict__)
        try:
            self.notes_ = ()
            if self._needs_log and isinstance(data, Interactions) and data.log is None:
                self.notes_ = (
                    "the interactions hold no event log, so each pair counted once, at its last time; "
                    "make them by Interactions.from_events(events, log=True)",
                )
            self.interactions_ = interactions
            self.popularity_ = popularity_order(interactions)
            self._fit(interactions, progress or (lambda _what, _share: None))
            for name in self._learned:
                if sparse.issparse(value := getattr(self, name)):
                    setattr(self, name, with_short_positions(value))
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise
        return self

    def recommend(
        self,
        users: Any = None,
        *,
        history: Iterable[Any] | None = None,
        k: int = 10,
        exclude_seen: bool | None = None,
        candidates: Iterable[Any] | None = None,
        exclude: Iterable[Any] | None = None,
    ) -> pl.DataFrame:
        """Return the best k items for one shopper, several, or everyone.

        Parameters
        ----------
        users
            One id, several, or None for every user of the training data (or for the visitors in `history`). An
            unknown user gets best-sellers, marked in the column `fallback`.
        history
            Instead of users: the item ids that a visitor had to do with, oldest first, or a list of such lists. Items
            that were not in the training data are left out, with an `UnknownItemWarning`.
        k
            How many; exactly so many are returned wherever enough items qualify.
        exclude_seen
            Whether to leave out what is in the shopper's history. None: yes, except for `BuyAgain`.
        candidates, exclude
            Only these items; not these items: one list of ids for all, or one for each query. Unknown ids are
            ignored.

        Returns
        -------
        polars.DataFrame
            `item_id, score, rank` (from 1) and `fallback` (true for a best-seller that filled a place for which the
            model had no evidence), best first; for several shoppers after `user_id`, or `query` (from 0) for visitors.
        """
        self._check_fitted()
        _check_k(k)
        if users is not None and history is not None:
            raise ParameterError("give users or history, not both")
        ids: pl.Series | None = None
        data = self.interactions_
        if history is not None:
            history = list(history)
            single = not is_nested(history)
            queries = self._visitors([history] if single else [list(h) for h in history])
        elif users is not None:
            single = is_single(users)
            users = [users] if single else users
            users = users if isinstance(users, pl.Series) else list(users)
            queries = Queries.of_users(data, users)
            ids = pl.Series(USER, users)
        else:
            single = False
            queries = Queries.of_everyone(data)
            ids = data.users.ids.alias(USER)
        allowed = item_lists(data.items, candidates, len(queries), "candidates")
        banned = item_lists(data.items, exclude, len(queries), "exclude")
        top, fallback = self.answer(queries, k, exclude_seen=exclude_seen, candidates=allowed, exclude=banned)
        table = self._table(top, fallback, single=single)
        if single:
            return table
        if ids is not None:
            rows = table["query"].to_numpy()
            return table.with_columns(ids.gather(rows).alias(USER)).select(USER, pl.exclude("query", USER))
        return table

    def answer(
        self,
        queries: Queries,
        k: int,
        *,
        exclude_seen: bool | None = None,
        candidates: IndexLists | Int32Array | None = None,
        exclude: IndexLists | Int32Array | None = None,
    ) -> tuple[TopK, BoolArray]:
        """Answer in positions: what `recommend` does, for the rooms that work on many shoppers at once.

        Returns the items and, of the same shape, whether each is a best-seller that filled a place.
        """
        n = len(queries)
        if exclude_seen is None:
            exclude_seen = not self._recommends_seen
        banned = IndexLists.from_matrix(queries.histories) if exclude_seen else IndexLists.empty(n)
        if isinstance(exclude, IndexLists):
            banned = banned.union(exclude)
        elif exclude is not None and len(exclude):
            rows = np.repeat(np.arange(n), len(exclude))
            banned = banned.union(IndexLists.from_pairs(rows, np.tile(exclude, n), n))
        active = np.flatnonzero(self._answerable(queries))
        asked, asked_banned = queries, banned
        if len(active) < n:
            asked, asked_banned = queries.take(active), banned.take(active)
        if isinstance(candidates, IndexLists):
            found = self._top_k_among(asked, k, asked_banned, candidates.take(active))
        else:
            found = self._top_k(asked, k, asked_banned, candidates)
        items = np.full((n, k), -1, np.int32)
        scores = np.zeros((n, k), np.float32)
        items[active], scores[active] = found
        fallback = fill_with_popular(items, self.popularity_, banned, candidates)
        return TopK(items, scores), fallback

    def similar_items(self, items: Any, k: int = 10, *, candidates: Iterable[Any] | None = None) -> pl.DataFrame:
        """Return the k items most like one item, or like each of several.

        Returns
        -------
        polars.DataFrame
            `item_id, score, rank`, best first; for several items after `query_item_id`. Fewer than k rows where the
            model knows of fewer.

        Raises
        ------
        UnknownIdError
            Where an item was not in the training data.
        """
        self._check_fitted()
        _check_k(k)
        single = is_single(items)
        asked = [items] if single else list(items)
        positions = self._known_items(asked)
        allowed = item_lists(self.interactions_.items, candidates, 0, "candidates")
        if isinstance(allowed, IndexLists):
            raise ParameterError("similar_items takes one list of candidates for all")
        top = self._similar(positions, k, allowed)
        table = self._table(top, None, single=single)
        if single:
            return table
        name = f"query_{ITEM}"
        ids = self.interactions_.items.decode(positions[table["query"].to_numpy()]).alias(name)
        return table.with_columns(ids).select(name, pl.exclude("query", name))

    def explain(self, user: Any = None, item: Any = None, *, history: Iterable[Any] | None = None) -> pl.DataFrame:
        """Return which of the shopper's own items led to `item`, the strongest first.

        Returns
        -------
        polars.DataFrame
            `item_id, contribution`: what each own item added to the score. For models that are linear in the
            history, and for ALS, the contributions sum to the score. No rows where the model doesn't look at
            the history.

        Raises
        ------
        UnknownIdError
            Where the item, or the user, was not in the training data.
        """
        self._check_fitted()
        data = self.interactions_
        position = self._known_items([item])
        _, own, contribution = self._explain(self._shopper(user, history), position)
        table = pl.DataFrame({ITEM: data.items.decode(own), "contribution": contribution})
        return table.sort("contribution", descending=True, maintain_order=True)

    def contributions(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        """Explain in positions: what `explain` does, for one item of each of many queries.

        Returns three arrays of equal length: the query, the shopper's own item, what it added to the score.
        """
        self._check_fitted()
        return self._explain(queries, items)

    def score(self, user: Any, items: Iterable[Any]) -> pl.DataFrame:
        """Return one known user's score of given items, in the order given: `item_id, score`."""
        self._check_fitted()
        items = list(items)
        positions = self._known_items(items)
        queries = Queries.of_users(self.interactions_, [user])
        scores = self._score(queries, np.zeros(len(positions), np.int32), positions)
        return pl.DataFrame({ITEM: self.interactions_.items.decode(positions), "score": scores})

    def save(self, path: str | Path) -> None:
        """Write the model as a folder; a model already there is replaced at once or, on an error, stays whole."""
        from endcap.models.persistence import save

        self._check_fitted()
        save(self, Path(path))

    def _answerable(self, queries: Queries) -> BoolArray:
        """Return for which queries the model has any evidence; the others get best-sellers."""
        if not self._personal:
            return np.ones(len(queries), np.bool_)
        has_history: BoolArray = np.diff(queries.histories.indptr) > 0
        return has_history

    # -- shared by the above -------------------------------------------------------------------------------

    def _components(self) -> list[Recommender]:
        """Return the recommenders that this one is made of, fitted on the same data."""
        return []

    @property
    def _data(self) -> Interactions:
        return self.interactions_

    def _top_k_among(self, queries: Queries, k: int, exclude: IndexLists, candidates: IndexLists) -> TopK:
        """Return the best k out of a list of candidates for each query."""
        n, m = len(queries), self.interactions_.shape[1]
        rows, items = candidates.rows(), candidates.indices
        keep = ~np.isin(rows * m + items, exclude.rows() * m + exclude.indices)
        rows, items = rows[keep], items[keep]
        scores = self._score(queries, rows.astype(np.int32), items)
        return best_of_pairs(rows, items, scores, n, k)

    def _table(self, top: TopK, fallback: BoolArray | None, *, single: bool) -> pl.DataFrame:
        query, place = np.nonzero(top.items >= 0)
        columns = [] if single else [pl.Series("query", query)]
        columns += [
            self.interactions_.items.decode(top.items[query, place]).alias(ITEM),
            pl.Series("score", top.scores[query, place]),
            pl.Series("rank", (place + 1).astype(np.int32)),
        ]
        if fallback is not None:
            columns.append(pl.Series("fallback", fallback[query, place]))
        return pl.DataFrame(columns)

    def _known_items(self, items: list[Any]) -> Int32Array:
        positions = self.interactions_.items.encode(items)
        unknown = [i for i, p in zip(items, positions, strict=True) if p < 0]
        if unknown:
            raise UnknownIdError(f"item {unknown[0]!r} is not in the training data")
        return positions

    def _shopper(self, user: Any, history: Iterable[Any] | None) -> Queries:
        """Return one shopper: the visitor with that history where there is one, else the user.

        Raises
        ------
        UnknownIdError
            Where the user was not in the training data.
        """
        if history is not None:
            return self._visitors([list(history)])
        queries = Queries.of_users(self.interactions_, [user])
        if queries.rows[0] < 0:
            raise UnknownIdError(f"user {user!r} is not in the training data; give a history instead")
        return queries

    def _visitors(self, histories: list[list[Any]]) -> Queries:
        """Return visitors as queries; of items that the model doesn't know, it warns once for all."""
        items = [item for history in histories for item in history]
        known = self.interactions_.items.encode(items) >= 0 if items else np.ones(0, np.bool_)
        if not known.all():
            unknown = list(dict.fromkeys(item for item, there in zip(items, known, strict=True) if not there))
            warnings.warn(
                f"{np.count_nonzero(~known):,} of {len(items):,} items in the history are not in the training data and "
                f"were left out: {', '.join(map(repr, unknown[:3]))}{' ...' if len(unknown) > 3 else ''}",
                UnknownItemWarning,
                stacklevel=3,
            )
        return Queries.of_histories(self.interactions_, histories)

    def _check_fitted(self) -> None:
        if "interactions_" not in self.__dict__:
            raise NotFittedError(f"{type(self).__name__} is not fitted yet; call fit first")

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in parameters_of(self).items())
        return f"{type(self).__name__}({values})"


def _check_k(k: int) -> None:
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise ParameterError(f"k={k!r} won't do: ask for 1 item or more")
