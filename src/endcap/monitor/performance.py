"""How each surface, model and variant does, with how sure that is."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array
from endcap.data.schema import EVENT, ITEM, PRICE, QUANTITY

_KEYS: Final = ["surface", "model", "experiment", "variant"]
_95: Final = 1.959964


def wilson(successes: Float64Array, trials: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the 95 % interval of a share (Wilson, "Probable inference", JASA 1927); NaN without trials.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.monitor.performance import wilson
    >>> low, high = wilson(np.array([10.0]), np.array([100.0]))
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.055, 0.174)
    """
    with np.errstate(all="ignore"):
        share = successes / trials
        z2 = _95**2 / trials
        middle = (share + z2 / 2) / (1 + z2)
        half = _95 / (1 + z2) * np.sqrt(share * (1 - share) / trials + z2 / (4 * trials))
        return middle - half, middle + half


def performance(
    given: pl.DataFrame, credited: pl.DataFrame, shown: pl.DataFrame | None = None, *, products: int | None = None
) -> pl.DataFrame:
    """Return a row for each surface, model and variant.

    Parameters
    ----------
    given
        The answers: `recommendation_id, surface, model, experiment, variant, fallback, items` (JSON), as
        `Answers.given` returns them.
    credited
        As `endcap.monitor.attribution.attribute` returns it.
    shown
        `recommendation_id, item_id` of impressions that `credited` leaves out; None: it has all.
    products
        How many the catalogue has; None: coverage isn't known.

    Returns
    -------
    polars.DataFrame
        `answers`, `empty` and `fallback` (shares of the answers), `impressions` and `clicks` (of a product in an
        answer, counted once), `click_through` = clicks / impressions with `_low` and `_high`, `carts`, `purchases`,
        `conversion` (the share of answers that a purchase is credited to) with its interval, `revenue` with the 95 %
        interval of a sum over answers (normal approximation), and `coverage`: the share of the catalogue shown.
        Shares are Wilson's. A click without an impression counts as one too: scripts may be blocked half way.
    """
    answers = given.select("recommendation_id", *_KEYS, "fallback", "items").unique("recommendation_id", keep="last")
    whole = answers.with_columns(pl.col("items").str.json_decode(pl.List(pl.String)))
    amount = pl.col(PRICE).fill_null(0) * pl.col(QUANTITY).fill_null(1) * pl.col("share")
    product = ["recommendation_id", ITEM]
    clicks = credited.filter(pl.col(EVENT) == "click").select(product)
    seen = [clicks, credited.filter(pl.col(EVENT) == "impression").select(product)]
    seen += [] if shown is None else [shown.select(product)]
    impressions = pl.concat(seen).unique().group_by("recommendation_id").agg(impressions=pl.len())
    clicked = clicks.unique().group_by("recommendation_id").agg(clicks=pl.len())
    later = credited.group_by("recommendation_id").agg(
        carts=pl.col("share").filter(pl.col(EVENT) == "add_to_cart").sum(),
        purchases=pl.col("share").filter(pl.col(EVENT) == "purchase").sum(),
        revenue=amount.filter(pl.col(EVENT) == "purchase").sum(),
    )
    for table in (impressions, clicked, later):
        whole = whole.join(table, on="recommendation_id", how="left")
    counts = ("impressions", "clicks", "carts", "purchases", "revenue")
    whole = whole.with_columns(pl.col(counts).cast(pl.Float64).fill_null(0.0))
    rows = whole.group_by(_KEYS).agg(
        answers=pl.len(),
        empty=(pl.col("items").list.len() == 0).mean(),
        fallback=pl.col("fallback").cast(pl.Float64).mean(),
        impressions=pl.col("impressions").sum(),
        clicks=pl.col("clicks").sum(),
        carts=pl.col("carts").sum(),
        purchases=pl.col("purchases").sum(),
        bought=(pl.col("purchases") > 0).sum().cast(pl.Float64),
        revenue=pl.col("revenue").sum(),
        spread=pl.col("revenue").std().fill_null(0.0) * pl.len().cast(pl.Float64).sqrt() * _95,
        distinct=pl.col("items").explode().drop_nulls().n_unique().cast(pl.Float64),
    )
    rows = rows.sort(_KEYS)
    columns = []
    for name, hits, trials in (("click_through", "clicks", "impressions"), ("conversion", "bought", "answers")):
        n = rows[trials].cast(pl.Float64).to_numpy()
        low, high = wilson(rows[hits].to_numpy(), n)
        with np.errstate(all="ignore"):
            share = rows[hits].to_numpy() / n
        columns += [pl.Series(name, share), pl.Series(f"{name}_low", low), pl.Series(f"{name}_high", high)]
    coverage = rows["distinct"] / products if products else pl.Series([math.nan] * len(rows), dtype=pl.Float64)
    return rows.with_columns(
        *columns,
        coverage.alias("coverage"),
        revenue_low=pl.col("revenue") - pl.col("spread"),
        revenue_high=pl.col("revenue") + pl.col("spread"),
    ).drop("bought", "spread", "distinct")
