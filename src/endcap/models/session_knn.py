"""Session-based nearest neighbours with decays: by position, by distance, by age."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import numpy as np
from pydantic import Field

from endcap.data.arrays import Float64Array, Int64Array
from endcap.data.durations import parse_duration
from endcap.models.parameters import parameters
from endcap.models.search_space import Options, Range
from endcap.models.session_index import CurrentSessions, SessionIndex
from endcap.models.session_neighbours import SessionNeighbours


@parameters
class SessionKNN(SessionNeighbours):
    """Past sessions like the current one say what comes next: V-STAN.

    With steps counted from the current session's end, 1 being its last event, the similarity of a past session is

        sum over shared items of exp(-(step - 1) / position_decay) x rarity,    rarity = log(1 + sessions / holders),

    holders being the sessions that hold the item; times 0.5 ** (age / half_life) where a half-life is given. The
    `neighbours` most similar sessions vote for their items: by similarity, times exp(-(step - 1) / match_decay) of the
    latest item shared, times exp(-(distance - 1) / distance_decay) for an item that stands `distance` events behind
    that item in the neighbour, `backward` times that before it, and `repeat` for that item itself. An item's votes are
    multiplied by 1 + rarity_weight x its rarity.

    Ludewig, Mauro, Latifi and Jannach, "Empirical analysis of session-based recommendation algorithms" (UMUAI 2020),
    after Garg et al., "Sequence and Time Aware Neighborhood for Session-based Recommendations: STAN" (SIGIR 2019).
    Theirs treat both directions alike and divide by the root of the sessions' lengths. Here directions differ, each
    place of the shared item in a neighbour counts, and long sessions count in full.

    The current session is a history's last: of a known user the last one in the data, of a visitor all that is given.
    Items of the session may be recommended again, as the published protocols have it; `exclude_seen=True` leaves
    out whatever is in the history.

    Examples
    --------
    >>> import endcap as ec
    >>> clicks = {"user_id": [1, 1, 1, 2, 2, 3, 3], "item_id": ["tent", "mat", "stove", "tent", "mat", "mat", "lamp"]}
    >>> import polars as pl
    >>> model = ec.SessionKNN().fit(pl.DataFrame(clicks))
    >>> model.recommend(history=["tent"], k=2)["item_id"].to_list()
    ['mat', 'stove']
    """

    position_decay: Annotated[float, Field(gt=0), Range(0.5, 20.0, log=True)] = 3.0
    """After how many steps back from the end of the session an item counts 1/e for the similarity."""
    match_decay: Annotated[float, Field(gt=0), Range(0.5, 20.0, log=True)] = 2.0
    """After how many steps back a neighbour's vote counts 1/e, by the latest item that it shares."""
    distance_decay: Annotated[float, Field(gt=0), Range(0.5, 20.0, log=True)] = 1.5
    """After how many events from the shared item the neighbour's items count 1/e."""
    backward: Annotated[float, Field(ge=0, le=1), Range(0.0, 1.0)] = 0.5
    """What items before the shared item count, those behind it counting 1."""
    repeat: Annotated[float, Field(ge=0), Range(0.0, 1.0)] = 0.2
    """What the shared item itself counts, the next one in the neighbour counting 1: higher where people come back to
    what they just saw (0.6 on Retailrocket), lower where they move on (0.1 on Yoochoose and bol.com)."""
    rarity_weight: Annotated[float, Field(ge=0), Range(0.0, 1.0)] = 0.1
    """How strongly items that few sessions hold are preferred; 0: not at all."""
    half_life: Annotated[str | None, Options(None, "14d", "30d", "90d")] = None
    """The age at which a past session's similarity counts half, such as "30d"; None: age doesn't matter, beyond that
    only `recent` sessions are looked at."""

    _learned = (*SessionNeighbours._learned, "rarity_")

    def _own_weights(self, current: CurrentSessions) -> tuple[Float64Array, Float64Array]:
        back = (current.steps - 1).astype(np.float64)
        return np.exp(-back / self.position_decay) * self.rarity_[current.items], np.exp(-back / self.match_decay)

    def _weigh(self, index: SessionIndex, holders: Int64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
        lengths = np.diff(index.session_ptr)
        self.rarity_: Float64Array = np.log1p(len(lengths) / np.maximum(holders, 1))
        sessions = np.ones(len(lengths))
        if self.half_life is not None:
            half = parse_duration(self.half_life) / timedelta(microseconds=1)
            sessions = np.exp2(-np.minimum(index.age / half, 100))
        reach = int(lengths.max(initial=1)) - 1
        distance = np.arange(-reach, reach + 1)
        by_distance = np.exp((1 - np.abs(distance)) / self.distance_decay)
        by_distance[distance < 0] *= self.backward
        by_distance[reach] = self.repeat
        return sessions, by_distance, 1 + self.rarity_weight * self.rarity_
