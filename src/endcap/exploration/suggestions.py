"""What the measured facts suggest to try; whether it is better, only a comparison on the shop's own data tells."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from endcap.exploration.findings import Findings
from endcap.exploration.words import percent, plain

MANY_PRODUCTS = 10_000
"""EASE keeps a number for each pair of products: for more than these, minutes and gigabytes."""
REPEATS_MATTER = 0.1
REPEATS_ARE_RARE = 0.02
FEW_VISITS = 0.7
NEW_PRODUCTS_MATTER = 0.05
NEW_SHOPPERS_MATTER = 0.3
EVIDENCE = 5
"""Shoppers that a product needs before its neighbours mean much."""
_ENOUGH = 0.5
_SEVERAL = 0.2
_PAIRS = 20


@dataclass(frozen=True)
class Suggestion:
    """Models to try, in words why; no models where it is advice of another kind."""

    models: tuple[str, ...]
    advice: str
    why: str


def suggest(found: Findings, available: Collection[str]) -> list[Suggestion]:
    """Return what is worth trying, the most telling first; only models that are `available` are named."""
    rules = (_ratings, _repeats, _sessions, _neighbours, _size, _baskets, _new_products, _new_shoppers, _changes)
    given = [one for rule in rules for one in rule(found)]
    given.append(
        Suggestion(("Popular",), "Keep best-sellers in the comparison", "What can't beat them isn't worth running.")
    )
    kept = []
    for one in given:
        models = tuple(name for name in one.models if name in available)
        if models or not one.models:
            kept.append(Suggestion(models, one.advice, one.why))
    return kept


def _ratings(found: Findings) -> list[Suggestion]:
    if found.word != "ratings":
        return []
    why = (
        "The data hold ratings. Guessing a rating and choosing what to show are two jobs: sorting by guessed rating "
        "does worse than best-sellers, so rank with the models below."
    )
    return [Suggestion(("SVDpp", "SVD", "Baseline"), "Guess ratings where a page shows them", why)]


def _repeats(found: Findings) -> list[Suggestion]:
    share = found.repeats.share
    fact = f"{percent(share)} of {found.word} repeat what the same shopper took before"
    if share >= REPEATS_MATTER:
        why = f"{fact}, so what a shopper takes regularly is the first thing to recommend."
        return [Suggestion(("BuyAgain", "TIFUKNN", "UPCF"), "Recommend repeats", why)]
    if share < REPEATS_ARE_RARE:
        return [Suggestion((), "Leave out what a shopper has", f"Only {fact}.")]
    why = f"{fact}: too few to lead with, too many to leave out. Compare with and without (exclude_seen)."
    return [Suggestion(("BuyAgain",), "Try repeats on a place of their own", why)]


def _sessions(found: Findings) -> list[Suggestion]:
    visits = found.sessions
    if visits is None or visits.single < FEW_VISITS or visits.events < 1.5:
        return []
    why = (
        f"{percent(visits.single)} of shoppers have one visit only, of {plain(visits.events)} events on average: what "
        "there is to go by is the visit itself."
    )
    return [Suggestion(("SessionKNN", "VMISKNN", "SequentialRules"), "Recommend from the current visit", why)]


def evidence(found: Findings) -> float:
    """Return the share of what was taken which falls on products that at least five shoppers had to do with."""
    levels = found.sellers.levels
    return float(levels.filter(levels["shoppers"] == EVIDENCE)["taken_share"][0])


def _neighbours(found: Findings) -> list[Suggestion]:
    share = evidence(found)
    fact = f"{percent(share)} of {found.word} fall on products that at least {EVIDENCE} shoppers had to do with"
    if share >= _ENOUGH:
        why = f"{fact}: who else took a product says what it is like."
        return [Suggestion(("ItemKNN", "RP3beta", "UserKNN"), "Learn from who took what", why)]
    why = (
        f"Only {fact}: for the rest there is too little to learn from, so fall back to best-sellers of their category."
    )
    return [Suggestion(("Popular", "RP3beta"), "Expect little from behaviour alone", why)]


def _size(found: Findings) -> list[Suggestion]:
    products = found.size.items
    if products <= MANY_PRODUCTS and evidence(found) < _ENOUGH:
        return []
    if products <= MANY_PRODUCTS:
        why = f"{products:,} products are few enough for the exact linear model over all pairs of them."
        return [Suggestion(("EASE", "SLIM"), "Use the small catalogue", why)]
    why = (
        f"{products:,} products are many: EASE over all of them would need "
        f"{plain(products**2 * 4 / 2**30)} GiB for its matrix. Sparse or factor models grow with the events instead, "
        f"or EASE takes the {MANY_PRODUCTS:,} most taken."
    )
    return [Suggestion(("SparseEASE", "ALS", "EASE"), "Use models for large catalogues", why)]


def _baskets(found: Findings) -> list[Suggestion]:
    pairs = found.together
    if pairs.unit != "order" or pairs.several < _SEVERAL or pairs.pairs_found < _PAIRS:
        return []
    why = (
        f"{percent(pairs.several)} of orders hold several products, and {pairs.pairs_found:,} pairs are bought "
        "together at least twice as often as chance would have it: for the cart and the product page."
    )
    return [Suggestion(("BoughtTogether", "ItemKNN"), "Show what is bought together", why)]


def _new_products(found: Findings) -> list[Suggestion]:
    new = found.newcomers
    if new is None or new.new_items < NEW_PRODUCTS_MATTER:
        return []
    features = [name for name in found.catalogue.features if name != "title"]
    fact = f"{percent(new.new_items)} of {found.word} are of products without any event before the same {new.period}"
    if features:
        why = f"{fact}. Only the catalogue knows these; it has {', '.join(features[:5])}."
        return [Suggestion((), "Describe new products by the catalogue", why)]
    why = f"{fact}, and there is no catalogue that describes them: give one with product_type and brand."
    return [Suggestion((), "Describe new products by a catalogue", why)]


def _new_shoppers(found: Findings) -> list[Suggestion]:
    new = found.newcomers
    if new is None or new.new_users < NEW_SHOPPERS_MATTER:
        return []
    why = (
        f"{percent(new.new_users)} of {found.word} are by shoppers nobody had met before the same {new.period}. Every "
        "model answers for a history it was never trained on: ask with history=[...] as soon as there is one event."
    )
    return [Suggestion((), "Serve new shoppers from what they do now", why)]


def _changes(found: Findings) -> list[Suggestion]:
    moved = found.trends
    if moved is None or moved.tested == 0 or (moved.risen + moved.fallen) / moved.tested < 0.02:
        return []
    share = (moved.risen + moved.fallen) / moved.tested
    why = (
        f"In {moved.window.days} days {percent(share)} of the products with enough shoppers to tell rose or fell "
        "beyond "
        'chance: let old events count less (half_life = "90d") and train often.'
    )
    return [Suggestion((), "Let old events fade", why)]
