"""Who rated what, and how: a sparse user x item matrix of ratings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from endcap.data.arrays import BoolArray, CsrMatrix
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.data.reading import as_events
from endcap.data.schema import ITEM, RATING, TIME, USER
from endcap.data.sources import is_table
from endcap.data.vocabulary import Vocabulary
from endcap.errors import DataError


@dataclass(frozen=True)
class Ratings:
    """One rating for each pair of a user and an item that has one.

    Made by `from_events` or `from_matrix`; rating predictors are fitted on it. Nothing in it may be written to.

    Examples
    --------
    >>> import polars as pl
    >>> from endcap.data.ratings import Ratings
    >>> table = pl.DataFrame({"user_id": ["ann", "bob", "ann"], "item_id": [7, 7, 8], "rating": [4.5, 3.0, 0.5]})
    >>> Ratings.from_events(table)
    Ratings(2 users x 2 items, 3 ratings from 0.5 to 4.5)
    """

    matrix: CsrMatrix
    """Shape (users, items), float32 CSR with sorted indices; a stored zero is a rating of zero."""
    users: Vocabulary
    """The ids of the rows."""
    items: Vocabulary
    """The ids of the columns."""
    scale: tuple[float, float]
    """The lowest and the highest rating there can be; estimates are clipped to it."""
    repeats: int = 0
    """How many ratings were left out because the same user rated the same item again later."""

    @classmethod
    def from_events(cls, events: Events | pl.DataFrame, *, scale: tuple[float, float] | None = None) -> Ratings:
        """Take the events that carry a rating.

        Parameters
        ----------
        events
            A table with `user_id`, `item_id` and `rating`; rows whose rating is null are no ratings and left out.
            Where a user rated an item several times, the last rating counts: by `timestamp` where there is one,
            then by row.
        scale
            The lowest and the highest possible rating. None: of the ratings given.

        Raises
        ------
        DataError
            Where a column is missing, no row has a rating, or a rating is NaN, infinite or outside the scale.
        """
        frame = as_events(events).frame
        missing = [c for c in (USER, ITEM, RATING) if c not in frame.columns]
        if missing:
            raise DataError(f"ratings need the columns {USER}, {ITEM} and {RATING}; there is no {missing[0]!r}")
        if not frame[RATING].dtype.is_numeric():
            raise DataError(f"the column {RATING!r} holds {frame[RATING].dtype}, not numbers")
        frame = frame.select(c for c in (USER, ITEM, RATING, TIME) if c in frame.columns)
        if frame[RATING].null_count():
            frame = frame.filter(pl.col(RATING).is_not_null())
        exact = frame[RATING].cast(pl.Float64).to_numpy()
        scale = _checked_scale(exact, scale)
        values = exact.astype(np.float32)
        del exact  # a table of ratings is most of what fitting a predictor holds: nothing of its length is kept longer
        users, items = Vocabulary(frame[USER]), Vocabulary(frame[ITEM])
        pairs = users.encode(frame[USER]).astype(np.int64)
        pairs *= len(items)
        pairs += items.encode(frame[ITEM])
        times = [frame[TIME].cast(pl.Int64).fill_null(0).to_numpy()] if TIME in frame.columns else []
        order = np.lexsort((*times, pairs))
        pairs, values = pairs[order], values[order]
        del order, times
        last = np.append(pairs[1:] != pairs[:-1], True)
        repeats = len(last) - int(last.sum())
        if repeats:
            pairs, values = pairs[last], values[last]
        indptr = np.searchsorted(pairs, np.arange(len(users) + 1) * len(items))
        pairs %= len(items)
        matrix = sparse.csr_array((values, pairs.astype(np.int32), indptr), shape=(len(users), len(items)))
        return cls(matrix, users, items, scale, repeats)

    @classmethod
    def from_matrix(cls, matrix: Any, *, scale: tuple[float, float] | None = None) -> Ratings:
        """Take a `scipy.sparse` matrix of shape (users, items); ids are row and column numbers.

        Stored zeros are ratings of zero. Entries given twice are refused (`DataError`): the sum of two ratings isn't
        a rating.
        """
        entries = matrix.nnz
        csr = sparse.csr_array(matrix, dtype=np.float32, copy=True)
        scale = _checked_scale(csr.data.astype(np.float64), scale)
        csr.sum_duplicates()
        if csr.nnz != entries:
            raise DataError(f"the matrix holds {entries - csr.nnz} pairs twice; give each pair one rating")
        return cls(
            csr,
            Vocabulary.from_sorted(pl.Series(np.arange(csr.shape[0]))),
            Vocabulary.from_sorted(pl.Series(np.arange(csr.shape[1]))),
            scale,
        )

    @classmethod
    def coerce(cls, data: Any) -> Ratings:
        """Return `data` as ratings: already such, events or a table with a column `rating`, or a sparse matrix."""
        if isinstance(data, Ratings):
            return data
        if sparse.issparse(data):
            return cls.from_matrix(data)
        if isinstance(data, Events) or is_table(data):
            return cls.from_events(data)
        if isinstance(data, Interactions):
            raise DataError("interactions hold weights, not ratings; give the events with their column 'rating'")
        raise DataError(
            f"can't learn ratings from {type(data).__name__}; give events or a table with {USER}, {ITEM} and {RATING}"
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(users, items)."""
        return self.matrix.shape[0], self.matrix.shape[1]

    @property
    def nnz(self) -> int:
        """How many pairs of a user and an item have a rating."""
        return int(self.matrix.nnz)

    def only(self, entries: BoolArray) -> Ratings:
        """Return some of the ratings, on the same scale, with the users and items that are left.

        `entries` has shape (nnz,), in the order of `matrix.indices`.
        """
        n, m = self.shape
        rows = np.repeat(np.arange(n), np.diff(self.matrix.indptr))[entries]
        columns = self.matrix.indices[entries]
        users = np.flatnonzero(np.bincount(rows, minlength=n))
        items = np.flatnonzero(np.bincount(columns, minlength=m))
        new_column = np.zeros(m, np.int32)
        new_column[items] = np.arange(len(items))
        indptr = np.append(np.searchsorted(rows, users), len(rows))
        matrix = sparse.csr_array(
            (self.matrix.data[entries], new_column[columns], indptr), shape=(len(users), len(items))
        )
        return Ratings(
            matrix,
            Vocabulary.from_sorted(self.users.ids.gather(users)),
            Vocabulary.from_sorted(self.items.ids.gather(items)),
            self.scale,
        )

    def pairs(self) -> pl.DataFrame:
        """Return the ratings as a table: `user_id, item_id, rating`."""
        rows = np.repeat(np.arange(self.shape[0]), np.diff(self.matrix.indptr))
        return pl.DataFrame(
            {
                USER: self.users.decode(rows),
                ITEM: self.items.decode(self.matrix.indices),
                RATING: self.matrix.data,
            }
        )

    def fingerprint(self) -> str:
        """Return a hash of the contents: equal ratings have equal fingerprints, whatever the order of their rows."""
        digest = hashlib.blake2b(digest_size=16)
        for array in (self.matrix.indptr.astype(np.int64), self.matrix.indices, self.matrix.data):
            digest.update(np.ascontiguousarray(array).data)
        for vocabulary in (self.users, self.items):
            digest.update(np.ascontiguousarray(vocabulary.ids.hash(seed=0).to_numpy()).data)
        return digest.hexdigest()

    def __repr__(self) -> str:
        users, items = self.shape
        low, high = self.scale
        return f"Ratings({users:,} users x {items:,} items, {self.nnz:,} ratings from {low:g} to {high:g})"


def _checked_scale(values: Any, scale: tuple[float, float] | None) -> tuple[float, float]:
    if len(values) == 0:
        raise DataError(f"there are no ratings: the column {RATING!r} is empty")
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise DataError(f"{len(bad)} ratings are NaN or infinite, the first in row {bad[0] + 1}; leave those rows out")
    found = float(values.min()), float(values.max())
    if scale is None:
        return found
    low, high = float(scale[0]), float(scale[1])
    if not low < high:
        raise DataError(f"scale={scale!r} won't do: give the lowest and the highest rating")
    if found[0] < low or found[1] > high:
        raise DataError(f"ratings go from {found[0]:g} to {found[1]:g}, outside the scale from {low:g} to {high:g}")
    return low, high
