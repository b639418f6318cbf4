"""How good recommendations are that come as a table, from whatever made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array
from endcap.data.schema import ITEM, USER
from endcap.data.sources.tables import as_frame, open_table
from endcap.data.vocabulary import Vocabulary
from endcap.errors import DataError
from endcap.evaluation.background import CATEGORY, item_categories
from endcap.evaluation.catalogue_metrics import catalogue_coverages
from endcap.evaluation.cutoffs import checked_cutoffs
from endcap.evaluation.interval_table import interval_table
from endcap.evaluation.list_tables import RANK, History, place_lists, read_columns, relevant_lists
from endcap.evaluation.metrics import USER_METRICS, Background, RepeatedItemError, means_of, ranking_metrics


@dataclass(frozen=True)
class ListEvaluation:
    """What `endcap.evaluate_lists` returns."""

    means: pl.DataFrame
    """`k, metric, value`: the means over the users who have a value, and the coverage of the catalogue, at each length;
    what can't be measured without a history or a catalogue is left out."""
    users: pl.Series
    """The ids of the users who were measured: those with something to be found."""
    cutoffs: tuple[int, ...]
    """The lengths that were measured, ascending."""
    values: Float64Array
    """Shape (users, cutoffs, metrics): `endcap.evaluation.metrics.USER_METRICS` of every user, NaN where there is
    none; for tests of one's own."""
    without_list: int
    """How many of the users were recommended nothing: their lists count as wrong."""
    not_measured: int
    """How many other users were recommended something, but have nothing to be found."""

    @cached_property
    def table(self) -> pl.DataFrame:
        """`k, metric, value, low, high`: `means` with their 95 % bootstrap intervals, which coverage has none of."""
        intervals = interval_table(self.values, self.cutoffs).drop("value")
        return self.means.join(intervals, on=["k", "metric"], how="left", maintain_order="left")


def evaluate_lists(
    recommended: Any,
    relevant: Any,
    *,
    k: int | Sequence[int] = 10,
    history: Any = None,
    items: Any = None,
) -> ListEvaluation:
    """Measure lists of recommendations from whatever made them, by what turned out to be right.

    Measured are the users of `relevant`; one of them who was recommended nothing counts with an empty list. Metrics
    are those of `endcap.evaluation.metrics.ranking_metrics`. Tables are of Polars, pandas or Arrow, in any order.

    Parameters
    ----------
    recommended
        A table of `user_id, item_id, rank`, ranks from 1; a rank that a user lacks is an empty place.
    relevant
        A table of `user_id, item_id`: what was right for each user. Repeats count once.
    k
        How many places of the lists are measured; several lengths are measured in one pass.
    history
        What users had before, for novelty, popularity, and what is new to a user and what a repeat: a table of
        `user_id, item_id`, or the `Interactions` that a model was trained on. None: these are left out.
    items
        The catalogue, for coverage and AUC, whose candidates are all of it: a table of `item_id`; with `product_type`,
        as `endcap.read_items` names it, diversity is measured. None: the items of the history.

    Returns
    -------
    ListEvaluation
        The metrics' means, each user's values, and intervals where they are asked for.

    Raises
    ------
    DataError
        Where a column is missing or empty in a row, a rank isn't a whole number from 1, two items have the same user
        and rank, a user is recommended an item twice or one that isn't in the catalogue, or nothing is relevant.
    IdTypeError
        Where ids are text in one table and numbers in another.
    ParameterError
        Where k isn't one or several whole numbers from 1.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> lists = pl.DataFrame({"user_id": ["ann", "ann", "bob"], "item_id": [7, 8, 8], "rank": [1, 2, 1]})
    >>> right = pl.DataFrame({"user_id": ["ann", "bob"], "item_id": [8, 9]})
    >>> means = ec.evaluate_lists(lists, right, k=[1, 2]).means
    >>> dict(means.filter(pl.col("k") == 2).select("metric", "value").head(3).iter_rows())
    {'precision': 0.25, 'recall': 0.5, 'f1': 0.3333333333333333}
    """
    _, cutoffs = checked_cutoffs(k)
    lists = read_columns(recommended, "recommended", USER, ITEM, RANK)
    right = read_columns(relevant, "relevant", USER, ITEM)
    if right.is_empty():
        raise DataError("nobody can be measured: the table of what is relevant is empty")
    catalogue = None if items is None else Vocabulary(read_columns(items, "items", ITEM)[ITEM])
    before = None if history is None else History.of(history, catalogue)
    has_catalogue = before is not None or catalogue is not None
    if catalogue is None:
        catalogue = Vocabulary(lists[ITEM]) if before is None else before.items
    users = Vocabulary(right[USER])
    rows = users.encode(lists[USER])
    places = place_lists(lists, rows, catalogue.encode(lists[ITEM]), users, cutoffs[-1])
    background = _background(before, users, catalogue, items)
    try:
        values = ranking_metrics(places, relevant_lists(right, users, catalogue), cutoffs, background)
    except RepeatedItemError as error:
        raise DataError(f"an item is recommended twice to user {users.ids[error.row]!r}; remove one of them") from None
    if not has_catalogue:  # what could have been recommended isn't known
        values[:, :, USER_METRICS.index("auc")] = np.nan
    coverage = catalogue_coverages(places, len(catalogue), cutoffs if has_catalogue else [])
    empty = places[places[:, 0] < 0]  # few, so that the others needn't be looked at whole
    others = rows < 0
    return ListEvaluation(
        means=_means(values, cutoffs, coverage),
        users=users.ids.alias(USER),
        cutoffs=cutoffs,
        values=values,
        without_list=int(np.count_nonzero((empty < 0).all(axis=1))),
        not_measured=lists[USER].filter(pl.Series(others)).n_unique() if others.any() else 0,
    )


def _background(before: History | None, users: Vocabulary, catalogue: Vocabulary, items: Any) -> Background:
    has_categories = items is not None and CATEGORY in open_table(items).columns
    categories = item_categories(catalogue, as_frame(items)) if has_categories else None
    if before is None:
        return Background(len(catalogue), categories=categories)
    return Background(
        len(catalogue),
        seen=before.lists.take(before.users.encode(users.ids)),
        categories=categories,
        users_of=before.counts() / max(1, len(before.users)),
    )


def _means(values: Float64Array, cutoffs: tuple[int, ...], coverage: list[float]) -> pl.DataFrame:
    """Return the means of what could be measured, and the coverage, at each length."""
    value = [*means_of(values).ravel().tolist(), *coverage]
    lengths = [k for k in cutoffs for _ in USER_METRICS] + list(cutoffs[: len(coverage)])
    metrics = [*USER_METRICS * len(cutoffs), *["coverage"] * len(coverage)]
    rows = [row for row in zip(lengths, metrics, value, strict=True) if row[2] == row[2]]  # NaN isn't itself
    return pl.DataFrame(dict(zip(("k", "metric", "value"), zip(*rows, strict=True), strict=True)))
