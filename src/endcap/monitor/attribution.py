"""Which recommendation a click, a cart or a purchase is credited to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, Literal

import polars as pl

from endcap.data.schema import EVENT, ITEM, PRICE, QUANTITY, USER

Touch = Literal["last", "first", "linear"]
WINDOW: Final = timedelta(days=7)
"""So long after a click a purchase is credited to it. A convention: a longer window credits more of what would have
been bought anyway, a shorter one misses those who think it over."""
_LATER: Final = ("add_to_cart", "purchase")


def attribute(
    feedback: pl.DataFrame, events: pl.DataFrame, *, window: timedelta = WINDOW, touch: Touch = "last"
) -> pl.DataFrame:
    """Return what is credited to which answer, with its share.

    What names an answer is credited to that one. A cart or a purchase that names none is credited to the clicks of the
    same shopper on the same product within `window` before it: to the last of them, the first, or to all in equal
    parts. An event is never credited twice, whether it came as feedback, as an event, or as both.

    Parameters
    ----------
    feedback
        `event_id, at, recommendation_id, event, user_id, item_id, quantity, price`, as `Answers.feedback` returns it.
    events
        Events in canonical columns with `event_id`, whose carts and purchases are looked at.
    window
        How long before a purchase a click counts.
    touch
        Which of several clicks.

    Returns
    -------
    polars.DataFrame
        `event_id, at, event, user_id, item_id, quantity, price, recommendation_id, share`; the shares of an event sum
        to 1. What nothing can be credited for isn't there.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import datetime
    >>> from endcap.monitor.attribution import attribute
    >>> click = {"event_id": ["c"], "at": [datetime(2026, 5, 1)], "recommendation_id": ["r1"], "event": ["click"],
    ...          "user_id": ["ann"], "item_id": ["mat"], "quantity": [None], "price": [None]}
    >>> order = {"event_id": ["p"], "timestamp": [datetime(2026, 5, 2)], "event": ["purchase"], "user_id": ["ann"],
    ...          "item_id": ["mat"], "quantity": [1.0], "price": [40.0]}
    >>> found = attribute(pl.DataFrame(click), pl.DataFrame(order))
    >>> found.select("event", "recommendation_id", "share").rows()
    [('click', 'r1', 1.0), ('purchase', 'r1', 1.0)]
    """
    columns = ["event_id", "at", EVENT, USER, ITEM, QUANTITY, PRICE]
    types: dict[Any, Any] = {"at": pl.Datetime("us"), "recommendation_id": pl.String}
    types |= dict.fromkeys((QUANTITY, PRICE), pl.Float64)
    told = feedback.cast(types)
    named = told.filter(pl.col("recommendation_id").is_not_null())
    seen = events.rename({"timestamp": "at"})
    absent = [pl.lit(None, dtype).alias(n) for n, dtype in types.items() if n in columns and n not in seen.columns]
    seen = seen.with_columns(absent).filter(pl.col(EVENT).is_in(_LATER), pl.col("event_id").is_not_null())
    seen = seen.select(columns).cast({USER: pl.String, ITEM: pl.String, "at": pl.Datetime("us")})
    seen = seen.with_columns(pl.col(QUANTITY, PRICE).cast(pl.Float64))
    unnamed = told.filter(pl.col("recommendation_id").is_null(), pl.col(EVENT).is_in(_LATER)).select(columns)
    open_ones = pl.concat([unnamed, seen]).unique("event_id", keep="first", maintain_order=True)
    open_ones = open_ones.join(named, on="event_id", how="anti")
    clicks = named.filter(pl.col(EVENT) == "click").select(USER, ITEM, "recommendation_id", clicked="at")
    pairs = open_ones.join(clicks, on=[USER, ITEM], how="inner").filter(
        pl.col("clicked") <= pl.col("at"), pl.col("clicked") > pl.col("at") - window
    )
    pairs = pairs.sort("event_id", "clicked")
    if touch != "linear":
        pairs = pairs.unique("event_id", keep=touch, maintain_order=True)
    pairs = pairs.with_columns(share=1 / pl.len().over("event_id"))
    own = named.unique("event_id", keep="first", maintain_order=True).with_columns(share=pl.lit(1.0))
    order = [*columns, "recommendation_id", "share"]
    return pl.concat([own.select(order), pairs.select(order)])
