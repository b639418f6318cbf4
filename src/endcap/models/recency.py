"""How much of what a shopper did still counts, by how long ago it was."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from endcap.data.arrays import Float32Array
from endcap.data.durations import parse_duration
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries


def decayed_weights(queries: Queries, data: Interactions, half_life: str | None) -> Float32Array:
    """Return the weights of the histories times 0.5 ** (age / half_life), shape (nnz,).

    The age of an entry is that of its last event before the newest one of the training data. The weights come back as
    they are where there is no half-life, or no time is known.
    """
    weights: Float32Array = queries.histories.data
    if half_life is None or queries.last_time is None or data.last_time is None:
        return weights
    age = (data.newest - queries.last_time) / 1e6
    decayed: Float32Array = (weights * 0.5 ** (age / _seconds(half_life))).astype(np.float32)
    return decayed


@lru_cache(maxsize=16)
def _seconds(half_life: str) -> float:
    return parse_duration(half_life).total_seconds()
