"""A split that somebody else made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from endcap.data.arrays import BoolArray
from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.data.splits.split import Split, divide
from endcap.errors import DataError


def split_predefined(events: Events | pl.DataFrame, test: pl.Expr | pl.Series | BoolArray | Sequence[bool]) -> Split:
    """Split as told, row by row: for published splits, so that figures can be compared.

    Parameters
    ----------
    events
        Any events.
    test
        Which events are held out: an expression over the events' columns, or a value a row, true or false.

    Returns
    -------
    Split
        `train, test`, their rows in the order they had.

    Raises
    ------
    DataError
        Where the values aren't one a row and all true or false, or a side would be empty.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> events = ec.read_events(pl.DataFrame({"user": [1, 1, 2], "item": [1, 2, 3]}))
    >>> train, test = ec.split_predefined(events, [False, True, False])
    >>> test.frame["item_id"].to_list()
    [2]
    """
    events = as_events(events)
    if isinstance(test, pl.Expr):
        held_out = events.frame.select(test.alias("test")).to_series()
    else:
        held_out = test if isinstance(test, pl.Series) else pl.Series(np.asarray(test))
    if held_out.dtype != pl.Boolean or len(held_out) != len(events) or held_out.null_count():
        raise DataError(
            f"a predefined split needs true or false for each of the {len(events)} events, not {len(held_out)} values "
            f"of type {held_out.dtype} with {held_out.null_count()} empty ones"
        )
    if held_out.all() or not held_out.any():
        raise DataError(f"the predefined split leaves no event to {'train' if held_out.all() else 'test'} on")
    return divide(events, held_out)
