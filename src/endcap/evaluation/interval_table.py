"""The metrics' means over users with their bootstrap intervals, at each length, as a table."""

from __future__ import annotations

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array
from endcap.evaluation.bootstrap import percentile_interval, resampled_means
from endcap.evaluation.metrics import USER_METRICS, means_of


def interval_table(values: Float64Array, cutoffs: tuple[int, ...], seed: int = 0) -> pl.DataFrame:
    """Return `k, metric, value, low, high`; what nobody has a value of is left out.

    Parameters
    ----------
    values
        Shape (users, cutoffs, metrics): `USER_METRICS` of every user, NaN where there is none.
    cutoffs
        The lengths.
    seed
        Of the bootstrap.
    """
    flat = values.reshape(len(values), -1)
    low, high = percentile_interval(resampled_means(flat, seed=seed))
    return pl.DataFrame(
        {
            "k": np.repeat(cutoffs, len(USER_METRICS)),
            "metric": USER_METRICS * len(cutoffs),
            "value": means_of(flat),
            "low": low,
            "high": high,
        }
    ).filter(pl.col("value").is_not_nan())
