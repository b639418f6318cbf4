"""Sizes and colours of one product are shown once: the variant that the model puts first."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from endcap.data.schema import ITEM, USER

GROUP = "item_group_id"


def variants(items: pl.DataFrame | None) -> pl.DataFrame | None:
    """Return the catalogue's products that share a group with another one: `item_id, item_group_id`; None without any.

    Examples
    --------
    >>> import polars as pl
    >>> from endcap.recommend.variants import variants
    >>> variants(pl.DataFrame({"item_id": ["a", "b", "c"], "item_group_id": ["shirt", "shirt", "hat"]})).rows()
    [('a', 'shirt'), ('b', 'shirt')]
    """
    if items is None or GROUP not in items.columns:
        return None
    found = items.select(ITEM, GROUP).drop_nulls().filter(pl.len().over(GROUP) > 1)
    return None if found.is_empty() else found


def one_of_each_group(
    ask: Callable[[int], pl.DataFrame], groups: pl.DataFrame | None, k: int, *, seen: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the best k products of every shopper, one variant of each group.

    Parameters
    ----------
    ask
        Returns a model's best n: `item_id, rank` and others, for several shoppers with `user_id`, best first.
    groups
        As `variants` returns it; None asks for k and changes nothing.
    k
        How many; fewer are returned only where the model has no more.
    seen
        Products whose other variants aren't shown either: `item_id`, with `user_id` where the answers have it.
    """
    if groups is None:
        return ask(k)
    wanted = 2 * k
    while True:
        table = ask(wanted)
        key = [USER] if USER in table.columns else []
        of = table.join(groups, on=ITEM, how="left", maintain_order="left")
        if seen is not None:
            own = seen.join(groups, on=ITEM).select(*key, GROUP).unique()
            of = of.join(own, on=[*key, GROUP], how="anti", maintain_order="left")
        first = pl.struct(*key, GROUP).is_first_distinct()
        kept = of.filter(pl.col(GROUP).is_null() | first).drop(GROUP)
        if key:
            kept = kept.group_by(USER, maintain_order=True).head(k).select(table.columns)
            counts = table.group_by(USER).len("given").join(kept.group_by(USER).len("kept"), on=USER, how="left")
        else:
            kept = kept.head(k)
            counts = pl.DataFrame({"given": [len(table)], "kept": [len(kept)]})
        short = counts.filter(pl.col("kept").fill_null(0) < k, pl.col("given") >= wanted)
        if short.is_empty():
            place = pl.int_range(1, pl.len() + 1, dtype=pl.Int32)
            return kept.with_columns((place.over(USER) if key else place).cast(table.schema["rank"]).alias("rank"))
        wanted *= 2
