"""Whether what is shown has changed while nobody changed anything: scores, and how much of the catalogue appears."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array
from endcap.monitor.reading import Bounds, Reading, too_little

_BINS: Final = 10
FEWEST_SCORES: Final = 500
FEWEST_ANSWERS: Final = 200


def stability_index(before: Float64Array, now: Float64Array) -> float:
    """Return the population stability index of two samples, without what chance alone brings.

    The values of `before` are cut into ten parts of equal size; the index is the sum over them of
    (q - p) ln(q / p), p and q being the shares of the two samples, each with half a value added to every part. It is
    the symmetrised Kullback-Leibler divergence (Jeffreys 1946). For two samples of one distribution about
    9 (1/n + 1/m) is expected (Yurdakul and Naranjo 2020), which is taken off.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.monitor.drift import stability_index
    >>> values = np.random.default_rng(0).normal(size=2000)
    >>> round(stability_index(values[:1000], values[1000:]), 2), stability_index(values, values + 1) > 0.25
    (0.0, True)
    """
    edges = np.unique(np.quantile(before, np.linspace(0, 1, _BINS + 1)[1:-1]))
    parts = len(edges) + 1
    p, q = (
        (np.bincount(np.searchsorted(edges, values, side="right"), minlength=parts) + 0.5) / (len(values) + parts / 2)
        for values in (before, now)
    )
    chance = (parts - 1) * (1 / len(before) + 1 / len(now))
    return max(0.0, float(((q - p) * np.log(q / p)).sum()) - chance)


def score_drift(name: str, before: pl.DataFrame, now: pl.DataFrame, version: str, bounds: Bounds) -> Reading:
    """Return how much the model's best scores of the last day differ from those of the days before.

    Only answers of the version in use count: another model scores on another scale.

    Parameters
    ----------
    name
        The monitor's.
    before, now
        Answers: `model, score`, as `Answers.sample` returns them.
    version
        The one in use.
    bounds
        Of the index.
    """
    old, new = (
        frame.filter(pl.col("model") == version)["score"].drop_nulls().to_numpy().astype(np.float64)
        for frame in (before, now)
    )
    if min(len(old), len(new)) < FEWEST_SCORES:
        return too_little(name, f"the model in use didn't score {FEWEST_SCORES} answers yet, today and before")
    index = stability_index(old, new)
    state = bounds.judge(index)
    told = f"the model's best scores have a median of {np.median(new):.3g}, and had one of {np.median(old):.3g} before"
    if state in {"warn", "alarm"}:
        told += (
            ". Other shoppers come, or their histories have changed. What to do: see whether events still come in and "
            "name known products, whether the catalogue changed, then train anew (endcap retrain)"
        )
    return Reading(name, state, index, f"{index:.2f}", f"{bounds.warn:g} / {bounds.alarm:g}", told + ".")


def coverage(name: str, before: pl.DataFrame, now: pl.DataFrame, bounds: Bounds) -> Reading:
    """Return how many different products the last day's answers show, as a share of those in as many answers before."""
    size = min(len(before), len(now))
    if size < FEWEST_ANSWERS:
        return too_little(name, f"there weren't {FEWEST_ANSWERS} answers yet, today and before")
    seed = 0  # the same answers whoever looks
    old, new = (_different(frame.sample(size, seed=seed)) for frame in (before, now))
    if not old:
        return too_little(name, "nothing was shown before")
    share = new / old
    state = bounds.judge(share)
    told = f"{size:,} answers of the last day show {new:,} different products, as many before showed {old:,}"
    if state in {"warn", "alarm"}:
        told += (
            ". What to do: is a part of the catalogue out of stock or hidden, is a filter new, are most answers "
            "fallbacks; compare the versions (endcap models compare)"
        )
    return Reading(name, state, share, f"{share:.0%}", f"{bounds.warn:.0%} / {bounds.alarm:.0%}", told + ".")


def _different(answers: pl.DataFrame) -> int:
    return int(answers["items"].str.json_decode(pl.List(pl.String)).explode().drop_nulls().n_unique())
