"""Session-based nearest neighbours as shops of the largest size run them."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from endcap.data.arrays import Float64Array, Int64Array
from endcap.models.parameters import parameters
from endcap.models.queries import Queries
from endcap.models.session_index import CurrentSessions, SessionIndex
from endcap.models.session_neighbours import SessionNeighbours


@parameters
class VMISKNN(SessionNeighbours):
    """Past sessions like the current one say what comes next: VMIS-kNN.

    The current session is cut to its `last` events. With steps counted from its end, 1 being the last event, and L its
    length, the similarity of a past session is the sum of (L - step + 1) / L over the shared items. The most similar
    ones vote for all the items they hold, those shared among them, by similarity times 1 - step / 10 of the latest item
    shared (0 from 10 on), and an item's votes are multiplied by log(sessions / sessions that hold it). The order in
    past sessions plays no part.

    Kersbergen, Sprangers and Schelter, "Serenade: low-latency session-based recommendation in e-commerce at scale"
    (SIGMOD 2022). `SessionKNN`, with more to weigh, was more accurate on all data sets tried.

    Items of the session may be recommended again, as the published protocols have it, and the last one often comes
    first: its neighbours all hold it. A shop that doesn't want to show the product being looked at names it in
    `exclude`, which is what the authors' server does; `exclude_seen=True` leaves out whatever is in the history.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> clicks = {"user_id": [1, 1, 1, 2, 2, 3, 3], "item_id": ["tent", "mat", "stove", "tent", "mat", "mat", "lamp"]}
    >>> model = ec.VMISKNN().fit(pl.DataFrame(clicks))
    >>> model.recommend(history=["tent"], k=1, exclude=["tent"])["item_id"].to_list()
    ['stove']
    """

    last: Annotated[int, Field(gt=0)] = 3
    """How many of the session's last events count."""

    _distinct = True

    def _current(self, queries: Queries) -> CurrentSessions:
        assert queries.log is not None  # noqa: S101 - `_needs_log` has seen to it; this tells the type checker
        return CurrentSessions.of_log(queries.log, self.last)

    def _own_weights(self, current: CurrentSessions) -> tuple[Float64Array, Float64Array]:
        length = current.lengths[current.rows()]
        return (length - current.steps + 1) / length, np.maximum(1 - current.steps / 10, 0)

    def _weigh(self, index: SessionIndex, holders: Int64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
        lengths = np.diff(index.session_ptr)
        everywhere = np.ones(2 * int(lengths.max(initial=1)) - 1)
        return np.ones(len(lengths)), everywhere, np.log(len(lengths) / np.maximum(holders, 1))
