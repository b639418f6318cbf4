"""What came of a comparison: tables, intervals, a verdict in words."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array
from endcap.errors import DataError
from endcap.evaluation.bootstrap import coverage_error, percentile_interval, resampled_means, variance_of
from endcap.evaluation.catalogue_metrics import CATALOGUE_METRICS, catalogue_coverage, gini, personalisation
from endcap.evaluation.fits import Spread, p_value, widened
from endcap.evaluation.metrics import USER_METRICS, means_of
from endcap.evaluation.randomisation import holm, randomisation_test
from endcap.evaluation.segments import SCHEMA, segment_lines
from endcap.evaluation.trial import Trial
from endcap.evaluation.verdict import DECISIVE, proposal, verdict_lines
from endcap.models.base import Recommender

METRICS: Final = (*USER_METRICS, *CATALOGUE_METRICS)
"""The metrics of a comparison's table."""
METRIC_TITLES: Final = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "ndcg": "NDCG",
    "hit_rate": "hit rate",
    "map": "MAP",
    "mrr": "MRR",
    "auc": "AUC",
    "new": "share new",
    "recall_new": "recall of new",
    "recall_repeat": "recall of repeats",
    "revenue": "revenue",
    "revenue_ndcg": "NDCG by revenue",
    "diversity": "diversity",
    "serendipity": "serendipity",
    "novelty": "novelty",
    "popularity": "popularity",
    "coverage": "coverage",
    "gini": "Gini",
    "personalisation": "personalisation",
}
"""The metrics' names as people write them."""
SHORT: Final = ("precision", "recall", "f1", "ndcg", "hit_rate", "map", "mrr", "coverage")
"""The metrics that are printed; the table has them all."""
BASELINES: Final[tuple[str, ...]] = ("Popular", "BuyAgain", "Random")
"""What every model is compared to: best-sellers, own repeats, chance."""
_NORMAL_95: Final = 1.959964


