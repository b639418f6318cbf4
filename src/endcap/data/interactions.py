"""The events of one training run as a sparse user x item matrix."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np
import polars as pl
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Int64Array
from endcap.data.durations import parse_duration
from endcap.data.events import Events
from endcap.data.schema import EVENT, EVENT_WEIGHTS, ITEM, QUANTITY, TIME, USER
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
    ) -> Interactions:
        """Fold events into one weight a user and item.

        The weight of a pair is the sum over its events of kind weight x quantity factor x
        0.5 ** (age / half_life). Pairs whose sum is zero or below (refunds) are left out.
        """
        frame = events.frame if isinstance(events, Events) else events
        missing = [c for c in (USER, ITEM) if c not in frame.columns]
        if missing:
            raise DataError(f"events have no column {missing[0]!r}; read them with endcap.read_events")
        weight = pl.lit(1.0, pl.Float64)
        if EVENT in frame.columns:
            weights = {**EVENT_WEIGHTS, **(event_weights or {})}
            weight = pl.col(EVENT).replace_strict(weights, default=1.0, return_dtype=pl.Float64)
        if quantity != "ignore" and QUANTITY in frame.columns:
            amount = pl.col(QUANTITY).fill_null(1).cast(pl.Float64)
            weight *= amount if quantity == "linear" else (1 + amount).log(2)
        if half_life is not None:
            if TIME not in frame.columns:
                raise ParameterError("half_life needs events with a timestamp; these have none")
            end = now or frame[TIME].max()
            age = (pl.lit(end) - pl.col(TIME)).dt.total_seconds() / parse_duration(half_life).total_seconds()
            weight *= pl.lit(0.5).pow(age)
        users, items = Vocabulary(frame[USER]), Vocabulary(frame[ITEM])
        coded = frame.select(
            pl.Series("u", users.encode(frame[USER])),
            pl.Series("i", items.encode(frame[ITEM])),
            weight.alias("w"),
            *([pl.col(TIME).cast(pl.Int64).alias("t")] if TIME in frame.columns else []),
        )
        for key, least in (("u", min_user_events), ("i", min_item_events)):
            if least > 1:
                coded = coded.filter(pl.len().over(key) >= least)
        pairs = (
            coded.group_by("u", "i")
            .agg(pl.col("w").sum(), *([pl.col("t").max()] if "t" in coded.columns else []))
            .filter(pl.col("w") > 0)
            .sort("u", "i")
        )
        keep_u, u = np.unique(pairs["u"].to_numpy(), return_inverse=True)
        keep_i, i = np.unique(pairs["i"].to_numpy(), return_inverse=True)
        indptr = np.searchsorted(u, np.arange(len(keep_u) + 1)).astype(np.int64)
        matrix = sparse.csr_array(
            (pairs["w"].to_numpy().astype(np.float32), i, indptr),
            shape=(len(keep_u), len(keep_i)),
        )
        return cls(
            matrix,
            Vocabulary.from_sorted(users.ids.gather(keep_u)),
            Vocabulary.from_sorted(items.ids.gather(keep_i)),
            pairs["t"].to_numpy() if "t" in pairs.columns else None,
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
    def coerce(cls, data: Any) -> Interactions:
        """Return `data` as interactions: already such, events, a frame of events, or a sparse matrix."""
        if isinstance(data, Interactions):
            return data
        if sparse.issparse(data):
            return cls.from_matrix(data)
        if isinstance(data, (Events, pl.DataFrame)):
            return cls.from_events(data)
        raise DataError(
            f"can't train on {type(data).__name__}; give Interactions, events from endcap.read_events, or a "
            "scipy.sparse matrix of users x items"
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(users, items)."""
        return self.matrix.shape[0], self.matrix.shape[1]

    @property
    def nnz(self) -> int:
        """How many pairs of a user and an item had an event."""
        return int(self.matrix.nnz)

    def fingerprint(self) -> str:
        """Return a hash of the contents: equal data have equal fingerprints, whatever the order of their rows."""
        digest = hashlib.blake2b(digest_size=16)
        for array in (self.matrix.indptr, self.matrix.indices, self.matrix.data):
            digest.update(np.ascontiguousarray(array).data)
        for vocabulary in (self.users, self.items):
            hashes = vocabulary.ids.hash(seed=0).to_numpy()
            digest.update(np.ascontiguousarray(hashes).data)
        return digest.hexdigest()

    def __repr__(self) -> str:
        users, items = self.shape
        return f"Interactions({users:,} users x {items:,} items, {self.nnz:,} pairs)"
