"""The events of one training run as a sparse user x item matrix."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
import polars as pl
from scipy import sparse

from endcap.data.arrays import BoolArray, CsrMatrix, Float32Array, Int32Array, Int64Array
from endcap.data.durations import parse_duration
from endcap.data.event_log import EventLog
from endcap.data.events import Events
from endcap.data.folding import Pairs, fold_pairs
from endcap.data.reading import as_events, read_events
from endcap.data.refunds import cancel_refunds
from endcap.data.schema import EVENT, EVENT_WEIGHTS, ITEM, QUANTITY, TIME, USER
from endcap.data.sources import is_table
from endcap.data.vocabulary import Vocabulary
from endcap.errors import DataError, ParameterError


@dataclass(frozen=True)
class Interactions:
    """Who had to do with what, how much, and when last.

    Made by `from_events` or `from_matrix`; models are fitted on it. Nothing in it may be written to.
    """

    matrix: CsrMatrix
    """Shape (users, items), float32 CSR with sorted indices: event kinds, quantities and age folded into one
    weight above zero for every pair with an event."""
    users: Vocabulary
    """The ids of the rows."""
    items: Vocabulary
    """The ids of the columns."""
    last_time: Int64Array | None = None
    """Shape (nnz,), microseconds since 1970, the last event of every stored pair, in the order of
    `matrix.indices`; None where the events have no time."""
    log: EventLog | None = None
    """The events in order, with sessions and baskets, where they were asked for."""

    @classmethod
    def from_events(
        cls,
        events: Events | pl.DataFrame,
        *,
        event_weights: Mapping[str, float] | None = None,
        quantity: Literal["ignore", "log", "linear"] = "ignore",
        half_life: str | timedelta | None = None,
        now: datetime | None = None,
        min_user_events: int = 1,
        min_item_events: int = 1,
        log: bool = False,
    ) -> Interactions:
        """Fold events into one weight a user and item.

        The weight of a pair is the sum over its events of kind weight x quantity factor x
        0.5 ** (age / half_life). Refunds cancel their purchases (`endcap.data.refunds`) and
        count nothing themselves. Pairs whose sum is zero or below are left out.

        Parameters
        ----------
        events
            From `endcap.read_events`, or a table in its columns.
        event_weights
            What an event of a kind counts, where it shall differ from `endcap.data.schema.EVENT_WEIGHTS`; names that
            are in neither count 1.
        quantity
            Whether buying more pieces counts more: not at all, by log2(1 + quantity), or by the quantity itself. An
            unknown quantity is 1.
        half_life
            The age at which an event counts half, such as "90d"; None lets age play no part.
        now
            The moment from which age is counted, in UTC; None is the last event's.
        min_user_events, min_item_events
            Users and items with fewer events are left out, until all that are left have that many.
        log
            Whether to keep the events in order too (20 bytes each), for models of sequences, sessions and baskets.

        Raises
        ------
        DataError
            Where users or items are missing, or a weight isn't finite.
        ParameterError
            Where a weight isn't a finite number, or `half_life` is given for events without time.

        Examples
        --------
        >>> import endcap as ec, polars as pl
        >>> events = ec.read_events(pl.DataFrame({"user": ["a", "a", "b"], "item": [1, 1, 2]}))
        >>> ec.Interactions.from_events(events).matrix.toarray().tolist()
        [[2.0, 0.0], [0.0, 1.0]]
        """
        frame = as_events(events).frame
        for column in (USER, ITEM):
            if column not in frame.columns:
                raise DataError(f"events have no column {column!r}; read them with endcap.read_events")
        for column in (USER, ITEM, TIME):
            if column in frame.columns and frame[column].null_count():
                raise DataError(
                    f"{column} is empty in some events; read them with endcap.read_events, which checks them"
                )
        if now is None and TIME in frame.columns:
            now = frame[TIME].cast(pl.Datetime("us")).max()  # type: ignore[assignment] # before any event goes
        frame = cancel_refunds(frame)
        if EVENT in frame.columns and "refund" not in (event_weights or {}):
            frame = frame.filter(pl.col(EVENT).cast(pl.String).ne_missing("refund"))
        weights = _event_weights(frame, event_weights or {}, quantity)
        if half_life is not None:
            weights = weights * _decay(frame, half_life, now)
        users, items = Vocabulary(frame[USER]), Vocabulary(frame[ITEM])
        rows, columns = users.encode(frame[USER]), items.encode(frame[ITEM])
        times = frame[TIME].cast(pl.Datetime("us")).cast(pl.Int64).to_numpy() if TIME in frame.columns else None
        if min_user_events > 1 or min_item_events > 1:
            kept = _frequent(rows, columns, min_user_events, min_item_events)
            frame, rows, columns, weights = frame[kept], rows[kept], columns[kept], weights[kept]
            times = None if times is None else times[kept]
        pairs = fold_pairs(rows, columns, weights, times, (len(users), len(items)))
        keep_u = np.bincount(pairs.rows, minlength=len(users)) > 0
        keep_i = np.bincount(pairs.columns, minlength=len(items)) > 0
        u, i = (np.cumsum(keep_u) - 1)[pairs.rows], (np.cumsum(keep_i) - 1).astype(np.int32)[pairs.columns]
        indptr = np.concatenate([[0], np.cumsum(np.bincount(u, minlength=int(keep_u.sum())))]).astype(np.int64)
        matrix = sparse.csr_array((pairs.weights, i, indptr), shape=(int(keep_u.sum()), int(keep_i.sum())))
        events_in_order = None
        if log:
            stays = _in_pairs(rows, columns, pairs, len(items)) & (weights > 0)
            events_in_order = EventLog.from_events(
                frame.filter(stays),
                (np.cumsum(keep_u) - 1).astype(np.int32)[rows[stays]],
                (np.cumsum(keep_i) - 1).astype(np.int32)[columns[stays]],
                int(keep_u.sum()),
            )
        return cls(
            matrix,
            Vocabulary.from_sorted(users.ids.filter(pl.Series(keep_u))),
            Vocabulary.from_sorted(items.ids.filter(pl.Series(keep_i))),
            pairs.times,
            events_in_order,
        )

    @classmethod
    def from_matrix(cls, matrix: Any, users: Vocabulary | None = None, items: Vocabulary | None = None) -> Interactions:
        """Take a `scipy.sparse` matrix of shape (users, items); ids are row and column numbers unless given."""
        csr = sparse.csr_array(matrix, dtype=np.float32, copy=True)
        csr.sum_duplicates()
        if not np.isfinite(csr.data).all() or (csr.data < 0).any():
            raise DataError("the matrix holds NaN, infinite or negative weights; they must be zero or above")
        csr.eliminate_zeros()
        csr.sort_indices()
        return cls(
            csr,
            users or Vocabulary.from_sorted(pl.Series(np.arange(csr.shape[0]))),
            items or Vocabulary.from_sorted(pl.Series(np.arange(csr.shape[1]))),
        )

    @classmethod
    def coerce(cls, data: Any, *, log: bool = False) -> Interactions:
        """Return `data` as interactions: already such, events, a table of them, or a sparse matrix.

        Where a log is asked for and interactions come without one, each pair counts as one event at its last time.
        """
        if sparse.issparse(data):
            data = cls.from_matrix(data)
        if isinstance(data, Interactions):
            if log and data.log is None:
                return dataclasses.replace(data, log=EventLog.from_matrix(data.matrix, data.last_time))
            return data
        if isinstance(data, Events):
            return cls.from_events(data, log=log)
        if is_table(data):
            return cls.from_events(read_events(data), log=log)
        raise DataError(
            f"can't train on {type(data).__name__}; give Interactions, events from endcap.read_events, a table of "
            "events (Polars, pandas, Arrow), or a scipy.sparse matrix of users x items"
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(users, items)."""
        return self.matrix.shape[0], self.matrix.shape[1]

    @property
    def nnz(self) -> int:
        """How many pairs of a user and an item had an event."""
        return int(self.matrix.nnz)

    @functools.cached_property
    def newest(self) -> int:
        """When the last event was, in microseconds since 1970; 0 without times."""
        return 0 if self.last_time is None else int(self.last_time.max(initial=0))

    def fingerprint(self) -> str:
        """Return a hash of the contents: equal data have equal fingerprints, whatever the order of their rows."""
        digest = hashlib.blake2b(digest_size=16)
        matrix = self.matrix
        arrays = [matrix.indptr.astype("<i8"), matrix.indices.astype("<i4"), matrix.data.astype("<f4")]
        if self.last_time is not None:
            arrays.append(self.last_time.astype("<i8"))
        if self.log is not None:
            arrays += [self.log.items.astype("<i4"), self.log.sessions.astype("<i4"), self.log.baskets.astype("<i4")]
        for array in arrays:
            digest.update(np.ascontiguousarray(array).data)
        for ids in (self.users.ids, self.items.ids):
            if ids.dtype == pl.String:
                digest.update(ids.str.len_bytes().to_numpy().astype("<i8").tobytes())
                digest.update(str(ids.str.join("").item()).encode())
            else:
                digest.update(ids.cast(pl.Int64).to_numpy().astype("<i8").tobytes())
        return digest.hexdigest()

    def __repr__(self) -> str:
        users, items = self.shape
        return f"Interactions({users:,} users x {items:,} items, {self.nnz:,} pairs)"


