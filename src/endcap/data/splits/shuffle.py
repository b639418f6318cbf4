"""Pairs held out by chance."""

from __future__ import annotations

import numpy as np
import polars as pl

from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.data.splits.split import Split, checked_share, divide, pair_numbers
from endcap.errors import DataError


def split_shuffle(events: Events | pl.DataFrame, test: float = 0.2, *, seed: int = 0) -> Split:
    """Hold out a share of the pairs of a user and an item, drawn at random.

    All events of a pair go to the same side, so that no model is asked for what it was shown. Training then knows the
    future of other users: for figures that shall hold in a shop, prefer `split_by_time`.

    Parameters
    ----------
    events
        Any events; they need no timestamps.
    test
        The share of distinct pairs that is held out.
    seed
        The same seed and pairs, whatever the order of rows, give the same split.

    Returns
    -------
    Split
        `train, test`, their rows in the order they had.

    Raises
    ------
    DataError
        Where a side would be empty.
    ParameterError
        Where `test` is no share.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> events = ec.read_events(pl.DataFrame({"user": [1, 1, 1, 2, 2], "item": [1, 2, 3, 1, 2]}))
    >>> train, test = ec.split_shuffle(events, test=0.4)
    >>> len(train), len(test)
    (3, 2)
    """
    events = as_events(events)
    share = checked_share(test)
    pair, count = pair_numbers(events)
    size = round(share * count)
    if not 0 < size < count:
        raise DataError(f"test={test!r} of {count} pairs of a user and an item leaves a side empty")
    chosen = np.zeros(count, np.bool_)
    chosen[np.random.default_rng(seed).permutation(count)[:size]] = True
    return divide(events, pl.Series(chosen[pair]))
