"""The tables of a store as queries name them; `migrations` makes them.

Times are whole microseconds since 1970 in UTC. Shoppers' and products' ids are text or whole numbers, as the shop has
them; `meta` says which.
"""

from __future__ import annotations

from typing import Final

import polars as pl
import sqlalchemy as sa

from endcap.data.offers import OFFER_COLUMNS
from endcap.data.schema import ANONYMOUS, EVENT, EVENT_COLUMNS, ITEM, PRICE, QUANTITY, RATING, TIME, USER


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


META: Final = _table("meta", "name", "value")
EVENTS: Final = _table("events", "id", "import_id", *EVENT_COLUMNS)
SEGMENTS: Final = _table("segments", "first", "last", "rows", "file")
IMPORTS: Final = _table(
    "imports", "id", "at", "kind", "source", "fingerprint", "rows_read", "rows_new", "rows_known", "rows_set_aside"
)  # fmt: skip
QUARANTINE: Final = _table("quarantine", "import_id", "file", "row", "reason", "content")
ITEM_COLUMNS: Final = (
    "title", "product_type", "brand", "price", "sale_price", "availability", "link", "image_link", "item_group_id",
)  # fmt: skip
ITEMS: Final = _table("items", ITEM, *ITEM_COLUMNS, "attributes", "updated")
OFFERS: Final = _table("offers", ITEM, "at", *OFFER_COLUMNS)
USERS: Final = _table("users", USER, "attributes", "updated")
IDENTITIES: Final = _table("identities", ANONYMOUS, USER, "at")
ANSWERS: Final = _table(
    "answers", "recommendation_id", "at", "surface", "model", "experiment", "variant", USER, "fallback", "request",
    "items", "short", "score",
)  # fmt: skip
FEEDBACK: Final = _table(
    "feedback", "event_id", "at", "recommendation_id", EVENT, USER, ITEM, QUANTITY, PRICE
)  # fmt: skip
API_KEYS: Final = _table("api_keys", "name", "digest", "scopes", "at")
HOURS: Final = _table("hours", "hour", "name", "kind", "value")
MONITORS: Final = _table("monitors", "name", "state", "since", "posted", "reading")
AUDIT: Final = _table("audit", "at", "who", "action", "what")

NUMBERS: Final = (QUANTITY, PRICE, RATING)


def event_schema(user: pl.DataType, item: pl.DataType) -> dict[str, pl.DataType]:
    """Return the types that events have in the store, given those of the ids."""
    types: dict[str, pl.DataType] = dict.fromkeys(EVENT_COLUMNS, pl.String())
    types |= {USER: user, ANONYMOUS: user, ITEM: item, TIME: pl.Datetime("us"), EVENT: pl.String()}
    return types | dict.fromkeys(NUMBERS, pl.Float64())