def _in_pairs(rows: Int32Array, columns: Int32Array, pairs: Pairs, width: int) -> BoolArray:
    """Return whether the pair of each event is among `pairs`, which refunds may have cancelled."""
    stored = pairs.rows.astype(np.int64) * width + pairs.columns
    asked = rows.astype(np.int64) * width + columns
    if len(stored) == 0:
        return np.zeros(len(asked), np.bool_)
    found: BoolArray = stored[np.minimum(np.searchsorted(stored, asked), len(stored) - 1)] == asked
    return found


def _event_weights(
    frame: pl.DataFrame, own: Mapping[str, float], quantity: Literal["ignore", "log", "linear"]
) -> Float32Array:
    """Return what every event counts by its kind and quantity, shape (events,)."""
    wrong = next((name for name, weight in own.items() if not np.isfinite(weight)), None)
    if wrong is not None:
        raise ParameterError(f"event_weights[{wrong!r}] is {own[wrong]}; a weight must be a finite number")
    weights = np.ones(len(frame), np.float32)
    if EVENT in frame.columns and len(frame):
        known = {name: float(weight) for name, weight in {**EVENT_WEIGHTS, **own}.items()}
        names = frame[EVENT].cast(pl.String)
        if (names == names[0]).all():  # one kind throughout is common, and needs no look-up
            weights *= np.float32(known.get(names[0], 1.0))
        else:
            weights = names.replace_strict(known, default=1.0, return_dtype=pl.Float32).to_numpy()
    if quantity != "ignore" and QUANTITY in frame.columns:
        amount = frame[QUANTITY].cast(pl.Float64).fill_null(1).to_numpy()
        if not np.isfinite(amount).all() or (amount < 0).any():
            raise DataError("quantity must be finite and 0 or above; endcap.read_events sets other rows aside")
        weights = weights * (amount if quantity == "linear" else np.log2(1 + amount)).astype(np.float32)
    return weights


