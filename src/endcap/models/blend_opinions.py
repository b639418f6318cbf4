"""What several models say of the items that come into question for some shoppers, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from scipy import sparse

from endcap.data.arrays import Float64Array, IndexLists, Int32Array, Int64Array, TopK
from endcap.models.base import Recommender
from endcap.models.queries import Queries

_RANK_OFFSET: Final = 60  # of reciprocal rank fusion, as in its paper

Method = Literal["scores", "ranks"]


class Opinions(NamedTuple):
    """Pairs of a query and an item, and what each model says of them."""

    rows: Int64Array
    """Shape (pairs,): the query, ascending."""
    items: Int32Array
    """Shape (pairs,), ascending within a query."""
    values: Float64Array
    """Shape (pairs, models)."""


def opinions(
    models: Sequence[Recommender],
    queries: Queries,
    depth: int,
    exclude: IndexLists,
    candidates: Int32Array | None,
    method: Method,
) -> Opinions:
    """Return what the models say of each query's candidates: all that are among the best `depth` of one of them."""
    width = queries.histories.shape[1]
    usual = candidates is None and _same(exclude, IndexLists.from_matrix(queries.histories))
    lists, measures = [], []
    for model in models:
        measure = _measure(model, queries, depth, method)
        top = measure if usual and method == "scores" else model._top_k(queries, depth, exclude, candidates)
        query, place = np.nonzero(top.items >= 0)
        lists.append(query.astype(np.int64) * width + top.items[query, place])
        measures.append(measure)
    pairs = np.sort(np.concatenate(lists))  # np.unique is slower
    rows, items = np.divmod(pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)]], width)
    items = items.astype(np.int32)
    said = [_say(m, measure, queries, rows, items, method) for m, measure in zip(models, measures, strict=True)]
    return Opinions(rows, items, np.column_stack(said))


def values_of(
    models: Sequence[Recommender],
    queries: Queries,
    rows: Int32Array | Int64Array,
    items: Int32Array,
    depth: int,
    method: Method,
) -> Float64Array:
    """Return what each model says of given pairs, shape (pairs, models)."""
    asked, row = np.unique(rows, return_inverse=True)
    queries = queries.take(asked.astype(np.int64))
    said = [_say(m, _measure(m, queries, depth, method), queries, row, items, method) for m in models]
    return np.column_stack(said)


def _measure(model: Recommender, queries: Queries, depth: int, method: Method) -> TopK:
    """Return a model's list by which its say is scaled: of the whole catalogue; for scores, of what is new alone."""
    depth = min(depth, queries.histories.shape[1])
    own = IndexLists.from_matrix(queries.histories) if method == "scores" else IndexLists.empty(len(queries))
    return model._top_k(queries, depth, own, None)


def _say(
    model: Recommender,
    measure: TopK,
    queries: Queries,
    rows: Int32Array | Int64Array,
    items: Int32Array,
    method: Method,
) -> Float64Array:
    if method == "ranks":
        return _reciprocal_ranks(measure, rows, items, queries.histories.shape[1])
    said: Float64Array = model._score(queries, rows.astype(np.int32), items) / spread(measure)[rows]
    return said


def spread(top: TopK) -> Float64Array:
    """Return the standard deviation of each list's scores, shape (n,); of a list of equal scores, the score itself."""
    found = top.items >= 0
    count = np.maximum(found.sum(axis=1), 1)
    scores = np.where(found, top.scores, 0).astype(np.float64)
    mean = scores.sum(axis=1) / count
    deviation = np.sqrt((np.where(found, scores - mean[:, None], 0) ** 2).sum(axis=1) / count)
    size = np.abs(scores).max(axis=1, initial=0)
    small = deviation <= 1e-6 * size
    return np.where(small, np.where(size > 0, size, 1.0), deviation)


def reciprocal(top: TopK) -> Float64Array:
    """Return 1 / (60 + place) for every place of the lists, places from 1."""
    return np.broadcast_to(1 / (_RANK_OFFSET + 1.0 + np.arange(top.items.shape[1])), top.items.shape)


def _reciprocal_ranks(top: TopK, rows: Int32Array | Int64Array, items: Int32Array, width: int) -> Float64Array:
    """Return that of each pair's place in the model's list, 0 where it isn't there."""
    query, place = np.nonzero(top.items >= 0)
    told = (reciprocal(top)[query, place], (query, top.items[query, place]))
    listed = sparse.csr_array(told, shape=(len(top.items), width))
    return np.asarray(listed[rows, items]).ravel() if len(rows) else np.zeros(0)


def _same(one: IndexLists, other: IndexLists) -> bool:
    return np.array_equal(one.indptr, other.indptr) and np.array_equal(one.indices, other.indices)
