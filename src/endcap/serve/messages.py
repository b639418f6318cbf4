"""What comes in over HTTP, checked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Number = Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)]
Id = Number | Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00]*$", strict=True)]
Text = Annotated[str, Field(max_length=256, pattern=r"^[^\x00]*$")]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Kind = Literal[
    "view_item",
    "add_to_cart",
    "remove_from_cart",
    "add_to_wishlist",
    "purchase",
    "refund",
    "rate",
    "impression",
    "view_item_list",
    "click",
    "select_item",
]
"""Google Analytics 4's names and `rate`; `impression` (or `view_item_list`) and `click` (or `select_item`) say what
became of a recommendation, and count as feedback, not as events."""
FEEDBACK = {"impression": "impression", "view_item_list": "impression", "click": "click", "select_item": "click"}
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def _sensible(time: datetime) -> datetime:
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    if not EARLIEST <= time <= datetime.now(UTC) + timedelta(days=1):
        raise ValueError("a timestamp lies between 1990 and tomorrow; give ISO 8601, or seconds since 1970")
    return time


class Event(BaseModel):
    """One thing that a shopper did."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    event_id: Text | None = None
    """Your own; an event that is sent again under the same id is stored once. One is made where there is none."""
    event: Kind
    item_id: Id
    user_id: Id | None = None
    anonymous_id: Id | None = None
    """The visitor's, such as a cookie's; with `user_id`, both are one shopper from now on."""
    timestamp: Annotated[datetime, AfterValidator(_sensible)] | None = None
    """ISO 8601 (UTC where it names no zone), or seconds since 1970; now where there is none."""
    quantity: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = None
    price: Amount | None = None
    rating: Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)] | None = None
    session_id: Text | None = None
    transaction_id: Text | None = None
    recommendation_id: Text | None = None
    """Of the answer that showed the product."""
    consent: bool = True
    """Whether the shopper agreed to be remembered; false: used for the answers of the next minutes, stored nowhere."""


class Events(BaseModel):
    """Up to 1,000 events; each is judged for itself."""

    events: Annotated[list[Any], Field(min_length=1, max_length=1000)]


Share = Annotated[float, Field(ge=0, le=1)]
Ids = Annotated[list[Id], Field(max_length=1000)]
Condition = Annotated[str, Field(max_length=2000)]


class Recommend(BaseModel):
    """What to recommend."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    surface: Annotated[str, Field(max_length=100)] = "recommended-for-you"
    user_id: Id | None = None
    anonymous_id: Id | None = None
    history: Ids = []
    """Products that the visitor had to do with, oldest first, besides what was sent as events."""
    context_items: Ids = []
    """The products of the page: the one that is shown, or the cart."""
    k: Annotated[int, Field(ge=1, le=1000)] | None = None
    filter: Condition = ""
    boost: Annotated[dict[Condition, Annotated[float, Field(ge=0, le=1000)]], Field(max_length=20)] = {}
    exclude: Ids = []
    diversity: Share | None = None
    min_relevance: Share = 0.0
    explain: bool = False
    """Say which of the shopper's own products led to each."""
    return_products: bool = False
    """Return what the catalogue says of each."""
    consent: bool = True
    """False: the answer is written down nowhere, so it can't be explained or credited later."""


class Rerank(Recommend):
    """Products to put into an order, such as a search result."""

    items: Annotated[list[Id], Field(min_length=1, max_length=1000)]


class Batch(BaseModel):
    """Up to 100 requests."""

    requests: Annotated[list[Recommend], Field(min_length=1, max_length=100)]


class Merge(BaseModel):
    """The visitor that a user was."""

    anonymous_id: Id


Value = str | int | float | bool | list[str] | None
Product = Annotated[dict[Annotated[str, Field(min_length=1, max_length=100)], Value], Field(max_length=200)]


class Products(BaseModel):
    """Up to 1,000 products, each with its `item_id`."""

    products: Annotated[list[Product], Field(min_length=1, max_length=1000)]


class Inventory(BaseModel):
    """What changes from hour to hour."""

    model_config = ConfigDict(extra="forbid")

    availability: Literal["in_stock", "out_of_stock", "preorder", "backorder", "discontinued"] | None = None
    price: Amount | None = None
    sale_price: Amount | None = None
