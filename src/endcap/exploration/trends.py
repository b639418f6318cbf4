"""Which products rise and fall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import numpy as np
import polars as pl
from scipy import special

from endcap.data.arrays import BoolArray, Float64Array, Int64Array
from endcap.exploration.rows import Rows

_LONGEST = timedelta(weeks=4)
_SHORTEST = timedelta(weeks=1)
_LEAST = 10  # shoppers in both windows together: with fewer, no change can be told from chance
_FALSE_DISCOVERIES = 0.05
_SHOWN = 8


@dataclass(frozen=True)
class Trends:
    """What `trends` returns."""

    window: timedelta
    """The newest so many days are compared to as many before them."""
    tested: int
    """Products with enough shoppers to compare."""
    rising: pl.DataFrame
    """`item, before, recent, change, p_value`: shoppers in each window, the change of the product's share of all that
    was taken (2 = doubled, null = it was new), and how often chance alone does that much; the biggest gain first."""
    falling: pl.DataFrame
    """The same, the biggest loss first."""
    risen: int
    fallen: int
    """How many products changed by more than chance, shown or not."""


def trends(rows: Rows) -> Trends | None:
    """Compare the newest four weeks (half of the time, where that is less) to the same time before.

    A product's shoppers, each counted once, are compared by the exact binomial test given the total of both windows: so
    a season that lifts everything lifts no product. Of all products shown as changed, 5 % are expected to be chance
    (Benjamini and Hochberg 1995). None where there are not two weeks.
    """
    last = cast(datetime, rows.taken["time"].max())
    first = cast(datetime, rows.taken["time"].min())
    window = min(timedelta(days=(last - first).days // 2), _LONGEST)
    if window < _SHORTEST:
        return None
    time = pl.col("time")
    near = rows.taken.filter(time > last - 2 * window).select("user", "item", recent=time > last - window).unique()
    counts = near.group_by("item").agg(before=(~pl.col("recent")).sum().cast(pl.Int64), recent=pl.col("recent").sum())
    counts = counts.with_columns(pl.col("recent").cast(pl.Int64)).sort("item")
    totals = int(counts["before"].sum()), int(counts["recent"].sum())
    if min(totals) == 0:
        return None
    enough = counts.filter(pl.col("before") + pl.col("recent") >= _LEAST)
    before, recent = (enough[name].to_numpy() for name in ("before", "recent"))
    p = _binomial(before, recent, totals[1] / sum(totals))
    share_before, share_recent = pl.col("before") / totals[0], pl.col("recent") / totals[1]
    real = enough.with_columns(
        change=pl.when(pl.col("before") > 0).then(share_recent / share_before),
        gain=share_recent - share_before,
        p_value=pl.Series(p),
    ).filter(pl.Series(_discoveries(p, _FALSE_DISCOVERIES)))
    rising, falling = real.filter(pl.col("gain") > 0), real.filter(pl.col("gain") < 0)
    shown = ["item", "before", "recent", "change", "p_value"]
    return Trends(
        window,
        len(enough),
        rising.sort("gain", "item", descending=[True, False]).select(shown).head(_SHOWN),
        falling.sort("gain", "item").select(shown).head(_SHOWN),
        len(rising),
        len(falling),
    )


def _binomial(before: Int64Array, recent: Int64Array, share: float) -> Float64Array:
    """Return the two-sided p-values of `recent` of `before + recent`, where `share` is expected."""
    n = before + recent
    at_most = special.bdtr(recent, n, share)
    at_least = np.where(recent > 0, special.bdtrc(np.maximum(recent - 1, 0), n, share), 1.0)
    p: Float64Array = np.minimum(1.0, 2 * np.minimum(at_most, at_least))
    return p


def _discoveries(p: Float64Array, rate: float) -> BoolArray:
    """Return which of the hypotheses may be rejected at a rate of false discoveries."""
    if len(p) == 0:
        return np.zeros(0, np.bool_)
    ordered = np.sort(p)
    passing = np.flatnonzero(ordered <= rate * np.arange(1, len(p) + 1) / len(p))
    return p <= (ordered[passing[-1]] if len(passing) else -1.0)
