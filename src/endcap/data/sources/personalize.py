"""Amazon Personalize's data sets: interactions, items and users, whose columns are in capitals."""

from __future__ import annotations

from typing import Final

import polars as pl

from endcap.data.event_names import canonical_event
from endcap.data.schema import EVENT, ITEM, PRICE, RATING, TIME, USER
from endcap.data.sources.base import ROW
from endcap.data.sources.exports import Export
from endcap.data.sources.expressions import number, path, text


def _events(frame: pl.DataFrame) -> pl.DataFrame:
    kinds = frame.select(text("EVENT_TYPE")).to_series().unique().drop_nulls()
    rated = [kind for kind in kinds if canonical_event(kind) == "rate"]
    return frame.select(
        ROW,
        pl.col("USER_ID").alias(USER),
        pl.col("ITEM_ID").alias(ITEM),
        pl.col("EVENT_TYPE").alias(EVENT),
        pl.col("TIMESTAMP").alias(TIME),
        # what the value of another event means (a share watched, a revenue) is the shop's own
        pl.when(text("EVENT_TYPE").is_in(rated)).then(number("EVENT_VALUE")).alias(RATING),
    )


def _items(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.col("ITEM_ID").alias(ITEM),
        path("CATEGORY_L1", "CATEGORY_L2", "CATEGORY_L3", "CATEGORY_L4").alias("product_type"),
        number("PRICE").alias(PRICE),
    )


def _users(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("USER_ID").alias(USER))


EXPORTS: Final = (
    Export(
        "events",
        "interactions of Amazon Personalize",
        frozenset({"USER_ID", "ITEM_ID", "TIMESTAMP"}),
        _events,
        {USER: "USER_ID", ITEM: "ITEM_ID", EVENT: "EVENT_TYPE", TIME: "TIMESTAMP", RATING: "EVENT_VALUE"},
    ),
    Export(
        "items",
        "items of Amazon Personalize",
        frozenset({"ITEM_ID"}),
        _items,
        {ITEM: "ITEM_ID", "product_type": "CATEGORY_L1 or CATEGORY_L2 or CATEGORY_L3 or CATEGORY_L4", PRICE: "PRICE"},
        (),
        frozenset({"USER_ID"}),
        attributes=True,
    ),
    Export(
        "users",
        "users of Amazon Personalize",
        frozenset({"USER_ID"}),
        _users,
        {USER: "USER_ID"},
        (),
        frozenset({"ITEM_ID"}),
        attributes=True,
    ),
)
