"""Events as rows of small numbers, in the order in which each shopper did them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from endcap.data.events import Events
from endcap.data.schema import EVENT, EVENT_WEIGHTS, ITEM, PRICE, QUANTITY, SESSION, TIME, TRANSACTION, USER
from endcap.data.vocabulary import Vocabulary
from endcap.errors import DataError

_WORDS = {"purchase": "purchases", "rate": "ratings", "view_item": "views"}


@dataclass(frozen=True)
class Rows:
    """What every question is answered from: ids are positions, so that grouping them is cheap."""

    events: pl.DataFrame
    """All events: `user, item` as uint32, `event`, and as far as they are known `time, quantity, price, session_id,
    transaction_id`; ordered by user and time, ties as in the source."""
    taken: pl.DataFrame
    """What shoppers took: the purchases where there are any, else all events that speak for a product. Purchases have a
    `basket` (uint32) too."""
    word: str
    """What rows of `taken` are called: "purchases", "ratings", "views" or "events"."""
    users: int
    items: Vocabulary

    @property
    def has_time(self) -> bool:
        """Whether the events say when they happened."""
        return "time" in self.events.columns

    @property
    def all_taken(self) -> bool:
        """Whether every event is one of `taken`."""
        return len(self.taken) == len(self.events)

    @property
    def has_purchases(self) -> bool:
        """Whether `taken` are purchases."""
        return "basket" in self.taken.columns

    @cached_property
    def lines(self) -> pl.DataFrame:
        """`basket, user, item` of the purchases, each product once in an order."""
        own = self.taken.select("basket", "user", "item")
        return own.filter((pl.col("basket").cast(pl.UInt64) * 2**32 + pl.col("item")).is_first_distinct())

    def distinct(self, column: pl.Expr) -> pl.DataFrame:
        """Return `user` and a column that rises with the time in `taken`, each pair once."""
        own = self.taken.select("user", column)
        return own.filter(own.select(pl.any_horizontal(pl.all().diff() != 0).fill_null(True)).to_series())


def as_rows(events: Events) -> Rows:
    """Put events in order, with positions in place of ids.

    Raises
    ------
    DataError
        Where there are no events.
    """
    source = events.frame
    if len(source) == 0:
        raise DataError("there are no events to explore")
    users, items = Vocabulary(source[USER]), Vocabulary(source[ITEM])
    kept = [name for name in (QUANTITY, PRICE, SESSION, TRANSACTION) if name in source.columns]
    kind = source[EVENT] if EVENT in source.columns else pl.repeat("purchase", len(source), eager=True)
    columns = [
        pl.Series("user", users.encode(source[USER])).cast(pl.UInt32),
        pl.Series("item", items.encode(source[ITEM])).cast(pl.UInt32),
        kind.cast(pl.String).cast(pl.Enum(kind.unique().sort().cast(pl.String))).alias("event"),
        *([source[TIME].alias("time")] if TIME in source.columns else []),
        *(source[name] for name in kept),
    ]
    frame = pl.DataFrame(columns)
    frame = frame.sort(["user", *(["time"] if TIME in source.columns else [])], maintain_order=True)
    kinds = set(kind.unique())
    if "purchase" in kinds:
        taken = frame if len(kinds) == 1 else frame.filter(pl.col("event") == "purchase")
        taken = taken.with_columns(_baskets(taken))
    else:
        against = [name for name in kinds if EVENT_WEIGHTS.get(name, 1) <= 0]
        taken = frame.filter(~pl.col("event").cast(pl.String).is_in(against)) if against else frame
        if len(taken) == 0:
            raise DataError(f"there is nothing but {', '.join(sorted(kinds))} in the events: nothing was taken")
    left = set(taken["event"].unique())
    word = _WORDS.get(left.pop(), "events") if len(left) == 1 else "events"
    return Rows(frame.drop(TRANSACTION, strict=False), taken.drop(TRANSACTION, strict=False), word, len(users), items)


def _baskets(purchases: pl.DataFrame) -> pl.Series:
    """Return the numbers of the baskets: by order number, else by moment; without either, every line is one."""
    at_once = [name for name in ("user", "time") if name in purchases.columns]
    by_moment = purchases.select(pl.struct(at_once).rle_id()).to_series()
    if TRANSACTION not in purchases.columns:
        alone = pl.int_range(len(purchases), dtype=pl.UInt32, eager=True)
        return (by_moment if "time" in purchases.columns else alone).alias("basket")
    # Lines without an order number are told apart by their moment, one with it aren't.
    key = pl.when(pl.col(TRANSACTION).is_null()).then(pl.col("moment"))
    keyed = purchases.select("user", TRANSACTION).with_columns(by_moment.alias("moment")).with_columns(moment=key)
    if keyed["moment"].null_count() == len(keyed):
        keyed = keyed.drop("moment")
    order = keyed.with_row_index("row").sort("user", pl.exclude("user", "row"))
    numbered = order.select("row", basket=pl.struct(pl.exclude("row")).rle_id())
    return numbered.sort("row")["basket"]
