"""What surfaces need besides the shop's model, made once after a training and read by every server."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import polars as pl
from scipy import sparse

from endcap.data.arrays import CsrMatrix, IndexLists, Int32Array
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.data.mapped import map_file, pack, unpack
from endcap.data.refunds import cancel_refunds
from endcap.data.schema import EVENT, ITEM, TIME, USER
from endcap.files import write_whole
from endcap.models.base import Recommender
from endcap.models.bought_together import BoughtTogether

RECENT: Final = timedelta(days=28)
"""Best-sellers are those of so long; fewer days would let one campaign fill the list, more would show last season's."""
TREND: Final = timedelta(days=7)
_FACTS: Final = "facts.json"
_ARRAYS: Final = "arrays.safetensors"
_FORMAT: Final = 2
_PARTS: Final = ("data", "indices", "indptr")


@dataclass(frozen=True)
class Prepared:
    """Besides a model: what is bought together, who bought what, and the orders that are the same for everyone."""

    together: CsrMatrix
    """Shape (items, items): how strongly the product of a column goes into the same basket as the row's."""
    bought: IndexLists
    """For each user of the model's training data, the positions of what they bought."""
    bought_is_all: bool
    """Whether that is all they had to do with, for the events hold no purchases."""
    orders: dict[str, Int32Array]
    """Positions of all items of the training data, best first: "trending", "best-sellers" and "new-arrivals"."""
    last_event: int
    """The number of the newest event that was trained on; what came later is news."""
    hides_bought: bool
    """Whether what was bought stays away where a surface says "auto"."""

    @classmethod
    def make(cls, model: Recommender, events: Events, log: Interactions, last_event: int, hides_bought: bool) -> Self:
        """Make it from the events that the model was trained on; `log` are the interactions with their order."""
        data = model.interactions_
        frame = cancel_refunds(events.frame)
        purchases = frame.filter(pl.col(EVENT) == "purchase") if EVENT in frame.columns else frame.clear()
        return cls(
            together=_aligned(BoughtTogether().fit(log), data),
            bought=_pairs(frame if purchases.is_empty() else purchases, data),
            bought_is_all=purchases.is_empty(),
            orders=_orders(events, model),
            last_event=last_event,
            hides_bought=hides_bought,
        )

    def write(self, folder: Path) -> None:
        """Write it; the file of facts comes last, so a folder that has it is whole."""
        shutil.rmtree(folder, ignore_errors=True)
        together = self.together
        arrays = {f"order {name}": positions for name, positions in self.orders.items()}
        arrays |= {f"together {part}": getattr(together, part) for part in _PARTS}
        arrays |= {f"bought {part}": array for part, array in self.bought._asdict().items()}
        write_whole(folder / _ARRAYS, pack(arrays))
        facts = {
            "format": _FORMAT,
            "last_event": self.last_event,
            "hides_bought": self.hides_bought,
            "bought_is_all": self.bought_is_all,
            "items": together.shape[0],
        }
        write_whole(folder / _FACTS, json.dumps(facts).encode())

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return what was written, mapped into memory; None where nothing whole of this format is there."""
        try:
            facts: dict[str, Any] = json.loads((folder / _FACTS).read_text())
            if facts.get("format") != _FORMAT:
                return None
            arrays = unpack(map_file(folder / _ARRAYS))
            together = tuple(arrays[f"together {part}"] for part in _PARTS)
            bought = IndexLists(*(arrays[f"bought {part}"] for part in IndexLists._fields))
        except (OSError, ValueError, KeyError):
            return None
        return cls(
            together=sparse.csr_array(together, shape=(facts["items"], facts["items"])),
            bought=bought,
            bought_is_all=facts["bought_is_all"],
            orders={name.removeprefix("order "): one for name, one in arrays.items() if name.startswith("order ")},
            last_event=facts["last_event"],
            hides_bought=facts["hides_bought"],
        )


def _aligned(model: BoughtTogether, data: Interactions) -> CsrMatrix:
    """Return the scores of pairs in the positions of the training data."""
    pairs = model.weights_.tocoo()
    place = data.items.encode(model.interactions_.items.ids)
    first, second = place[pairs.row], place[pairs.col]
    known = (first >= 0) & (second >= 0)
    n = data.shape[1]
    return sparse.csr_array((pairs.data[known], (first[known], second[known])), shape=(n, n))


def _pairs(events: pl.DataFrame, data: Interactions) -> IndexLists:
    """Return the items of each user's events."""
    pairs = events.select(USER, ITEM).unique()
    users, items = data.users.encode(pairs[USER]), data.items.encode(pairs[ITEM])
    known = (users >= 0) & (items >= 0)
    ones = np.ones(int(known.sum()), np.bool_)
    matrix = sparse.csr_array((ones, (users[known], items[known])), shape=data.shape)
    matrix.sort_indices()
    return IndexLists.from_matrix(matrix)


def _orders(events: Events, model: Recommender) -> dict[str, Int32Array]:
    """Return all items in three orders; where events have no time, best-sellers are all there is to say."""
    data, popular = model.interactions_, model.popularity_
    if not events.has_time:
        return dict.fromkeys(("trending", "best-sellers", "new-arrivals"), popular)
    place = np.empty(len(popular), np.int64)
    place[popular] = np.arange(len(popular))
    newest = events.frame[TIME].max()
    age = pl.lit(newest) - pl.col(TIME)
    counted = events.frame.lazy().group_by(ITEM).agg(
        month=pl.col(USER).filter(age <= RECENT).n_unique(),
        week=(age <= TREND).sum(),
        before=((age > TREND) & (age <= TREND + RECENT)).sum(),
        first=pl.col(TIME).min(),
    ).collect()  # fmt: skip
    items = data.items.encode(counted[ITEM])
    counted = counted.with_columns(item=items, place=pl.Series(place)[np.maximum(items, 0)]).filter(pl.col("item") >= 0)
    # How far this week is above what four weeks let expect, in standard deviations of a Poisson count.
    expected = pl.col("before") * (TREND / RECENT)
    counted = counted.with_columns(trend=(pl.col("week") - expected) / (expected + 1).sqrt())

    def order(column: str) -> Int32Array:
        return counted.sort(column, "place", descending=[True, False])["item"].to_numpy().astype(np.int32)

    return {"trending": order("trend"), "best-sellers": order("month"), "new-arrivals": order("first")}
