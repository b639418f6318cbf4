"""What algorithms are fitted on: ratings by inner ids, which number users and items as they first appear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Int32Array
from endcap.data.ratings import Ratings
from endcap.data.vocabulary import Vocabulary
from endcap.errors import DataError, UnknownIdError

ByInnerId: TypeAlias = "defaultdict[int, list[tuple[int, float]]]"


class Trainset:
    """Ratings by inner ids; made by a `Dataset` or by `model_selection`.

    Inner ids are whole numbers from 0, in the order in which users and items first appear. Lists of ratings (`ur`,
    `ir`) are only made where a script asks for them: the algorithms here work on arrays.

    Examples
    --------
    >>> from endcap.compat.surprise import Trainset
    >>> trainset = Trainset.of([("ann", "sku-1", 4.0, None), ("bob", "sku-1", 2.0, None)], (1, 5))
    >>> trainset.ir[0], trainset.global_mean
    ([(0, 4.0), (1, 2.0)], 3.0)
    """

    def __init__(
        self,
        users: Int32Array,
        items: Int32Array,
        values: npt.NDArray[np.float64],
        rating_scale: tuple[float, float],
        raw2inner_id_users: dict[Any, int],
        raw2inner_id_items: dict[Any, int],
    ) -> None:
        self._users, self._items, self._values = users, items, values
        self.rating_scale = rating_scale
        self.n_users, self.n_items, self.n_ratings = len(raw2inner_id_users), len(raw2inner_id_items), len(values)
        self._raw2inner_id_users, self._raw2inner_id_items = raw2inner_id_users, raw2inner_id_items
        self._inner2raw_id_users: list[Any] | None = None
        self._inner2raw_id_items: list[Any] | None = None

    @classmethod
    def of(cls, raw: list[Any], rating_scale: tuple[float, float]) -> Trainset:
        """Take (user, item, rating, timestamp); ids may be anything that can be the key of a dictionary."""
        users: dict[Any, int] = {}
        items: dict[Any, int] = {}
        rows = [users.setdefault(rating[0], len(users)) for rating in raw]
        columns = [items.setdefault(rating[1], len(items)) for rating in raw]
        values = np.array([rating[2] for rating in raw], np.float64)
        return cls(np.array(rows, np.int32), np.array(columns, np.int32), values, rating_scale, users, items)

    # -- as lists, for scripts -----------------------------------------------------------------------------

    @cached_property
    def ur(self) -> ByInnerId:
        """The ratings of each user: inner user id to a list of (inner item id, rating), as they appear."""
        return _lists(self._users, self._items, self._values)

    @cached_property
    def ir(self) -> ByInnerId:
        """The ratings of each item: inner item id to a list of (inner user id, rating), as they appear."""
        return _lists(self._items, self._users, self._values)

    @cached_property
    def global_mean(self) -> float:
        """The mean of all ratings."""
        return float(self._values.mean())

    def all_ratings(self) -> Iterator[tuple[int, int, float]]:
        """Yield (inner user id, inner item id, rating), a user after the other."""
        order = np.argsort(self._users, kind="stable")
        yield from zip(
            self._users[order].tolist(), self._items[order].tolist(), self._values[order].tolist(), strict=True
        )

    def all_users(self) -> range:
        """Return the inner ids of the users."""
        return range(self.n_users)

    def all_items(self) -> range:
        """Return the inner ids of the items."""
        return range(self.n_items)

    def knows_user(self, uid: Any) -> bool:
        """Whether this is the inner id of a user."""
        return isinstance(uid, (int, np.integer)) and bool(0 <= uid < self.n_users)

    def knows_item(self, iid: Any) -> bool:
        """Whether this is the inner id of an item."""
        return isinstance(iid, (int, np.integer)) and bool(0 <= iid < self.n_items)

    def to_inner_uid(self, ruid: Any) -> int:
        """Return the inner id of a user; an error that is a `ValueError` where there is none."""
        return _inner(self._raw2inner_id_users, ruid, "user")

    def to_inner_iid(self, riid: Any) -> int:
        """Return the inner id of an item; an error that is a `ValueError` where there is none."""
        return _inner(self._raw2inner_id_items, riid, "item")

    def to_raw_uid(self, iuid: int) -> Any:
        """Return a user's id; an error that is a `ValueError` where this is no inner id."""
        if self._inner2raw_id_users is None:
            self._inner2raw_id_users = list(self._raw2inner_id_users)
        return _raw(self._inner2raw_id_users, iuid, "user")

    def to_raw_iid(self, iiid: int) -> Any:
        """Return an item's id; an error that is a `ValueError` where this is no inner id."""
        if self._inner2raw_id_items is None:
            self._inner2raw_id_items = list(self._raw2inner_id_items)
        return _raw(self._inner2raw_id_items, iiid, "item")

    def build_testset(self) -> list[Any]:
        """Return (user, item, rating) of all ratings, a user after the other."""
        users, items = list(self._raw2inner_id_users), list(self._raw2inner_id_items)
        return [(users[u], items[i], rating) for u, i, rating in self.all_ratings()]

    def build_anti_testset(self, fill: float | None = None) -> list[Any]:
        """Return (user, item, `fill`) of all pairs without a rating; None fills in the mean of all ratings.

        It holds as many tuples as there are pairs. To recommend, `endcap.RatingPredictor.recommend` takes no such
        list, and a `Recommender` does better.
        """
        value = self.global_mean if fill is None else float(fill)
        items = np.array(list(self._raw2inner_id_items), dtype=object)
        ordered = self.in_order
        pairs: list[Any] = []
        for inner, user in enumerate(self._raw2inner_id_users):
            free = np.ones(self.n_items, np.bool_)
            free[ordered.indices[ordered.indptr[inner] : ordered.indptr[inner + 1]]] = False
            pairs += [(user, item, value) for item in items[free]]
        return pairs

    # -- as arrays, for the algorithms ---------------------------------------------------------------------

    @cached_property
    def in_order(self) -> CsrMatrix:
        """The ratings by inner ids, shape (users, items), those of a user in the order in which they appear.

        A pair that appears twice is in it twice.
        """
        order = np.argsort(self._users, kind="stable")
        indptr = np.append(0, np.cumsum(np.bincount(self._users, minlength=self.n_users)))
        return sparse.csr_array(
            (self._values[order].astype(np.float32), self._items[order], indptr), shape=(self.n_users, self.n_items)
        )

    @cached_property
    def ratings(self) -> Ratings:
        """The ratings by inner ids, as Endcap's models take them; the last of a pair that appears twice."""
        bad = np.flatnonzero(~np.isfinite(self._values))
        if len(bad):
            raise DataError(
                f"{len(bad)} ratings are NaN or infinite, the first being number {bad[0] + 1}; leave them out"
            )
        if not self.n_ratings:
            raise DataError("there are no ratings to learn from")
        pairs = self._users.astype(np.int64) * self.n_items + self._items
        order = np.argsort(pairs, kind="stable")
        last = order[np.append(np.diff(pairs[order]) != 0, True)]
        indptr = np.append(0, np.cumsum(np.bincount(self._users[last], minlength=self.n_users)))
        matrix = sparse.csr_array(
            (self._values[last].astype(np.float32), self._items[last], indptr), shape=(self.n_users, self.n_items)
        )
        low, high = self.rating_scale
        users, items = (Vocabulary.from_sorted(pl.Series(np.arange(n))) for n in matrix.shape)
        return Ratings(matrix, users, items, (float(low), float(high)), self.n_ratings - len(last))

    def inner_ids(self, users: list[Any], items: list[Any]) -> tuple[Int32Array, Int32Array]:
        """Return inner ids of users and of items, -1 for those unknown."""
        rows = [self._raw2inner_id_users.get(user, -1) for user in users]
        columns = [self._raw2inner_id_items.get(item, -1) for item in items]
        return np.array(rows, np.int32), np.array(columns, np.int32)


class NotInTrainsetError(UnknownIdError, ValueError):
    """A user or an item that isn't in the trainset; a `ValueError` as in Surprise."""


def _lists(keys: Int32Array, others: Int32Array, values: npt.NDArray[np.float64]) -> ByInnerId:
    lists: ByInnerId = defaultdict(list)
    for key, other, value in zip(keys.tolist(), others.tolist(), values.tolist(), strict=True):
        lists[key].append((other, value))
    return lists


def _inner(ids: dict[Any, int], raw: Any, what: str) -> int:
    try:
        return ids[raw]
    except KeyError:
        raise NotInTrainsetError(f"the {what} {raw!r} is not part of the trainset") from None


def _raw(ids: list[Any], inner: int, what: str) -> Any:
    if not 0 <= inner < len(ids):
        raise NotInTrainsetError(f"{inner!r} is not the inner id of a {what}; these go from 0 to {len(ids) - 1}")
    return ids[inner]
