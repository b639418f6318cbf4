"""What models are asked in an evaluation, and what the right answers are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from endcap.data.arrays import (
    BoolArray,
    CsrMatrix,
    Float64Array,
    IndexLists,
    Int32Array,
    Int64Array,
    places_of_rows,
)
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.data.refunds import cancel_refunds
from endcap.data.schema import EVENT, ITEM, PRICE, QUANTITY, TIME, USER
from endcap.data.splits.by_user import halve_visits
from endcap.data.splits.split import divide
from endcap.errors import DataError
from endcap.models.queries import Queries


@dataclass(frozen=True)
class Task:
    """Recommend to the known users of a test window what they took in it, out of the full catalogue."""

    queries: Queries
    """The n users who have both a history and something to be found."""
    relevant: IndexLists
    """What each of them took: positions in the training items, or behind them for an item that nobody had before."""
    values: Float64Array | None
    """What each of `relevant.indices` brought in: price x quantity over the purchases; None without prices."""
    exclude_seen: bool
    """Whether items of the history are neither recommended nor relevant."""
    n_items: int
    """The size of the catalogue: the training items."""
    cold_users: int
    """Users of the window who can't be measured: without a history or, where visitors are asked, known already or with
    a single item."""
    repeating_users: int
    """Users who took only what they had before, and so aren't measured where seen items are excluded."""
    cold_items: int
    """Distinct items of the window that nobody had before. No model can know of them; they count as missed."""
    cold_pairs: int
    """Relevant pairs of a measured user and a cold item."""
    visitors: bool = False
    """Whether those are asked whom the training data don't know, by the first half of what they do in the window."""

    def take(self, positions: Int64Array) -> Task:
        """Return the task of some of the users; the counts of those who can't be measured stay."""
        kept = self.relevant.take(positions)
        values = None
        if self.values is not None:
            _, places = places_of_rows(self.relevant.indptr, positions)
            values = self.values[places]
        cold_pairs = int(np.count_nonzero(kept.indices >= self.n_items))
        return dataclasses.replace(
            self, queries=self.queries.take(positions), relevant=kept, values=values, cold_pairs=cold_pairs
        )


def make_task(
    train: Interactions,
    test: Events,
    *,
    exclude_seen: bool,
    event_weights: Mapping[str, float] | None = None,
    given: Events | None = None,
    visitors: bool = False,
) -> Task:
    """Return the task that a window of test events sets to models fitted on `train`.

    Relevant to a user are the distinct items whose events in the window weigh above zero in sum, so that a purchase
    that was sent back isn't; where `exclude_seen`, only those that aren't in the user's history. Histories are those
    of the training data or, where events are `given`, what visitors had before who needn't be in it. With `visitors`,
    those are asked whom the training data don't know: the first half of what they do in the window is given.

    Raises
    ------
    DataError
        Where no user of the window has both a history and something to be found.
    """
    left_out = 0
    if visitors:
        shoppers = test.frame[USER].n_unique()
        newcomers, _ = divide(test, pl.Series(train.users.encode(test.frame[USER]) >= 0))
        given, test = halve_visits(newcomers)
        left_out = shoppers - test.frame[USER].n_unique()
    found = Interactions.from_events(test, event_weights=event_weights)
    everyone = Queries.of_everyone(train) if given is None else _visitors(train, given, found.users.ids)
    known = train.users.encode(found.users.ids) if given is None else _with_history(everyone)
    items = train.items.encode(found.items.ids)
    cold = np.flatnonzero(items < 0)
    items[cold] = len(train.items) + np.arange(len(cold), dtype=np.int32)
    taken = IndexLists.from_matrix(found.matrix)
    rows, columns = taken.rows(), items[taken.indices]
    keep = known[rows] >= 0
    if exclude_seen:
        keep &= ~in_history(everyone.histories, np.maximum(known[rows], 0), columns)
    values = _brought_in(found, test)
    rows, columns = rows[keep], columns[keep]
    users, place = np.unique(rows, return_inverse=True)
    if len(users) == 0:
        raise DataError(
            "nobody can be measured: no user of the test window has a history before it"
            + (" and takes something new" if exclude_seen else "")
            + "; make the window longer or check the user ids"
        )
    return Task(
        queries=everyone.take(known[users].astype(np.int64)),
        relevant=IndexLists.from_pairs(place, columns, len(users)),
        values=None if values is None else values[keep][np.lexsort((columns, place))],
        exclude_seen=exclude_seen,
        n_items=train.shape[1],
        cold_users=left_out + int(np.count_nonzero(known < 0)),
        repeating_users=int(np.count_nonzero(known >= 0)) - len(users),
        cold_items=len(cold),
        cold_pairs=int(np.count_nonzero(columns >= train.shape[1])),
        visitors=visitors,
    )


def _brought_in(found: Interactions, test: Events) -> Float64Array | None:
    """Return what each pair of the window brought in, shape (nnz,); None where the events have no prices.

    Where events are purchases and others, only purchases bring something in.
    """
    if PRICE not in test.frame.columns:
        return None
    frame = cancel_refunds(test.frame)
    if EVENT in frame.columns and (frame[EVENT].cast(pl.String) == "purchase").any():
        frame = frame.filter(pl.col(EVENT).cast(pl.String) == "purchase")
    pieces = pl.col(QUANTITY).fill_null(1) if QUANTITY in frame.columns else pl.lit(1)
    sums = frame.group_by(USER, ITEM).agg(value=(pl.col(PRICE).fill_null(0) * pieces).cast(pl.Float64).sum())
    users, items = found.users.encode(sums[USER]), found.items.encode(sums[ITEM])
    kept = (users >= 0) & (items >= 0)
    values = sparse.csr_array((sums["value"].to_numpy()[kept], (users[kept], items[kept])), shape=found.shape)
    lists = IndexLists.from_matrix(found.matrix)
    return np.asarray(values[lists.rows(), lists.indices], np.float64).ravel() if len(lists.indices) else np.zeros(0)


def _visitors(train: Interactions, given: Events, users: pl.Series) -> Queries:
    """Return what each of `users` had before, by the events given; as a model meets a visitor of the shop."""
    frame = given.frame.sort(TIME, maintain_order=True) if given.has_time else given.frame
    places = pl.DataFrame({USER: users}).with_row_index("row")
    told = (
        frame.select(USER, ITEM)
        .join(places, on=USER, how="inner", maintain_order="left")
        .sort("row", maintain_order=True)
    )
    items = train.items.encode(told[ITEM])
    return Queries.of_visits(train, told["row"].to_numpy().astype(np.int64)[items >= 0], items[items >= 0], len(users))


def _with_history(visitors: Queries) -> Int32Array:
    """Return each visitor's own position, or -1 for one without a history."""
    some = np.diff(visitors.histories.indptr) > 0
    return np.where(some, np.arange(len(visitors)), -1).astype(np.int32)


def in_history(histories: CsrMatrix, users: Int32Array, items: Int32Array) -> BoolArray:
    """Return whether each pair of a row of the histories and an item is there."""
    width = histories.shape[1]
    history = IndexLists.from_matrix(histories)
    pairs = history.rows() * width + history.indices
    if len(pairs) == 0:
        return np.zeros(len(users), np.bool_)
    asked = users.astype(np.int64) * width + items
    place = np.minimum(np.searchsorted(pairs, asked), len(pairs) - 1)
    found: BoolArray = (pairs[place] == asked) & (items >= 0) & (items < width)
    return found
