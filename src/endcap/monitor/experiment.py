"""What came of an experiment: the variants side by side, and how sure the difference is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, get_args

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array
from endcap.data.schema import USER
from endcap.monitor.confidence_sequence import ALPHA, difference
from endcap.monitor.moments import moments
from endcap.monitor.power import Traffic, days_needed
from endcap.monitor.sample_ratio import ALARM, sample_ratio
from endcap.recommend.experiments import Experiment, Metric

METRICS: Final[tuple[Metric, ...]] = get_args(Metric)
FEWEST: Final = 100
"""Shoppers that each variant has before anything is said; of them `FEWEST_ACTIVE` did what is measured. The intervals
rest on a central limit theorem, which needs some; `benchmarks/experiments.py` shows that these suffice."""
FEWEST_ACTIVE: Final = 25


@dataclass(frozen=True)
class Gain:
    """How a variant's mean differs from the control's, with its always-valid 95 % interval."""

    variant: str
    metric: Metric
    difference: float
    low: float
    high: float
    base: float
    """The control's mean."""

    @property
    def is_sure(self) -> bool:
        """Whether there is a difference, whatever its size."""
        return self.low > 0 or self.high < 0

    @property
    def relative(self) -> tuple[float, float, float]:
        """Difference, lower and upper end as shares of the control's mean; NaN where that is zero."""
        base = self.base or float("nan")
        return self.difference / base, self.low / base, self.high / base


@dataclass(frozen=True)
class Result:
    """What came of one experiment until now."""

    name: str
    experiment: Experiment
    start: datetime | None
    """The day of the first answer, at midnight in UTC; None: nobody was answered yet."""
    days: int
    variants: pl.DataFrame
    """A row for each: `variant, planned` (share), `shoppers, impressions, clicks, click_through, conversion` (share of
    the shoppers who bought) and `revenue` (per shopper)."""
    gains: list[Gain]
    """For each metric and each variant but the control."""
    sequence: pl.DataFrame
    """`variant, day` (from 1), `difference, low, high` of the metric that decides, as shares of the control's mean;
    null while there is too little to say."""
    p_of_ratio: float
    """How probable numbers of shoppers so far from the planned are by chance."""
    several: int
    """Shoppers who saw more than one variant, such as visitors who logged in; each counts for the first."""
    days_to_go: int | None
    """Until a change of `lift` is found with 80 % power; None: in ten years it isn't, or nothing can be said yet."""

    @property
    def is_valid(self) -> bool:
        """Whether the variants have the shoppers they were meant to have."""
        return self.p_of_ratio >= ALARM

    @property
    def deciding(self) -> list[Gain]:
        """The gains in the metric that decides."""
        return [gain for gain in self.gains if gain.metric == self.experiment.metric]

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        from endcap.monitor.words import verdict

        return {
            "experiment": self.name,
            "metric": self.experiment.metric,
            "running": self.experiment.running,
            "start": None if self.start is None else self.start.date().isoformat(),
            "days": self.days,
            "variants": _plain(self.variants),
            "gains": [{key: _json(value) for key, value in vars(gain).items()} for gain in self.gains],
            "sample_ratio": {"p": self.p_of_ratio, "valid": self.is_valid},
            "saw_several_variants": self.several,
            "days_to_go": self.days_to_go,
            "verdict": verdict(self),
            "sequence": _plain(self.sequence),
        }


