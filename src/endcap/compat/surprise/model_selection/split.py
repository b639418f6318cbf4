"""Dividing ratings into what is trained and tested on; the same `random_state`, the same division as Surprise's.

Each division yields (trainset, testset), a `Trainset` and a list of (user, item, rating).
"""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from math import ceil, floor
from typing import Any, TypeAlias

import numpy as np

from endcap.compat.surprise.trainset import Trainset
from endcap.compat.surprise.utils import get_rng
from endcap.errors import DataError, ParameterError

Fold: TypeAlias = tuple[Trainset, list[Any]]


def get_cv(cv: Any) -> Any:
    """Return a division: itself, `KFold` of a whole number of folds, or for None of 5."""
    if cv is None:
        return KFold()
    if isinstance(cv, numbers.Integral):
        return KFold(n_splits=int(cv))
    if hasattr(cv, "split") and not isinstance(cv, str):
        return cv
    raise ParameterError(f"cv={cv!r} won't do: give None, a number of folds, or a division such as KFold()")


class KFold:
    """Ratings in so many folds, each the test set once.

    Parameters
    ----------
    n_splits
        How many folds.
    random_state
        See `endcap.compat.surprise.utils.get_rng`.
    shuffle
        Whether ratings are shuffled first.

    Examples
    --------
    >>> import pandas as pd
    >>> from endcap.compat.surprise import Dataset, Reader
    >>> from endcap.compat.surprise.model_selection import KFold
    >>> data = Dataset.load_from_df(pd.DataFrame({"u": [1, 2, 3, 4], "i": 7, "r": 3}), Reader())
    >>> [len(testset) for trainset, testset in KFold(2).split(data)]
    [2, 2]
    """

    def __init__(self, n_splits: int = 5, random_state: Any = None, shuffle: bool = True) -> None:
        self.n_splits, self.random_state, self.shuffle = n_splits, random_state, shuffle

    def split(self, data: Any) -> Iterator[Fold]:
        """Yield the folds; `ParameterError` with fewer than 2 folds or fewer ratings than folds."""
        ratings = len(data.raw_ratings)
        if not 2 <= self.n_splits <= ratings:
            raise ParameterError(f"n_splits={self.n_splits!r} won't do: from 2 to the number of ratings, {ratings:,}")
        places = np.arange(ratings)
        if self.shuffle:
            get_rng(self.random_state).shuffle(places)
        parts = np.array_split(places, self.n_splits)
        for fold, part in enumerate(parts):
            yield _fold(data, np.concatenate(parts[:fold] + parts[fold + 1 :]), part)

    def get_n_folds(self) -> int:
        """Return how many folds there are."""
        return self.n_splits


class RepeatedKFold:
    """`KFold` several times, each shuffled anew; parameters as there."""

    def __init__(self, n_splits: int = 5, n_repeats: int = 10, random_state: Any = None) -> None:
        self.n_splits, self.n_repeats, self.random_state = n_splits, n_repeats, random_state

    def split(self, data: Any) -> Iterator[Fold]:
        """Yield the folds of all repetitions."""
        rng = get_rng(self.random_state)
        for _ in range(self.n_repeats):
            yield from KFold(self.n_splits, rng).split(data)

    def get_n_folds(self) -> int:
        """Return how many folds there are in all."""
        return self.n_repeats * self.n_splits


