"""What a new model must not do to the shop, however well it foretells: looked at in the lists that it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from endcap.automatic.check import Check, is_usual
from endcap.data.schema import ITEM, USER
from endcap.models.base import Recommender

SHOPPERS: Final = 2000
"""So many shoppers, at most, are asked for: shares of lists are then certain to some two points."""
LEAST_COVERAGE: Final = 0.5
"""Of the champion's catalogue coverage."""


@dataclass(frozen=True)
class Served:
    """A fitted model, and what it is asked for in the shop."""

    model: Recommender
    exclude_seen: bool | None
    """Whether what a shopper had before is left out; None: as the model has it."""

    def lists(self, users: pl.Series, k: int) -> pl.DataFrame:
        """Return the lists of some shoppers."""
        return self.model.recommend(users, k=k, exclude_seen=self.exclude_seen)


def guard_rails(
    new: Served, champion: Served, *, k: int, items: pl.DataFrame | None, margin: float, seed: int
) -> list[Check]:
    """Compare the lists of two models as they would be served, both fitted on all that each knows.

    Parameters
    ----------
    new, champion
        The model that asks to be put to use, and the one in use.
    k
        The length of the lists.
    items
        The catalogue; its `availability` says what can't be had.
    margin
        By how much the share of products that can't be had may grow.
    seed
        Of the sample of shoppers.
    """
    checks = [_newcomers(new, k)]
    users = _both_know(new.model, champion.model, seed)
    if users is None:
        return [*checks, Check("shoppers known to both", False, "the model in use and the new one have none in common")]
    mine, before = new.lists(users, k), champion.lists(users, k)
    coverage, was = _coverage(mine, new.model), _coverage(before, champion.model)
    told = f"{coverage:.1%} of the products are in somebody's list; {was:.1%} in those of the model in use"
    checks.append(Check("coverage", coverage >= LEAST_COVERAGE * was, told, "model"))
    top, top_before = _widest(mine, len(users)), _widest(before, len(users))
    told = f"one product is in {top:.0%} of the lists; at most in {top_before:.0%} of those of the model in use"
    checks.append(Check("one product for all", is_usual(top, top_before), told, "model"))
    if items is not None and "availability" in items.columns:
        gone = items.filter(availability="out_of_stock")[ITEM]
        share, share_before = (float(one[ITEM].is_in(gone.implode()).mean() or 0) for one in (mine, before))  # type: ignore[arg-type]
        told = f"{share:.1%} of what is recommended can't be had; {share_before:.1%} of what was recommended before"
        checks.append(Check("availability", share <= share_before + margin, told, "model"))
    return checks


def _newcomers(new: Served, k: int) -> Check:
    places = len(new.model.recommend(history=[], k=k))
    return Check("newcomers", places > 0, f"a visitor without a history is shown {places} products", "model")


def _both_know(new: Recommender, champion: Recommender, seed: int) -> pl.Series | None:
    mine, theirs = new.interactions_.users.ids, champion.interactions_.users.ids
    if mine.dtype != theirs.dtype:
        return None
    both = mine.filter(mine.is_in(theirs.implode()))
    if both.is_empty():
        return None
    chosen = np.sort(np.random.default_rng(seed).permutation(len(both))[:SHOPPERS])
    return both.gather(chosen).alias(USER)


def _coverage(lists: pl.DataFrame, model: Recommender) -> float:
    return lists[ITEM].n_unique() / max(1, model.interactions_.shape[1])


def _widest(lists: pl.DataFrame, users: int) -> float:
    return int(lists[ITEM].value_counts()["count"].max() or 0) / users  # type: ignore[arg-type]
