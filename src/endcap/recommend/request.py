"""What a surface is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from endcap.data.vocabulary import Id
from endcap.recommend.assignment import Assigned
from endcap.recommend.shopper import Act


@dataclass(frozen=True)
class Request:
    """One request for products."""

    surface: str = "recommended-for-you"
    user: Id | None = None
    """The shopper, known or not."""
    since: Sequence[Act] = ()
    """What the shopper did since the model was trained, oldest first."""
    history: Sequence[Id] = ()
    """Products that a visitor had to do with, oldest first, besides."""
    context_items: Sequence[Id] = ()
    """The products of the page: the one that is shown, or the cart."""
    k: int | None = None
    """How many; None: as the surface says."""
    filter: str = ""
    """A condition besides the surface's own."""
    boost: Mapping[str, float] = field(default_factory=dict)
    """Factors by condition, besides the surface's own."""
    exclude: Sequence[Id] = ()
    diversity: float | None = None
    min_relevance: float = 0.0
    """Products that a source scores below this share of its best are left out, from 0 to 1; sources that only order,
    such as best-sellers, fill the places."""
    among: Sequence[Id] | None = None
    """Only these, as in a search result that is to be ranked anew; None: all."""
    assigned: Assigned | None = None
    """What an experiment shows this shopper instead of the surface as it is."""


@dataclass(frozen=True, slots=True)
class Result:
    """One product of an answer."""

    item: Id
    row: int
    """On the shelf."""
    score: float
    """The source's; only the order of one source's scores has a meaning."""
    source: str
    """Which source put it there."""


@dataclass(frozen=True)
class Answer:
    """What is to be shown, best first."""

    surface: str
    results: list[Result]
    model_version: str
    fallback_used: bool
    """Whether a place was filled by another source than the surface's first, or by best-sellers within it."""
    knows_shopper: bool
    """Whether the shopper was in the training data, or did something since."""


@dataclass(frozen=True)
class Verdict:
    """Why a product is in an answer, or isn't."""

    item: Id
    shown: bool
    rank: int | None
    """Its place among all products that pass, from 1; None where it doesn't pass."""
    text: str
    because: list[Any] = field(default_factory=list)
    """The shopper's own products that led to it, the strongest first."""
