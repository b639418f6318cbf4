"""What a rating predictor's parameters are chosen by: the newest ratings of the past, or random ones without times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array, Int64Array
from endcap.data.events import Events
from endcap.data.ratings import Ratings
from endcap.data.reading import as_events
from endcap.data.schema import ITEM, RATING, TIME, USER
from endcap.data.sources import is_table
from endcap.data.splits import split_by_time
from endcap.errors import DataError, ParameterError
from endcap.models.base import Progress
from endcap.models.rating_predictor import RatingPredictor
from endcap.tuning.folds import of_some_users

RANDOM_FOLDS: Final = 3
"""Into so many parts ratings without times are divided."""
_FOLDS_IN_TIME: Final = 2
_PART_OF: Final = (200_000, 1 / 4)  # from so many ratings on, trials are first run on this part of the users


@dataclass(frozen=True)
class RatingFold:
    """Ratings to learn from, and ratings to estimate."""

    train: Ratings
    hidden: pl.DataFrame
    """`user_id, item_id, rating`."""

    def squared_errors(self, model: RatingPredictor, progress: Progress | None = None) -> Float64Array:
        """Fit a model, and return the squared error of every hidden rating, shape (ratings,)."""
        found = model.fit(self.train, progress=progress).predict(self.hidden)
        errors = found["estimate"].cast(pl.Float64).to_numpy() - found[RATING].cast(pl.Float64).to_numpy()
        return np.asarray(errors**2, np.float64)


@dataclass(frozen=True)
class RatingData:
    """Ratings, parted into the past and what is put aside for the test."""

    past: pl.DataFrame
    test: pl.DataFrame
    scale: tuple[float, float] | None
    in_time: bool
    """Whether the test is what came last; otherwise it is a random part."""
    share: str | float | timedelta

    @classmethod
    def of(cls, data: Any, test: str | float | timedelta, seed: int) -> RatingData:
        """Part ratings by time, or by chance where they have none.

        Raises
        ------
        DataError
            Where these are no ratings.
        ParameterError
            Where `test` is a length of time and the ratings have none.
        """
        table = as_events(data).frame if is_table(data) or isinstance(data, Events) else data
        scale = None  # that of the ratings learnt from, as `fit` takes it
        if not isinstance(table, pl.DataFrame):
            ratings = Ratings.coerce(data)
            table, scale = ratings.pairs(), ratings.scale
        Ratings.from_events(table, scale=scale)  # says what is wrong
        table = table.filter(pl.col(RATING).is_not_null())
        if TIME in table.columns and table[TIME].null_count() == 0 and table[TIME].n_unique() > 1:
            past, future = split_by_time(Events(table), test=test)
            return cls(past.frame, future.frame, scale, True, test)
        if not isinstance(test, float) or not 0 < test < 1:
            raise ParameterError(f"test={test!r} won't do for ratings without times: give a share, such as 0.2")
        ratings = Ratings.from_events(table, scale=scale)
        pairs = ratings.pairs()
        parts = np.random.default_rng([seed, 2]).permutation(len(pairs))
        hidden = np.sort(parts[: round(test * len(pairs))])
        if not 0 < len(hidden) < len(pairs):
            raise DataError(f"{len(pairs)} ratings are too few to put {test:.0%} of them aside")
        kept = np.setdiff1d(np.arange(len(pairs)), hidden)
        return cls(pairs[kept], pairs[hidden], scale, False, test)

    def folds(self, seed: int) -> list[RatingFold]:
        """Return the past, parted again and again as it was parted from the test, or into three random parts."""
        return [self._fold(train, hidden) for train, hidden in self._parts(seed)]

    def rungs(self, seed: int) -> list[RatingFold]:
        """Return the first fold of a part of the users; none where ratings are few."""
        if len(self.past) < _PART_OF[0]:
            return []
        train, hidden = next(self._parts(seed))
        train = of_some_users(train, _PART_OF[1], seed)
        return [self._fold(train, hidden.join(train.select(USER).unique(), on=USER, how="semi"))]

    def last(self) -> RatingFold:
        """Return all of the past, and the test."""
        return self._fold(self.past, self.test)

    def _parts(self, seed: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        if self.in_time:
            upto = Events(self.past)
            for _ in range(_FOLDS_IN_TIME):
                upto, future = split_by_time(upto, test=self.share)
                yield upto.frame, future.frame
            return
        part: Int64Array = np.random.default_rng([seed, 3]).permutation(len(self.past)) % RANDOM_FOLDS
        for fold in range(RANDOM_FOLDS):
            yield self.past.filter(part != fold), self.past.filter(part == fold)

    def _fold(self, train: pl.DataFrame, hidden: pl.DataFrame) -> RatingFold:
        known = Ratings.from_events(train, scale=self.scale)
        return RatingFold(known, Ratings.from_events(hidden, scale=self.scale).pairs().select(USER, ITEM, RATING))