def _decay(frame: pl.DataFrame, half_life: str | timedelta, now: datetime | None) -> Float32Array:
    """Return 0.5 ** (age / half_life) for every event, shape (events,); never 0, so that no pair vanishes."""
    if TIME not in frame.columns:
        raise ParameterError("half_life needs events with a timestamp; these have none")
    if now is not None and now.tzinfo is not None:
        now = now.astimezone(UTC).replace(tzinfo=None)
    times = frame[TIME].cast(pl.Datetime("us"))
    age = (pl.lit(now if now is not None else times.max()) - pl.lit(times)).dt.total_microseconds()
    share = pl.select(age.clip(0) / (parse_duration(half_life) / timedelta(microseconds=1))).to_series()
    decay: Float32Array = np.exp2(-np.minimum(share.to_numpy(), 100)).astype(np.float32)
    return decay


def _frequent(users: Int32Array, items: Int32Array, min_user: int, min_item: int) -> Int64Array:
    """Return the places of the events whose user and item each keep enough of them."""
    kept = np.arange(len(users))
    while True:
        u, i = users[kept], items[kept]
        enough = (np.bincount(u) >= min_user)[u] & (np.bincount(i) >= min_item)[i] if len(kept) else np.ones(0, bool)
        if enough.all():
            return kept
        kept = kept[enough]
