"""What came of a comparison: tables, intervals, a verdict in words."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

import polars as pl

from endcap.data.arrays import Float64Array
from endcap.errors import DataError
from endcap.evaluation.bootstrap import coverage_error, percentile_interval, resampled_means
from endcap.evaluation.metrics import USER_METRICS, catalogue_coverage
from endcap.evaluation.trial import Trial
from endcap.evaluation.verdict import DECISIVE, verdict_lines
from endcap.models.base import Recommender

METRICS: Final = (*USER_METRICS, "coverage")
"""The metrics of a comparison's table."""
METRIC_TITLES: Final = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "ndcg": "NDCG",
    "hit_rate": "hit rate",
    "map": "MAP",
    "mrr": "MRR",
    "coverage": "coverage",
}
"""The metrics' names as people write them."""
BASELINES: Final[tuple[str, ...]] = ("Popular", "BuyAgain")
"""What every model is compared to, where it is in the table; the simplest first."""
_NORMAL_95: Final = 1.959964


@dataclass(frozen=True)
class Details:
    """What was compared on what."""

    k: int
    """How many items were recommended."""
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
    train_end: datetime
    """The last training event."""
    test_events: int
    test_end: datetime
    """The last test event."""
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


@dataclass(frozen=True)
class Comparison:
    """Models side by side; made by `endcap.compare`."""

    table: pl.DataFrame
    """A row for each model, the best NDCG first: `model`; each of `METRICS` with the ends of its 95 % interval
    (`ndcg, ndcg_low, ndcg_high`); `fit_seconds, recommend_seconds` (wall clock; all users); `fallback` (the share of
    recommendations that are best-sellers for want of evidence); `notes`. A model that couldn't be run has nulls, and
    the reason in `notes`."""
    differences: pl.DataFrame
    """Paired differences, `model` less `versus`: `model, versus, metric, difference, low, high, excludes_zero`, of
    every model to `Popular` and `BuyAgain` and of the winner to every model."""
    winner: str
    """The model with the best NDCG."""
    verdict: tuple[str, ...]
    """What to make of it, in sentences."""
    details: Details
    models: dict[str, Recommender]
    """The fitted models by name, those that couldn't be run left out."""

    @classmethod
    def of_trials(cls, trials: dict[str, Trial | str], details: Details) -> Comparison:
        """Summarise trials of models, the simplest first."""
        done = {name: trial for name, trial in trials.items() if isinstance(trial, Trial)}
        failed = {name: why for name, why in trials.items() if isinstance(why, str)}
        if not done:
            raise DataError("no model could be run: " + "; ".join(f"{n}: {w}" for n, w in failed.items()))
        means = {name: trial.values.mean(axis=0) for name, trial in done.items()}
        # The same seed draws the same users for every model, so that differences are paired.
        draws = {name: resampled_means(trial.values, seed=details.seed) for name, trial in done.items()}
        rows = [_row(name, trial, means[name], draws[name], details) for name, trial in done.items()]
        rows.sort(key=lambda row: -row["ndcg"])  # stable: equals stay in the order given
        winner = rows[0]["model"]
        rows += [{"model": name, "notes": f"not run: {why}"} for name, why in failed.items()]
        differences = pl.DataFrame(
            [
                _difference(a, b, column, means, draws)
                for a, b in _pairs(list(done), winner)
                for column in range(len(USER_METRICS))
            ],
            schema=_DIFFERENCE_SCHEMA,
        )
        table = pl.DataFrame(rows, schema=_TABLE_SCHEMA)
        verdict = verdict_lines(table, differences, winner, list(done), details.k)
        return cls(table, differences, winner, verdict, details, {name: t.model for name, t in done.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return all but the models as what JSON can hold."""
        details = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in dataclasses.asdict(self.details).items()
        }
        return {
            "winner": self.winner,
            "verdict": list(self.verdict),
            **details,
            "table": self.table.to_dicts(),
            "differences": self.differences.to_dicts(),
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
            f"The best {d.k} of {d.train_items:,} items for each of {d.users:,} users, tested on what came after "
            f"{d.train_end:%Y-%m-%d %H:%M} (± half of the 95 % interval)"
        )

    def _cells(self) -> list[list[str]]:
        cells = [["model", *(f"{METRIC_TITLES[m]}@{self.details.k}" for m in METRICS), "fit", "recommend"]]
        for row in self.table.iter_rows(named=True):
            if row["ndcg"] is None:
                cells.append([row["model"], *[""] * (len(METRICS) + 2)])
                continue
            values = [f"{row[m]:.4f} ±{(row[f'{m}_high'] - row[f'{m}_low']) / 2:.4f}" for m in METRICS]
            cells.append([row["model"], *values, f"{row['fit_seconds']:.2f} s", f"{row['recommend_seconds']:.2f} s"])
        return cells


_TABLE_SCHEMA: Final = {
    "model": pl.String,
    **{name + end: pl.Float64 for name in METRICS for end in ("", "_low", "_high")},
    "fit_seconds": pl.Float64,
    "recommend_seconds": pl.Float64,
    "fallback": pl.Float64,
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
}


def _row(name: str, trial: Trial, mean: Float64Array, draws: Float64Array, details: Details) -> dict[str, Any]:
    low, high = percentile_interval(draws)
    row: dict[str, Any] = {"model": name}
    for column, metric in enumerate(USER_METRICS):
        row |= {
            metric: float(mean[column]),
            f"{metric}_low": float(low[column]),
            f"{metric}_high": float(high[column]),
        }
    coverage = catalogue_coverage(trial.recommended, details.train_items)
    error = _NORMAL_95 * coverage_error(trial.recommended, details.train_items)
    return row | {
        "coverage": coverage,
        "coverage_low": max(0.0, coverage - error),
        "coverage_high": min(1.0, coverage + error),
        "fit_seconds": trial.fit_seconds,
        "recommend_seconds": trial.recommend_seconds,
        "fallback": trial.fallback,
        "notes": "; ".join(trial.notes),
    }


def _pairs(names: list[str], winner: str) -> list[tuple[str, str]]:
    """Return every model with each baseline, and the winner with every model."""
    pairs = [(name, baseline) for baseline in BASELINES if baseline in names for name in names if name != baseline]
    pairs += [(winner, name) for name in names if name != winner]
    return list(dict.fromkeys(pairs))


def _difference(
    a: str, b: str, column: int, means: dict[str, Float64Array], draws: dict[str, Float64Array]
) -> dict[str, Any]:
    low, high = percentile_interval(draws[a][:, column] - draws[b][:, column])
    return {
        "model": a,
        "versus": b,
        "metric": USER_METRICS[column],
        "difference": float(means[a][column] - means[b][column]),
        "low": float(low),
        "high": float(high),
        DECISIVE: bool(low > 0 or high < 0),
    }
