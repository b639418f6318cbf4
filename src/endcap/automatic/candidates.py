"""Which models are worth trying on data of some traits, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from endcap.automatic.traits import Traits

SAFE: Final = ("Popular", "BuyAgain")
"""The simple models that need no proof, the safest first."""
DENSE_ITEMS: Final = 10_000
"""Up to so many products the exact linear model fits in seconds and half a gigabyte."""
SPECTRAL_ITEMS: Final = 100_000
"""Up to so many products, and users, a truncated SVD takes less than a minute."""
NEIGHBOUR_USERS: Final = 500_000
"""Up to so many users it is quick enough to look for the similar ones at every answer."""
SHORT_HISTORY: Final = 20
"""With fewer distinct items a user, what was done last says about as much as all before."""


@dataclass(frozen=True)
class Candidate:
    """A model to try."""

    name: str
    """Of its class."""
    reason: str
    """In words."""


def propose(traits: Traits) -> list[Candidate]:
    """Return the models worth trying, the simplest first.

    The rules come from measurements on films, places, groceries, gifts, software and general merchandise (see the guide
    "Which model for which shop"); those that won nowhere there aren't proposed.
    """
    given = [(name, rule(traits)) for name, rule in _RULES.items()]
    return [Candidate(name, reason) for name, reason in given if reason]


def _own_repeats(traits: Traits) -> str:
    if not traits.repeats:
        return ""
    share = "" if traits.repeat_share is None else f"{traits.repeat_share:.0%} of what shoppers take they took before: "
    return f"{share}what one takes regularly comes first"


def _habits(traits: Traits) -> str:
    return (
        "shoppers repeat themselves, each in an own rhythm, and like those with similar habits"
        if traits.repeats
        else ""
    )


def _similar_users(traits: Traits) -> str:
    if traits.users > NEIGHBOUR_USERS:
        return ""
    return f"{traits.users:,} shoppers are few enough to look for similar ones at every answer"


def _exact(traits: Traits) -> str:
    if traits.items > DENSE_ITEMS:
        return ""
    return f"{traits.items:,} products are few enough for the exact linear model over all pairs of them"


def _sparse(traits: Traits) -> str:
    if traits.items <= DENSE_ITEMS or traits.items > SPECTRAL_ITEMS:
        return ""
    return f"{traits.items:,} products are too many for the exact linear model: its sparse kin"


def _spectral(traits: Traits) -> str:
    if traits.repeats or max(traits.items, traits.users) > SPECTRAL_ITEMS:
        return ""
    return "nearly everything taken is new to the shopper: spectral filters led where tastes are wide"


def _visits(traits: Traits) -> str:
    return "visitors whom nobody knows: what followed what they did last" if traits.visitors else ""


def _last_steps(traits: Traits) -> str:
    if not traits.in_order or traits.per_user >= SHORT_HISTORY:
        return ""
    if traits.visitors:
        return "visitors whom nobody knows: what sessions like theirs went on with"
    return (
        f"histories are short ({traits.per_user:.0f} products): what was done last tells much of what there is to know"
    )


_RULES: Final[dict[str, Callable[[Traits], str]]] = {
    "Popular": lambda _traits: "best-sellers: what can't beat them isn't worth running",
    "BuyAgain": _own_repeats,
    "ItemKNN": lambda _traits: "who took this took that: good on most data, quick, easy to explain",
    "TIFUKNN": _habits,
    "UPCF": _habits,
    "UserKNN": _similar_users,
    "RP3beta": lambda traits: "" if traits.repeats else "walks over few steps serve sparse data and the long tail",
    "EASE": _exact,
    "SparseEASE": _sparse,
    "SLIM": lambda traits: (
        "" if traits.repeats else "a sparse linear model: good on large catalogues with few events each"
    ),
    "GraphFilter": _spectral,
    "ALS": lambda _traits: "factors of taste: small, and good at any size once tuned",
    "LogisticMF": lambda traits: "" if traits.repeats else "factors that foretell what is new to a shopper",
    "Markov": _visits,
    "SequentialRules": _visits,
    "SessionKNN": _last_steps,
    "VMISKNN": _visits,
}
