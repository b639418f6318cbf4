"""Every pair held out once (k-fold), or once in each of several divisions (repeated k-fold)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.data.splits.split import Split, checked_count, divide, pair_numbers
from endcap.errors import DataError


def split_k_fold(events: Events | pl.DataFrame, folds: int = 5, *, repeats: int = 1, seed: int = 0) -> Iterator[Split]:
    """Divide the pairs of a user and an item into folds at random, and hold out each fold in turn.

    All events of a pair are in the same fold. As with `split_shuffle`, training knows the future of other users.

    Parameters
    ----------
    events
        Any events; they need no timestamps.
    folds
        How many parts of equal size (± 1 pair); 5 is the custom of the field.
    repeats
        How many times the pairs are divided anew: repeated k-fold.
    seed
        Of the divisions.

    Yields
    ------
    Split
        `folds` x `repeats` times `train, test`.

    Raises
    ------
    DataError
        Where there are fewer pairs than folds.
    ParameterError
        Where there are fewer than 2 folds or no repeat.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> events = ec.read_events(pl.DataFrame({"user": [1, 1, 1, 2, 2], "item": [1, 2, 3, 1, 2]}))
    >>> [len(test) for train, test in ec.split_k_fold(events, 2, repeats=2)]
    [3, 2, 3, 2]
    """
    events = as_events(events)
    checked_count("folds", folds, 2)
    checked_count("repeats", repeats, 1)
    pair, count = pair_numbers(events)
    if count < folds:
        raise DataError(f"{count} pairs of a user and an item can't be divided into {folds} folds")
    return _folds(events, pair, count, folds, repeats, seed)


def _folds(events: Events, pair: np.ndarray, count: int, folds: int, repeats: int, seed: int) -> Iterator[Split]:
    for repeat in range(repeats):
        fold = np.random.default_rng([seed, repeat]).permutation(count) % folds
        for number in range(folds):
            yield divide(events, pl.Series(fold[pair] == number))
