"""Which places in the shop the data are good for, and what is missing for the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from endcap.data.event_log import EventLog
from endcap.data.interactions import Interactions
from endcap.data.schema import EVENT, ITEM, TIME
from endcap.doctor.moments import usual_times

NEEDED: Final[dict[str, tuple[int, str]]] = {
    "recommended-for-you": (1_000, "shoppers with two products or more"),
    "similar-items": (1_000, "pairs of products that two or more shoppers share"),
    "frequently-bought-together": (1_000, "baskets with two items or more"),
    "cart": (1_000, "baskets with two items or more"),
    "buy-it-again": (200, "purchases of something the shopper had bought before"),
    "trending": (14, "days of events"),
    "best-sellers": (100, "events"),
    "new-arrivals": (14, "days of events"),
    "recently-viewed": (1, "views with a time"),
}
"""From how much of what a surface is reliable.

Measured (`benchmarks/readiness.py`, samples of Online Retail, Ta-Feng and the Complete Journey): with 1,000 baskets,
47 to 57 % of the ten most frequent pairs are those of all baskets, with 300 only 23 to 33 %; with 1,000 shoppers,
ItemKNN's hit rate is 89 % of that with 3,700 (Online Retail) and 64 % of that with 28,600 (Ta-Feng), with 300 it is
59 and 40 %. The others are rules of thumb: two weeks are every weekday twice."""
_RECENT = timedelta(days=28)  # whose rate tells when enough will be there


@dataclass(frozen=True)
class Readiness:
    """Whether a surface can be served well."""

    surface: str
    ready: bool
    have: int
    need: int
    of: str
    """What is counted."""
    days: float | None
    """How many more days it takes at the present rate; None where that can't be said."""

    def __str__(self) -> str:
        if self.ready:
            return f"{self.surface}: ready ({self.have:,} {self.of})"
        text = f"{self.surface}: {self.have:,} {self.of}; reliable from about {self.need:,}"
        if self.days is None:
            return text
        return f"{text}; at the present rate in {max(1, round(self.days)):,} days"


def readiness(frame: pl.DataFrame) -> list[Readiness]:
    """Return the verdict for each surface; events whose clock was wrong don't count as time."""
    frame = usual_times(frame)
    data = Interactions.from_events(frame, log=True)
    log = data.log
    assert log is not None  # noqa: S101 - it was asked for; this tells the type checker
    now = _counts(data, log, frame)
    earlier: dict[str, int] = {}
    if TIME in frame.columns and len(frame):
        before = frame.filter(pl.col(TIME) <= frame[TIME].max() - _RECENT)  # type: ignore[operator]
        if len(before):
            then = Interactions.from_events(before, log=True)
            earlier = _counts(then, then.log, before)  # type: ignore[arg-type]
    verdicts = []
    for surface, (need, of) in NEEDED.items():
        have = now[surface]
        rate = (have - earlier[surface]) / _RECENT.days if earlier else 0.0
        days = (need - have) / rate if have < need and rate > 0 else None
        verdicts.append(Readiness(surface, have >= need, have, need, of, days))
    return verdicts


def _counts(data: Interactions, log: EventLog, frame: pl.DataFrame) -> dict[str, int]:
    """Return how much there is of what each surface needs."""
    bought = log.baskets >= 0
    kinds = frame[EVENT].cast(pl.String) if EVENT in frame.columns else pl.Series(dtype=pl.String)
    if not (kinds == "purchase").any():
        bought[:] = False  # looks and ratings make no baskets
    lines = pl.DataFrame({"user": log.rows()[bought], "basket": log.baskets[bought], ITEM: log.items[bought]}).unique()
    sizes = lines.group_by("user", "basket").len()
    known = log.times is not None or (sizes["len"] > 1).any() if len(sizes) else False
    baskets = int((sizes["len"] >= 2).sum()) if known else 0
    # A product's second basket of the same shopper is a purchase of something bought before.
    again = len(lines) - lines.select("user", ITEM).n_unique() if len(lines) else 0
    days = 0
    if TIME in frame.columns and len(frame):
        days = int((frame[TIME].max() - frame[TIME].min()) / timedelta(days=1)) + 1  # type: ignore[operator]
    return {
        "recommended-for-you": int((data.matrix.indptr[1:] - data.matrix.indptr[:-1] >= 2).sum()),
        "similar-items": _shared_pairs(data),
        "frequently-bought-together": baskets,
        "cart": baskets,
        "buy-it-again": again,
        "trending": days,
        "best-sellers": len(frame),
        "new-arrivals": days,
        "recently-viewed": int((kinds == "view_item").sum()) if TIME in frame.columns else 0,
    }


def _shared_pairs(data: Interactions) -> int:
    """Return how many pairs of products two or more shoppers share, counted up to a thousand products."""
    counts = data.matrix.indptr[1:] - data.matrix.indptr[:-1]
    chosen = data.matrix[counts <= 200] if len(counts) else data.matrix  # those with everything connect everything
    popular = (-np.bincount(chosen.indices, minlength=chosen.shape[1])).argsort(kind="stable")[:1000]
    part = (chosen[:, popular] > 0).astype("float32")
    shared = (part.T @ part).tocsr()
    shared.setdiag(0)
    return int((shared.data >= 2).sum()) // 2
