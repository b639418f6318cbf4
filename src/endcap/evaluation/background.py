"""What metrics beyond accuracy have to know, from the training data and the catalogue."""

from __future__ import annotations

import numpy as np
import polars as pl

from endcap.data.arrays import IndexLists, Int32Array
from endcap.data.interactions import Interactions
from endcap.data.schema import ITEM
from endcap.data.vocabulary import Vocabulary
from endcap.errors import DataError
from endcap.evaluation.metrics import Background
from endcap.evaluation.task import Task
from endcap.models.popular import Popular

CATEGORY = "product_type"
"""The catalogue's column that says what category an item is of, as `endcap.read_items` names it."""


def background_of(task: Task, train: Interactions, k: int, items: pl.DataFrame | None = None) -> Background:
    """Return what metrics of a task have to know, for lists of up to k items; `items` is the catalogue, if known."""
    users, width = train.shape
    counts = np.bincount(train.matrix.indices, minlength=width)
    best_sellers, _ = Popular().fit(train).answer(task.queries, k, exclude_seen=task.exclude_seen)
    return Background(
        n_items=width,
        seen=IndexLists.from_matrix(task.queries.histories),
        exclude_seen=task.exclude_seen,
        values=task.values,
        categories=None if items is None else item_categories(train.items, items),
        users_of=counts / max(1, users),
        best_sellers=best_sellers.items,
    )


def item_categories(known: Vocabulary, items: pl.DataFrame) -> Int32Array | None:
    """Return every known item's category as a number from 0, -1 where unknown; None without the column.

    Two items are of the same category where their `product_type` is the same, all levels of it.
    """
    if ITEM not in items.columns:
        raise DataError(f"the catalogue has no column {ITEM!r}; read it with endcap.read_items")
    if CATEGORY not in items.columns:
        return None
    named = items.select(ITEM, CATEGORY).drop_nulls().unique(ITEM, keep="first", maintain_order=True)
    place = known.encode(named[ITEM])
    numbers = {name: number for number, name in enumerate(category_names(items))}
    number = named[CATEGORY].cast(pl.String).replace_strict(numbers, return_dtype=pl.Int32).to_numpy()
    categories = np.full(len(known), -1, np.int32)
    categories[place[place >= 0]] = number[place >= 0]
    return categories


def category_names(items: pl.DataFrame) -> list[str]:
    """Return the categories of a catalogue, in the order of their numbers."""
    if CATEGORY not in items.columns:
        return []
    return items[CATEGORY].drop_nulls().cast(pl.String).unique().sort().to_list()