@dataclass(frozen=True)
class Details:
    """What was compared on what."""

    k: int
    """How many items were recommended: the length that decides."""
    cutoffs: tuple[int, ...]
    """All lengths that were measured, ascending."""
    users: int
    """Users who were measured: those with a history, and something to be found in the test window."""
    relevant: int
    """What was to be found: distinct pairs of a measured user and an item taken in the test window."""
    exclude_seen: bool
    """Whether what a user had before was neither recommended nor relevant."""
    exclude_seen_reason: str
    """Why."""
    repeat_share: float | None
    """The share of what shoppers took in the training data's last window that they had taken before, if measured."""
    train_events: int
    train_users: int
    train_items: int
    """The size of the catalogue that was ranked."""
    train_end: datetime | None
    """The last training event; None where the test is a random part of events without times."""
    test_events: int
    test_end: datetime | None
    """The last test event, or None."""
    cold_users: int
    """Users of the test window without a history: not measured."""
    repeating_users: int
    """Users who took nothing new, where only new items count: not measured."""
    cold_items: int
    """Items of the test window that nobody had before. No model can know of them; they count as missed."""
    cold_pairs: int
    """Of the `relevant` pairs, those with a cold item."""
    seed: int
    """Of the bootstrap."""
    visitors: bool = False
    """Whether unknown visitors were asked, by the first half of what they did: hardly anyone comes back."""

    @property
    def tested_on(self) -> str:
        """What was hidden from the models, in words."""
        if self.train_end is None:
            return "a part drawn by chance, for the events have no times"
        return f"what came after {self.train_end:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Comparison:
    """Models side by side; made by `endcap.compare`."""

    table: pl.DataFrame
    """A row for each model, the best NDCG first: `model`; each of `METRICS` with the ends of its 95 % interval
    (`ndcg, ndcg_low, ndcg_high`); `fit_seconds, recommend_seconds` (wall clock, of one fit; all users); `fallback` (the
    share of recommendations that are best-sellers for want of evidence); `fits` (with how many seeds, whose mean the
    figures are; coverage, Gini and personalisation are the first's); `notes`. A model that couldn't be run has nulls,
    and the reason in `notes`. Null, too, is what can't be measured on these data, such as revenue without prices."""
    by_k: pl.DataFrame
    """Every metric at every length: `model, k, metric, value`."""
    differences: pl.DataFrame
    """Paired differences, `model` less `versus`, of every model to each baseline and of the winner to every model:
    `model, versus, metric, difference, low, high, excludes_zero` and, for NDCG, `p_value` (paired randomisation test)
    and `p_adjusted` (after Holm, for all of these)."""
    segments: pl.DataFrame
    """Every model for parts of the shoppers and of the items, as `endcap.evaluation.segments.segment_table` has it."""
    winner: str
    """The model with the best NDCG, whether or not others can be told apart from it; `Random` never is."""
    proposed: str
    """The simplest model that can't be told apart from the winner: the winner itself where all can."""
    verdict: tuple[str, ...]
    """What to make of it, in sentences."""
    details: Details
    models: dict[str, Recommender]
    """The fitted models by name, those that couldn't be run left out."""

    @classmethod
    def of_trials(
        cls, trials: dict[str, list[Trial] | str], details: Details, segments: pl.DataFrame | None = None
    ) -> Comparison:
        """Summarise trials of models, the simplest first; several of a model are its fits with other seeds."""
        done = {name: fits for name, fits in trials.items() if not isinstance(fits, str)}
        failed = {name: why for name, why in trials.items() if isinstance(why, str)}
        if not done:
            raise DataError("no model could be run: " + "; ".join(f"{n}: {w}" for n, w in failed.items()))
        values = {name: mean_values(fits, details.k) for name, fits in done.items()}
        means = {name: means_of(v) for name, v in values.items()}
        spreads = {name: spread_of(fits, details.k) for name, fits in done.items()}
        # The same seed draws the same users for every model, so that differences are paired.
        draws = {name: resampled_means(v, seed=details.seed) for name, v in values.items()}
        rows = [_row(name, fits, means[name], spreads[name], draws[name], details) for name, fits in done.items()]
        rows.sort(key=lambda row: -row["ndcg"])  # stable: equals stay in the order given
        winner = next((row["model"] for row in rows if row["model"] != "Random"), rows[0]["model"])
        rows += [{"model": name, "notes": f"not run: {why}"} for name, why in failed.items()]
        pairs = _pairs(list(done), winner)
        chance = _p_values(pairs, values, spreads, details.seed)
        differences = pl.DataFrame(
            [
                _difference(a, b, column, means, spreads, draws) | (chance[a, b] if metric == "ndcg" else {})
                for a, b in pairs
                for column, metric in enumerate(USER_METRICS)
            ],
            schema=_DIFFERENCE_SCHEMA,
        ).filter(pl.col("difference").is_not_nan())
        table = pl.DataFrame(rows, schema=_TABLE_SCHEMA).with_columns(pl.col(pl.Float64).fill_nan(None))
        segments = pl.DataFrame(schema=SCHEMA) if segments is None else segments
        proposed = proposal(table, differences, winner, list(done))
        verdict = (
            *verdict_lines(table, differences, winner, list(done), details.k),
            *segment_lines(segments, winner),
        )
        models = {name: fits[0].model for name, fits in done.items()}
        return cls(table, _by_k(done), differences, segments, winner, proposed, verdict, details, models)

    def to_dict(self) -> dict[str, Any]:
        """Return all but the models as what JSON can hold."""
        details = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in dataclasses.asdict(self.details).items()
        }
        return {
            "winner": self.winner,
            "proposed": self.proposed,
            "verdict": list(self.verdict),
            **details,
            "table": self.table.to_dicts(),
            "by_k": self.by_k.to_dicts(),
            "differences": self.differences.to_dicts(),
            "segments": self.segments.to_dicts(),
        }

    def to_json(self) -> str:
        """Return the same as text."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def __repr__(self) -> str:
        header, *rows = self._cells()
        widths = [max(len(row[c]) for row in (header, *rows)) for c in range(len(header))]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
            for row in (header, *rows)
        ]
        return "\n".join([self._title(), *lines, *self.verdict])

    def _repr_html_(self) -> str:
        header, *rows = self._cells()
        head = "".join(f"<th>{escape(c)}</th>" for c in header)
        body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
        verdict = "".join(f"<p>{escape(line)}</p>" for line in self.verdict)
        title = escape(self._title())
        return f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{verdict}"

    def _title(self) -> str:
        d = self.details
        return (
            f"The best {d.k} of {d.train_items:,} items for each of {d.users:,} users, tested on {d.tested_on} "
            "(± half of the 95 % interval)"
        )

    def _cells(self) -> list[list[str]]:
        cells = [["model", *(f"{METRIC_TITLES[m]}@{self.details.k}" for m in SHORT), "fit", "recommend"]]
        for row in self.table.iter_rows(named=True):
            if row["ndcg"] is None:
                cells.append([row["model"], *[""] * (len(SHORT) + 2)])
                continue
            values = [f"{row[m]:.4f} ±{(row[f'{m}_high'] - row[f'{m}_low']) / 2:.4f}" for m in SHORT]
            cells.append([row["model"], *values, f"{row['fit_seconds']:.2f} s", f"{row['recommend_seconds']:.2f} s"])
        return cells


_TABLE_SCHEMA: Final = {
    "model": pl.String,
    **{name + end: pl.Float64 for name in METRICS for end in ("", "_low", "_high")},
    "fit_seconds": pl.Float64,
    "recommend_seconds": pl.Float64,
    "fallback": pl.Float64,
    "fits": pl.Int64,
    "notes": pl.String,
}
_DIFFERENCE_SCHEMA: Final = {
    "model": pl.String,
    "versus": pl.String,
    "metric": pl.String,
    "difference": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    DECISIVE: pl.Boolean,
    "p_value": pl.Float64,
    "p_adjusted": pl.Float64,
}


def mean_values(fits: list[Trial], k: int) -> Float64Array:
    """Return every user's metrics at one length, the mean over the fits, shape (users, metrics)."""
    if len(fits) == 1:
        return fits[0].at(k)
    return means_of(np.stack([trial.at(k) for trial in fits]))