class ShuffleSplit:
    """Random divisions, each without regard to the others.

    Parameters
    ----------
    n_splits
        How many.
    test_size, train_size
        A share (float) or a number (int) of ratings; None is what the other leaves.
    random_state, shuffle
        As for `KFold`.

    Raises
    ------
    ParameterError
        Where a number isn't above 0, or at `split` where there are too few ratings.
    """

    def __init__(
        self,
        n_splits: int = 5,
        test_size: float | None = 0.2,
        train_size: float | None = None,
        random_state: Any = None,
        shuffle: bool = True,
    ) -> None:
        for name, value in (("n_splits", n_splits), ("test_size", test_size), ("train_size", train_size)):
            if value is not None and value <= 0:
                raise ParameterError(f"{name}={value!r} won't do: it has to be above 0")
        self.n_splits, self.test_size, self.train_size = n_splits, test_size, train_size
        self.random_state, self.shuffle = random_state, shuffle

    def split(self, data: Any) -> Iterator[Fold]:
        """Yield the divisions."""
        ratings = len(data.raw_ratings)
        train, test = self._sizes(ratings)
        rng = get_rng(self.random_state)
        for _ in range(self.n_splits):
            places = rng.permutation(ratings) if self.shuffle else np.arange(ratings)
            yield _fold(data, places[:train], places[train : train + test])

    def get_n_folds(self) -> int:
        """Return how many divisions there are."""
        return self.n_splits

    def _sizes(self, ratings: int) -> tuple[int, int]:
        given = {"test_size": self.test_size, "train_size": self.train_size}
        for name, value in given.items():
            if value is not None and value >= ratings:
                raise ParameterError(f"{name}={value!r} won't do: there are only {ratings:,} ratings")
        test = _number(self.test_size, ratings, ceil)
        train = _number(self.train_size, ratings, floor)
        train = ratings - (test or 0) if train is None else train
        test = ratings - train if test is None else test
        if train + test > ratings:
            raise ParameterError(f"{train:,} ratings to train on and {test:,} to test on are more than {ratings:,}")
        return train, test


def train_test_split(
    data: Any,
    test_size: float | None = 0.2,
    train_size: float | None = None,
    random_state: Any = None,
    shuffle: bool = True,
) -> Fold:
    """Return one division, (trainset, testset); parameters as for `ShuffleSplit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from endcap.compat.surprise import Dataset, Reader
    >>> from endcap.compat.surprise.model_selection import train_test_split
    >>> data = Dataset.load_from_df(pd.DataFrame({"u": [1, 2, 3, 4], "i": 7, "r": 3}), Reader())
    >>> trainset, testset = train_test_split(data, test_size=0.25)
    >>> trainset.n_ratings, len(testset)
    (3, 1)
    """
    return next(ShuffleSplit(1, test_size, train_size, random_state, shuffle).split(data))


class LeaveOneOut:
    """Divisions whose test set holds one random rating of each user.

    Parameters
    ----------
    n_splits, random_state
        As for `KFold`.
    min_n_ratings
        Users with no more ratings than this are left out altogether.
    """

    def __init__(self, n_splits: int = 5, random_state: Any = None, min_n_ratings: int = 0) -> None:
        self.n_splits, self.random_state, self.min_n_ratings = n_splits, random_state, min_n_ratings

    def split(self, data: Any) -> Iterator[Fold]:
        """Yield the divisions; `DataError` where nothing is left to train on."""
        by_user: dict[Any, list[int]] = {}
        for place, rating in enumerate(data.raw_ratings):
            by_user.setdefault(rating[0], []).append(place)
        rng = get_rng(self.random_state)
        for _ in range(self.n_splits):
            train: list[int] = []
            test: list[int] = []
            for places in by_user.values():
                if len(places) > self.min_n_ratings:
                    hidden = rng.randint(0, len(places))
                    test.append(places[hidden])
                    train += places[:hidden] + places[hidden + 1 :]
            if not train:
                raise DataError(f"no ratings are left to train on: is min_n_ratings={self.min_n_ratings!r} too high?")
            yield _fold(data, np.array(train), np.array(test))

    def get_n_folds(self) -> int:
        """Return how many divisions there are."""
        return self.n_splits


class PredefinedKFold:
    """The folds of `Dataset.load_from_folds`."""

    n_splits: int

    def split(self, data: Any) -> Iterator[Fold]:
        """Yield the folds."""
        self.n_splits = len(data.folds_files)
        for train_file, test_file in data.folds_files:
            trainset = data.construct_trainset(data.read_ratings(train_file))
            yield trainset, data.construct_testset(data.read_ratings(test_file))

    def get_n_folds(self) -> int:
        """Return how many folds there were at the last `split`."""
        return self.n_splits


def _fold(data: Any, train: Any, test: Any) -> Fold:
    raw = data.raw_ratings
    trainset = data.construct_trainset([raw[place] for place in train.tolist()])
    return trainset, data.construct_testset([raw[place] for place in test.tolist()])


def _number(size: float | None, ratings: int, rounded: Any) -> int | None:
    if size is None:
        return None
    return int(rounded(size * ratings)) if isinstance(size, (float, np.floating)) else int(size)
