"""Surfaces: the places of a shop where products are recommended, and what each one shows."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Source = Literal[
    "personal",
    "similar",
    "bought-together",
    "bought-before",
    "viewed",
    "same-type",
    "trending",
    "best-sellers",
    "new-arrivals",
    "as-given",
]
"""What ranks products: "personal" is the shop's model asked for the shopper; "similar" and "same-type" start from the
products of the page; "trending", "best-sellers" and "new-arrivals" are the same for everyone; "as-given" leaves the
products of `/rerank` in the order in which they came."""


class Surface(BaseModel):
    """What a surface shows: `[surfaces.NAME]` in `endcap.toml`."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    sources: list[Source] = ["personal", "best-sellers"]
    """What ranks the products, in order: each fills the places that those before it left empty. Best-sellers are asked
    last whatever is named, so that an answer is never short while there is an eligible product."""
    filter: str = ""
    """A condition that every product shown meets, such as 'price < 50 AND NOT brand = "Acme"'."""
    boost: dict[str, float] = {}
    """How much more products count that meet a condition, such as {'brand = "Acme"' = 1.5}; below 1: less."""
    diversity: float = Field(default=0.0, ge=0, le=1)
    """How much a product counts less for each one above it of the same type; 0: not at all."""
    k: int = Field(default=10, ge=1, le=1000)
    """How many products, where a request doesn't say."""
    hide_bought: bool | Literal["auto"] = "auto"
    """Whether to leave out what the shopper bought; auto: as the model was evaluated, so where people buy the same
    products again, these may come back."""


BUILT_IN: Final[dict[str, Surface]] = {
    "recommended-for-you": Surface(sources=["personal"]),
    "similar-items": Surface(sources=["similar", "same-type"], hide_bought=False),
    "frequently-bought-together": Surface(sources=["bought-together", "similar"], k=4, hide_bought=False),
    "cart": Surface(sources=["bought-together", "personal"], k=6, hide_bought=False),
    "buy-it-again": Surface(sources=["bought-before", "personal"], hide_bought=False),
    "trending": Surface(sources=["trending"], hide_bought=False),
    "best-sellers": Surface(sources=["best-sellers"], hide_bought=False),
    "new-arrivals": Surface(sources=["new-arrivals"], hide_bought=False),
    "recently-viewed": Surface(sources=["viewed"], hide_bought=False),
}
"""The surfaces that every shop has; a section of the same name in `endcap.toml` takes a built-in one's place."""