def spread_of(fits: list[Trial], k: int) -> Spread:
    """Return how far the fits' metrics at one length are from each other."""
    return Spread.of([means_of(trial.at(k)) for trial in fits])


def _by_k(done: dict[str, list[Trial]]) -> pl.DataFrame:
    rows = [
        (name, k, metric, value)
        for name, fits in done.items()
        for k, means in ((k, means_of(mean_values(fits, k)).tolist()) for k in fits[0].cutoffs)
        for metric, value in zip(USER_METRICS, means, strict=True)
    ]
    table = pl.DataFrame(rows, ["model", "k", "metric", "value"], orient="row")
    return table.filter(pl.col("value").is_not_nan())


def _p_values(
    pairs: list[tuple[str, str]], values: dict[str, Float64Array], spreads: dict[str, Spread], seed: int
) -> dict[tuple[str, str], dict[str, float]]:
    """Return how likely each pair's difference in NDCG is by chance, alone and among all the others."""
    if not pairs:
        return {}
    ndcg = {name: v[:, USER_METRICS.index("ndcg")] for name, v in values.items()}
    # Models whose lists are equally good for everyone, such as own repeats where those are excluded, are one model.
    alike = {a: next(b for b in ndcg if np.array_equal(ndcg[a], ndcg[b])) for a in ndcg}
    # A pair that is there both ways round is one comparison.
    asked = {(a, b): (min(alike[a], alike[b]), max(alike[a], alike[b])) for a, b in pairs}
    once = [(a, b) for a, b in dict.fromkeys(asked.values()) if a != b]
    apart = np.stack([ndcg[a] - ndcg[b] for a, b in once]) if once else np.zeros((0, 1))
    p = randomisation_test(apart, seed=seed)
    column = USER_METRICS.index("ndcg")
    for place, (a, b) in enumerate(once):  # where seeds play a part, both tests must agree
        by_seed = spreads[a].at(column), spreads[b].at(column)
        if any(spread.degrees for spread in by_seed):
            by_users = apart[place].var(ddof=1) / apart.shape[1] if apart.shape[1] > 1 else 0.0
            p[place] = max(p[place], p_value(apart[place].mean(), by_users, *by_seed))
    both = dict(zip(once, zip(p.tolist(), holm(p).tolist(), strict=True), strict=True))
    names = ("p_value", "p_adjusted")
    return {pair: dict(zip(names, both.get(key, (1.0, 1.0)), strict=True)) for pair, key in asked.items()}


def _row(
    name: str, fits: list[Trial], mean: Float64Array, spread: Spread, draws: Float64Array, details: Details
) -> dict[str, Any]:
    trial = fits[0]
    low, high = widened(mean, *percentile_interval(draws), variance_of(draws), spread)
    low = np.maximum(low, 0)  # no metric is below
    row: dict[str, Any] = {"model": name}
    for column, metric in enumerate(USER_METRICS):
        row |= {
            metric: float(mean[column]),
            f"{metric}_low": float(low[column]),
            f"{metric}_high": float(high[column]),
        }
    lists = trial.recommended[:, : details.k]
    coverage = catalogue_coverage(lists, details.train_items)
    error = _NORMAL_95 * coverage_error(lists, details.train_items)
    return row | {
        "coverage": coverage,
        "coverage_low": max(0.0, coverage - error),
        "coverage_high": min(1.0, coverage + error),
        "gini": gini(lists, details.train_items),
        "personalisation": personalisation(lists),
        "fit_seconds": trial.fit_seconds,
        "recommend_seconds": trial.recommend_seconds,
        "fallback": trial.fallback,
        "fits": len(fits),
        "notes": "; ".join(trial.notes),
    }


def _pairs(names: list[str], winner: str) -> list[tuple[str, str]]:
    """Return every model with each baseline, and the winner with every model."""
    pairs = [(name, baseline) for baseline in BASELINES if baseline in names for name in names if name != baseline]
    pairs += [(winner, name) for name in names if name != winner]
    return list(dict.fromkeys(pairs))


def _difference(
    a: str,
    b: str,
    column: int,
    means: dict[str, Float64Array],
    spreads: dict[str, Spread],
    draws: dict[str, Float64Array],
) -> dict[str, Any]:
    drawn = draws[a][:, column] - draws[b][:, column]
    difference = means[a][column] - means[b][column]
    by_seed = spreads[a].at(column), spreads[b].at(column)
    low, high = widened(difference, *percentile_interval(drawn), variance_of(drawn), *by_seed)
    return {
        "model": a,
        "versus": b,
        "metric": USER_METRICS[column],
        "difference": float(difference),
        "low": float(low),
        "high": float(high),
        DECISIVE: bool(low > 0 or high < 0),
    }
