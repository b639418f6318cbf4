"""The canonical columns of events and items, and what they mean.

Event names are Google Analytics 4's, item columns Google Merchant's.
"""

from __future__ import annotations

from typing import Final

USER: Final = "user_id"
ITEM: Final = "item_id"
EVENT: Final = "event"
TIME: Final = "timestamp"
QUANTITY: Final = "quantity"
PRICE: Final = "price"
RATING: Final = "rating"
SESSION: Final = "session_id"
TRANSACTION: Final = "transaction_id"
EVENT_ID: Final = "event_id"
ANONYMOUS: Final = "anonymous_id"
"""The visitor before a log-in, such as a cookie's id; `user_id` is the same where nobody was logged in."""

EVENT_COLUMNS: Final = (
    USER, ITEM, EVENT, TIME, QUANTITY, PRICE, RATING, SESSION, TRANSACTION, EVENT_ID, ANONYMOUS,
)  # fmt: skip

EVENT_WEIGHTS: Final[dict[str, float]] = {
    "view_item": 0.2,
    "add_to_wishlist": 0.4,
    "add_to_cart": 0.5,
    "remove_from_cart": 0.0,
    "purchase": 1.0,
    "refund": 0.0,
    "rate": 1.0,
}
"""How much one event of a kind says about a shopper's taste, a purchase being 1.

A refund counts nothing because it cancels its purchase (`endcap.data.refunds`)."""
