"""For whom, and for what, a model is good: the same lists, measured in parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from endcap.data.arrays import BoolArray, Float64Array, IndexLists, Int32Array
from endcap.evaluation.bootstrap import percentile_interval, resampled_means, variance_of
from endcap.evaluation.fits import Spread, widened
from endcap.evaluation.metrics import USER_METRICS, Background, hits, means_of
from endcap.evaluation.task import Task
from endcap.evaluation.trial import Trial

NEW_UP_TO: Final = 3
"""A shopper with at most so many distinct items in the history is new."""
LOYAL_FROM: Final = 21
"""A shopper with at least so many is loyal; those between are occasional."""
LARGEST_CATEGORIES: Final = 10
"""So many categories are looked at, those with the most to be found."""
FEWEST_USERS: Final = 30
"""Segments with fewer measured shoppers are left out: their figures would say nothing."""
METRIC: Final = {"ndcg": "NDCG", "recall": "recall"}
_IN_WORDS: Final = {"shoppers": "{} shoppers", "category": "products of {}", "purchase": "{} purchases"}
SCHEMA: Final = {
    "kind": pl.String,
    "segment": pl.String,
    "users": pl.Int64,
    "model": pl.String,
    "metric": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "behind": pl.String,
}


@dataclass(frozen=True)
class Segment:
    """Part of what was asked: some of the users, or of the relevant items."""

    kind: str
    """What it is a part by: "shoppers", "items", "category" or "purchase"."""
    name: str
    metric: str
    """What is measured: "ndcg" for users, "recall" for items."""
    where: BoolArray
    """Of the users or of the relevant pairs, which belong to it: a mask."""


def segments_of(task: Task, background: Background, names: list[str]) -> list[Segment]:
    """Return the parts in which models are measured.

    Shoppers are new, occasional or loyal by the size of their history. Items are head, middle or tail, each third
    holding a third of the training data's pairs of a user and an item, the most popular items first. Categories are
    the largest, numbered as `names`. Purchases are first ones or repeats.
    """
    users_of, categories = background.users_of, background.categories
    if users_of is None:
        users_of = np.zeros(task.n_items)
    size = np.diff(task.queries.histories.indptr)
    parts = [
        Segment("shoppers", "new", "ndcg", size <= NEW_UP_TO),
        Segment("shoppers", "occasional", "ndcg", (size > NEW_UP_TO) & (size < LOYAL_FROM)),
        Segment("shoppers", "loyal", "ndcg", size >= LOYAL_FROM),
    ]
    items = task.relevant.indices
    known = items < task.n_items
    order = np.argsort(-users_of, kind="stable")
    before = np.empty(len(users_of))
    before[order] = np.cumsum(users_of[order]) - users_of[order]
    third = np.minimum(3 * before / max(users_of.sum(), 1e-300), 2).astype(np.int64)
    third_of = np.where(known, third[np.minimum(items, task.n_items - 1)], -1)
    parts += [Segment("items", name, "recall", third_of == n) for n, name in enumerate(("head", "middle", "tail"))]
    if categories is not None:
        category = np.where(known, categories[np.minimum(items, task.n_items - 1)], -1)
        sizes = np.bincount(category[category >= 0], minlength=len(names))
        for number in np.argsort(-sizes, kind="stable")[:LARGEST_CATEGORIES]:
            parts.append(Segment("category", names[number], "recall", category == number))
    if not task.exclude_seen:
        own = IndexLists.from_matrix(task.queries.histories)
        width = int(max(task.n_items, items.max(initial=0) + 1))
        repeat = np.isin(task.relevant.rows() * width + items, own.rows() * width + own.indices)
        parts += [
            Segment("purchase", "first-time", "recall", ~repeat),
            Segment("purchase", "repeat", "recall", repeat),
        ]
    return parts


def segment_table(
    trials: Mapping[str, list[Trial]], task: Task, parts: list[Segment], k: int, seed: int
) -> pl.DataFrame:
    """Return every model's figure in every segment, with intervals, and which model it is surely behind there.

    Columns: `kind, segment, users, model, metric, value, low, high, behind`; the last names the model with the best
    value that is ahead with a paired 95 % interval that excludes zero, or is null.
    """
    of_fits = {name: [_values(trial, task, parts, k) for trial in fits] for name, fits in trials.items()}
    values = {name: means_of(np.stack(of)) if len(of) > 1 else of[0] for name, of in of_fits.items()}
    spreads = {name: Spread.of([means_of(one) for one in of]) for name, of in of_fits.items()}
    draws = {name: resampled_means(v, seed=seed) for name, v in values.items()}
    rows = []
    for column, part in enumerate(parts):
        users = int(np.count_nonzero(~np.isnan(next(iter(values.values()))[:, column])))
        if users < FEWEST_USERS:
            continue
        means = {name: float(np.nanmean(v[:, column])) for name, v in values.items()}
        ranked = sorted(means, key=lambda name: -means[name])
        for name in values:
            drawn = draws[name][:, column]
            low, high = widened(means[name], *percentile_interval(drawn), variance_of(drawn), spreads[name].at(column))
            behind = next(
                (
                    other
                    for other in ranked[: ranked.index(name)]
                    if _surely_ahead(column, (other, name), means, spreads, draws)
                ),
                None,
            )
            row = (
                part.kind,
                part.name,
                users,
                name,
                part.metric,
                means[name],
                max(0.0, float(low)),
                float(high),
                behind,
            )
            rows.append(dict(zip(SCHEMA, row, strict=True)))
    return pl.DataFrame(rows, SCHEMA)


def segment_lines(table: pl.DataFrame, winner: str) -> tuple[str, ...]:
    """Return a sentence for each segment in which the winner on average is surely behind another model.

    Not for popular and rare items: best-sellers find the former and miss the latter by what they are.
    """
    lost = table.filter((pl.col("model") == winner) & pl.col("behind").is_not_null() & (pl.col("kind") != "items"))
    lines = []
    for row in lost.iter_rows(named=True):
        same = (pl.col("kind") == row["kind"]) & (pl.col("segment") == row["segment"])
        other = table.filter(same & (pl.col("model") == row["behind"]))["value"].item()
        lines.append(
            f"{winner} wins on average, but not among {_IN_WORDS[row['kind']].format(row['segment'])}: "
            f"{METRIC[row['metric']]} {row['value']:.4f}, where {row['behind']} has {other:.4f}."
        )
    return tuple(lines)


def _surely_ahead(
    column: int,
    pair: tuple[str, str],
    means: Mapping[str, float],
    spreads: Mapping[str, Spread],
    draws: Mapping[str, Float64Array],
) -> bool:
    one, other = pair
    drawn = draws[one][:, column] - draws[other][:, column]
    by_seed = spreads[one].at(column), spreads[other].at(column)
    difference = means[one] - means[other]
    return bool(widened(difference, *percentile_interval(drawn), variance_of(drawn), *by_seed)[0] > 0)


def _values(trial: Trial, task: Task, parts: list[Segment], k: int) -> Float64Array:
    """Return every user's value in every segment, shape (users, segments), NaN where a user isn't in it."""
    ndcg = trial.at(k)[:, USER_METRICS.index("ndcg")]
    found = _found(trial.recommended[:, :k], task.relevant)
    rows, n = task.relevant.rows(), len(ndcg)
    columns = []
    for part in parts:
        if part.metric == "ndcg":
            columns.append(np.where(part.where, ndcg, np.nan))
            continue
        asked = np.bincount(rows[part.where], minlength=n)
        right = np.bincount(rows[part.where & found], minlength=n)
        columns.append(np.divide(right, asked, out=np.full(n, np.nan), where=asked > 0))
    return np.column_stack(columns)


def _found(recommended: Int32Array, relevant: IndexLists) -> BoolArray:
    """Return which of the relevant pairs were recommended, shape (pairs,)."""
    row, place = np.nonzero(hits(recommended, relevant))
    width = 1 + int(relevant.indices.max(initial=0))
    pairs = relevant.rows() * width + relevant.indices
    found = np.zeros(len(pairs), np.bool_)
    found[np.searchsorted(pairs, row * width + recommended[row, place])] = True
    return found
