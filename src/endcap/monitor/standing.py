"""How the model in use stands: its age, and whether shoppers take to it as its evaluation let expect."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from endcap.monitor.reading import Bounds, Reading, too_little

FEWEST_CLICKS: Final = 30
_95: Final = 1.959964


@dataclass(frozen=True)
class Version:
    """A version of the model."""

    name: str
    trained: datetime
    """UTC, without a time zone."""
    ndcg: float | None
    """When it was put to use, on the newest weeks; None where that wasn't measured."""


def model_age(name: str, model: Version, newer: int, now: datetime, bounds: Bounds) -> Reading:
    """Return for how many days the model in use hasn't learned, where there was something to learn.

    Parameters
    ----------
    name
        The monitor's.
    model
        The one in use.
    newer
        How many events came in since.
    now
        UTC, without a time zone.
    bounds
        Of the days.
    """
    days = (now - model.trained) / timedelta(days=1)
    threshold = f"{bounds.warn:g} / {bounds.alarm:g} days"
    told = f"{model.name} was trained {days:.1f} days ago, and {newer:,} events came in since"
    if newer == 0:
        return Reading(name, "fine", 0.0, "0 days", threshold, told + ": there is nothing new to learn.")
    state = bounds.judge(days)
    if state in {"warn", "alarm"}:
        told += (
            ". What to do: endcap retrain from cron, or endcap serve --retrain-every 6h; where it runs already, "
            "endcap models log says why new models are kept back"
        )
    return Reading(name, state, days, f"{days:.1f} days", threshold, told + ".")


def click_through(name: str, sums: pl.DataFrame, model: Version, before: Version | None, bounds: Bounds) -> Reading:
    """Return the click-through of the model in use, as a share of what its evaluation let expect.

    An evaluation measures which products shoppers took, not how many they click, so it foretells no click-through by
    itself. It foretells how that changes: expected is the click-through of the model before, times the new model's NDCG
    over the old one's, each as recorded when it was put to use. It is judged by the upper end of the 95 % interval
    of the ratio (normal approximation of its logarithm), so chance alone raises no alarm.

    Parameters
    ----------
    name
        The monitor's.
    sums
        `name, kind, value` with `impression` and `click` by version, as `Hours.read` returns them.
    model, before
        The version in use and the one before it; None where there was none.
    bounds
        Of the ratio.
    """
    if before is None:
        return too_little(name, "a forecast needs a model before the one in use, and there was none")
    shown, clicked = (
        dict(sums.filter(pl.col("name") == which).group_by("kind").agg(pl.col("value").sum()).iter_rows())
        for which in ("impression", "click")
    )
    counts = [(shown.get(one.name, 0.0), clicked.get(one.name, 0.0)) for one in (before, model)]
    (n_old, c_old), (n_new, _) = counts
    if c_old < FEWEST_CLICKS or n_new * c_old / max(n_old, 1.0) < FEWEST_CLICKS:
        return too_little(name, "impressions and clicks of the model in use and of the one before it are still few")
    (old, new) = ((clicks + 0.5) / (max(impressions, clicks) + 1) for impressions, clicks in counts)
    lift = model.ndcg / before.ndcg if model.ndcg and before.ndcg else 1.0
    ratio = new / (old * lift)
    spread = math.sqrt(sum((1 - rate) / (clicks + 0.5) for rate, (_, clicks) in zip((old, new), counts, strict=True)))
    low, high = ratio * math.exp(-_95 * spread), ratio * math.exp(_95 * spread)
    state = bounds.judge(high)
    told = (
        f"shoppers click {new:.2%} of what {model.name} shows; its evaluation let expect {old * lift:.2%} "
        f"({before.name}: {old:.2%}, NDCG x {lift:.2f}): {ratio:.0%} of it (95 %: {low:.0%} to {high:.0%})"
    )
    if state in {"warn", "alarm"}:
        told += (
            ". What to do: has the page or the season changed for all surfaces (endcap performance)? If not, "
            f"endcap models rollback puts {before.name} back to use"
        )
    return Reading(name, state, ratio, f"{ratio:.0%}", f"{bounds.warn:.0%} / {bounds.alarm:.0%}", told + ".")
