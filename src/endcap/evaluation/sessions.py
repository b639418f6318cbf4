"""How well a model tells the next item of a session, after every one of its events."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array, Int32Array, Int64Array
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.errors import DataError, NotFittedError, ParameterError
from endcap.evaluation.bootstrap import percentile_interval, resampled_means
from endcap.evaluation.catalogue_metrics import catalogue_coverage
from endcap.models.base import Recommender
from endcap.models.queries import Queries
from endcap.models.session_index import session_starts

NEXT_ITEM_METRICS: Final = ("hit_rate", "mrr", "ndcg")
"""The metrics of a single right answer: whether it is found, 1 / its place, 1 / log2(1 + its place); else 0."""
_AT_ONCE = 4_000_000  # events of prefixes, so that a batch needs some hundred megabytes


@dataclass(frozen=True)
class SessionEvaluation:
    """What `endcap.evaluate_sessions` returns."""

    table: pl.DataFrame
    """`metric, value, low, high`: the means over predictions with their 95 % bootstrap intervals."""
    coverage: float
    """The share of the catalogue that is in anybody's list."""
    n_sessions: int
    """Test sessions of two events or more."""
    n_predictions: int
    """How many next items were asked for."""
    cold_targets: int
    """Next items that aren't in the training data, which no model can know. They count as missed."""
    seconds: float
    """Wall-clock time of recommending."""


def evaluate_sessions(
    model: Recommender,
    test: Events | pl.DataFrame,
    *,
    k: int = 20,
    exclude_seen: bool = False,
    seed: int = 0,
) -> SessionEvaluation:
    """Measure how well a fitted model tells what comes next in sessions it hasn't seen.

    Of a session of n events, n - 1 questions are asked: given the first event, the second; given the first two, the
    third; and so on. The one right answer is the very next item, among the full catalogue. That is the protocol of the
    literature on session-based recommendation (Hidasi et al., "Session-based recommendations with recurrent neural
    networks", ICLR 2016), whose Recall@k, Precision@k and HR@k are all the hit rate here.

    Parameters
    ----------
    model
        Fitted on other sessions.
    test
        Events; sessions are told apart by user and `session_id` or, without, by 30 minutes of silence. Sessions
        of a single event ask nothing.
    k
        How many items are recommended.
    exclude_seen
        Whether items of the session so far are left out. The literature leaves them in, since people return to what
        they saw, and this does by default. Where they are left out, a return counts as missed.
    seed
        Of the bootstrap, which draws sessions.

    Returns
    -------
    SessionEvaluation
        The metrics' means over all questions, and what wasn't known.

    Raises
    ------
    DataError
        Where no session has two events.
    NotFittedError
        Where the model isn't fitted.
    ParameterError
        Where k is below 1.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> past = pl.DataFrame({"user_id": [1, 1, 2, 2, 3, 3], "item_id": ["a", "b", "a", "b", "b", "c"]})
    >>> new = pl.DataFrame({"user_id": [4, 4, 4, 5, 5], "item_id": ["a", "b", "c", "b", "a"]})
    >>> found = ec.evaluate_sessions(ec.Markov().fit(past), new, k=1)
    >>> found.n_predictions, found.table.filter(pl.col("metric") == "hit_rate")["value"].round(3).item()
    (3, 0.667)
    """
    if "interactions_" not in model.__dict__:
        raise NotFittedError(f"{type(model).__name__} is not fitted yet; call fit on the training sessions first")
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise ParameterError(f"k={k!r} won't do: ask for 1 item or more")
    train = model.interactions_
    items, begin, end = _sessions(train, test)
    # A question is a place in the sessions: what is there is asked for, given what is before it.
    asked = end - begin - 1
    starts = np.repeat(begin, asked)
    places = starts + 1 + np.arange(len(starts)) - np.repeat(np.cumsum(asked) - asked, asked)
    targets = items[places]
    values, reached, seconds = [], [np.zeros(0, np.int32)], 0.0
    for part in _batches(places - starts):
        queries = _prefixes(train, items, starts[part], places[part])
        clock = time.perf_counter()
        top, _ = model.answer(queries, k, exclude_seen=exclude_seen)
        seconds += time.perf_counter() - clock
        values.append(next_item_metrics(top.items, targets[part]))
        reached.append(np.unique(top.items))
    table = _table(np.concatenate(values), np.repeat(np.arange(len(begin)), asked), seed)
    return SessionEvaluation(
        table=table,
        coverage=catalogue_coverage(np.concatenate(reached), train.shape[1]),
        n_sessions=len(begin),
        n_predictions=len(places),
        cold_targets=int(np.count_nonzero(targets < 0)),
        seconds=seconds,
    )


def next_item_metrics(recommended: Int32Array, targets: Int32Array) -> Float64Array:
    """Return `NEXT_ITEM_METRICS` of each question, shape (n, 3).

    Parameters
    ----------
    recommended
        Shape (n, k): item positions, best first, -1 for an empty place.
    targets
        Shape (n,): the right answer to each; below 0 for one that can't be found.
    """
    hit = (recommended == targets[:, None]) & (targets[:, None] >= 0)
    found, place = hit.any(axis=1), 1 + hit.argmax(axis=1)
    return np.column_stack([found, found / place, found / np.log2(1 + place)])


def _sessions(train: Interactions, test: Events | pl.DataFrame) -> tuple[Int32Array, Int64Array, Int64Array]:
    """Return all test events as items of the training data, -1 for others, and where the sessions begin and end.

    Sessions of a single event are left out.
    """
    found = Interactions.from_events(test, log=True)
    assert found.log is not None  # noqa: S101 - it was asked for; this tells the type checker
    items = train.items.encode(found.items.ids)[found.log.items]
    begin = session_starts(found.log)
    end = np.append(begin[1:], len(items))
    long = end - begin > 1
    if not long.any():
        raise DataError("no session has two events, so there is no next item to be told; check user and session ids")
    return items, begin[long], end[long]


def _batches(sizes: Int64Array) -> Iterator[slice]:
    """Return runs of questions whose prefixes hold about `_AT_ONCE` events."""
    number = (np.cumsum(sizes) - sizes) // _AT_ONCE
    bounds = np.flatnonzero(np.diff(number, prepend=-1, append=-1))
    return itertools.starmap(slice, itertools.pairwise(bounds.tolist()))


def _prefixes(train: Interactions, items: Int32Array, starts: Int64Array, places: Int64Array) -> Queries:
    """Return visitors who did what is from `starts` to before `places`, less items that the training data lack."""
    lengths = places - starts
    rows = np.repeat(np.arange(len(lengths)), lengths)
    taken = items[np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(len(rows))]
    return Queries.of_visits(train, rows[taken >= 0], taken[taken >= 0], len(lengths))


def _table(values: Float64Array, session: Int64Array, seed: int) -> pl.DataFrame:
    """Return means over questions, and intervals from drawing whole sessions, whose questions are alike."""
    n = int(session[-1]) + 1
    columns = (*values.T, np.ones(len(values)))
    draws = resampled_means(np.column_stack([np.bincount(session, c, n) for c in columns]), seed=seed)
    low, high = percentile_interval(draws[:, :-1] / draws[:, -1:])
    return pl.DataFrame({"metric": NEXT_ITEM_METRICS, "value": values.mean(axis=0), "low": low, "high": high})
