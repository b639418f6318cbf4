"""From looking to buying."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from endcap.exploration.rows import Rows

_STEPS = ("view_item", "add_to_cart", "purchase")


@dataclass(frozen=True)
class Funnel:
    """What `funnel` returns."""

    steps: pl.DataFrame
    """`event, shoppers, pairs, of_pairs`: for view, cart and purchase, as far as the data have them: how many shoppers
    did it; on how many pairs of a shopper and a product; and the share of the pairs of the first step that have it."""
    unannounced: float
    """The share of the pairs with the last step that have no first step: bought without a view on record."""


def funnel(rows: Rows) -> Funnel | None:
    """Follow pairs of a shopper and a product; None where the data have fewer than two of the steps."""
    kinds = set(rows.events["event"].cast(pl.String).unique())
    steps = [name for name in _STEPS if name in kinds]
    if len(steps) < 2:
        return None
    done = [(pl.col("event") == name).any().alias(name) for name in steps]
    pairs = rows.events.group_by("user", "item").agg(done)
    start = pairs.filter(steps[0])
    table = pl.DataFrame(
        [
            (name, pairs.filter(name)["user"].n_unique(), int(pairs[name].sum()), int(start[name].sum()) / len(start))
            for name in steps
        ],
        schema=["event", "shoppers", "pairs", "of_pairs"],
        orient="row",
    )
    ends = pairs.filter(steps[-1])
    return Funnel(table, float((~ends[steps[0]]).sum()) / len(ends))