def judge(
    name: str,
    experiment: Experiment,
    shoppers: pl.DataFrame,
    done: Mapping[Metric, pl.DataFrame],
    reactions: pl.DataFrame,
    now: datetime,
) -> Result:
    """Return what came of an experiment.

    The unit is the shopper: each counts once, with all that the shopper did since the variant was first seen, for
    answers to one shopper aren't independent of each other. Alpha is divided among the comparisons with the control
    (Bonferroni); metrics aren't corrected for, since one decides.

    Parameters
    ----------
    name, experiment
        As declared.
    shoppers
        `user_id, variant, at, several`, as `endcap.monitor.moments.first_seen` returns them.
    done
        By metric, `user_id, at, amount`, as `endcap.monitor.moments.outcomes` returns them.
    reactions
        `user_id, event, count`: impressions and clicks.
    now
        In UTC, without a zone.
    """
    shoppers = shoppers.filter(pl.col("variant").is_in(list(experiment.variants)))
    if shoppers.is_empty():
        return Result(name, experiment, None, 0, _figures(experiment, shoppers, {}, reactions), [], _NONE, 1.0, 0, None)
    first: datetime = shoppers["at"].min()  # type: ignore[assignment]
    start = datetime(first.year, first.month, first.day)
    days = max(1, (now - start) // timedelta(days=1) + 1)
    names = list(experiment.variants)
    tables = {
        metric: moments(shoppers, rows, names, start, days, once=metric != "revenue") for metric, rows in done.items()
    }
    sums = {metric: {variant: _of(table, variant) for variant in names} for metric, table in tables.items()}
    variants = _figures(experiment, shoppers, sums, reactions)
    counts = dict(variants.select("variant", "shoppers").iter_rows())
    gains, lines = [], []
    for metric, own in sums.items():
        for variant in names[1:]:
            found = _difference(own[variant], own[experiment.control], experiment)
            base = _mean(own[experiment.control])
            gain, low, high = (float(end[-1]) for end in found)
            gains.append(Gain(variant, metric, gain, low, high, float(base[-1])))
            if metric == experiment.metric:
                lines.append(_line(variant, found, base))
    return Result(
        name,
        experiment,
        start,
        days,
        variants,
        gains,
        pl.concat(lines),
        sample_ratio(counts, experiment.shares),
        int(shoppers["several"].sum()),
        _days_to_go(experiment, sums[experiment.metric], days),
    )


_NONE: Final = pl.DataFrame(
    schema={"variant": pl.String, "day": pl.Int64, "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64}
)
_SUMS: Final = ["shoppers", "total", "squares", "active"]


def _of(table: pl.DataFrame, variant: str) -> Float64Array:
    return table.filter(pl.col("variant") == variant).select(_SUMS).to_numpy()


def _difference(own: Float64Array, control: Float64Array, experiment: Experiment) -> list[Float64Array]:
    """Return difference, lower and upper end at each look, NaN where there is too little to say."""
    alpha = ALPHA / (len(experiment.variants) - 1)
    ends = difference(own[:, :3], control[:, :3], alpha=alpha, tuned_for=experiment.tuned_for)
    fewest = np.minimum(own, control)
    early = (fewest[:, 0] < FEWEST) | (fewest[:, 3] < FEWEST_ACTIVE)
    return [ends[0], *(np.where(early, np.nan, end) for end in ends[1:])]


def _mean(sums: Float64Array) -> Float64Array:
    with np.errstate(all="ignore"):
        mean: Float64Array = sums[:, 1] / sums[:, 0]
    return mean


def _line(variant: str, found: list[Float64Array], base: Float64Array) -> pl.DataFrame:
    with np.errstate(all="ignore"):
        gain, low, high = (end / base for end in found)
    days = np.arange(1, len(base) + 1)
    frame = pl.DataFrame({"variant": variant, "day": days, "difference": gain, "low": low, "high": high})
    said = pl.col("low").is_finite() & pl.col("high").is_finite()
    return frame.with_columns(pl.when(said).then(pl.col("difference", "low", "high"))).select(_NONE.columns)


def _figures(
    experiment: Experiment,
    shoppers: pl.DataFrame,
    sums: Mapping[Metric, Mapping[str, Float64Array]],
    reactions: pl.DataFrame,
) -> pl.DataFrame:
    told = reactions.join(shoppers.select(USER, "variant"), on=USER).group_by("variant", "event").agg(pl.sum("count"))
    counts = {(variant, event): count for variant, event, count in told.iter_rows()}
    sizes = dict(shoppers["variant"].value_counts().iter_rows())
    rows = []
    for variant, planned in experiment.shares.items():
        shown, clicked = counts.get((variant, "impression"), 0), counts.get((variant, "click"), 0)
        means = {m: float(_mean(sums[m][variant])[-1]) if m in sums else float("nan") for m in METRICS}
        rows.append(
            {
                "variant": variant,
                "planned": planned,
                "shoppers": sizes.get(variant, 0),
                "impressions": shown,
                "clicks": clicked,
                "click_through": clicked / shown if shown else float("nan"),
                "conversion": means["conversion"],
                "revenue": means["revenue"],
            }
        )
    return pl.DataFrame(rows)


def _days_to_go(experiment: Experiment, sums: Mapping[str, Float64Array], days: int) -> int | None:
    seen = traffic_of(np.sum(list(sums.values()), axis=0))
    shares = list(experiment.shares.values())
    if not seen.mean[-1] > 0:
        return None
    needed = days_needed(seen, experiment.lift, shares, tuned_for=experiment.tuned_for)
    return None if needed is None else max(0, needed - days)


def traffic_of(sums: Float64Array) -> Traffic:
    """Return the traffic that sums by day, shape (days, 3 or more), are of."""
    n, total, squares = sums.T[:3]
    with np.errstate(all="ignore"):
        mean = np.where(n > 0, total / n, 0.0)
        variance = np.where(n > 1, (squares - n * mean**2) / (n - 1), 0.0)
    return Traffic(n, mean, np.maximum(variance, 0.0))


def _json(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _plain(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows without NaN, which JSON doesn't have."""
    return table.with_columns(pl.selectors.float().fill_nan(None)).to_dicts()
