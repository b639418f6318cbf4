"""What shops call the things that shoppers do, in Google Analytics 4's words."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from endcap.data.schema import EVENT_WEIGHTS

_SYNONYMS: Final[dict[str, str]] = {
    "view_item": "view views viewed itemview viewitem productview pageview detailview viewproduct pv click clicks "
    "clicked clk impressionclick detail browse visit",
    "add_to_cart": "addtocart cart addcart carts cartadd addtobasket addtobag basket",
    "remove_from_cart": "removefromcart cartremove removecart removefrombasket",
    "add_to_wishlist": "addtowishlist wishlist fav favorite favourite favorites addtofavorites addtofavourites like "
    "liked save saved collect bookmark",
    "purchase": "purchase purchases purchased buy buys bought order orders ordered transaction sale sold "
    "checkoutcomplete completeorder ecommercepurchase",
    "refund": "refund refunded return returned returns cancellation",
    "rate": "rate rated rating ratings review reviewed",
}
_KNOWN: Final = {word: name for name, words in _SYNONYMS.items() for word in words.split()}


def canonical_event(name: str) -> str:
    """Return Google Analytics 4's name of an event, or the name as it is where none is known.

    Examples
    --------
    >>> canonical_event("Add to Cart"), canonical_event("pv"), canonical_event("share")
    ('add_to_cart', 'view_item', 'share')
    """
    return _KNOWN.get(re.sub(r"[\W_]+", "", name).lower(), name)


def canonical_events(column: pl.Series) -> tuple[pl.Series, dict[str, int]]:
    """Return the events' names in Google Analytics 4's words, and the rows of every name that stayed unknown."""
    text = column.cast(pl.String)
    blank = text.str.strip_chars() == ""
    if blank.any():
        text = text.to_frame().select(pl.when(~blank).then(pl.first())).to_series()
    counts = dict(text.drop_nulls().value_counts().iter_rows())
    names = {name: canonical_event(name) for name in counts}
    if any(old != new for old, new in names.items()):
        text = text.replace(names)
    return text, {name: n for name, n in counts.items() if names[name] not in EVENT_WEIGHTS}
