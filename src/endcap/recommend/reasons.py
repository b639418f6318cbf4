"""Why each item is recommended, in a form that a program can read and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from endcap.data.schema import ITEM, USER
from endcap.models.base import Recommender
from endcap.models.buy_again import BuyAgain
from endcap.models.queries import Queries

BECAUSE = "because"
BUY_AGAIN = "buy_again"
BEST_SELLER = "best_seller"

_CHUNK = 2_000_000  # own items looked at in one go; bounds the memory


def add_reasons(model: Recommender, recommendations: pl.DataFrame, *, most: int = 2) -> pl.DataFrame:
    """Add to a table of recommendations why each is there.

    Parameters
    ----------
    model
        The model that made them.
    recommendations
        `user_id, item_id, fallback, ...`, as `Recommender.recommend` returns them for several users.
    most
        How many of the shopper's own items a reason names at most.

    Returns
    -------
    polars.DataFrame
        The same rows with `reason`: "because" (of own items), "buy_again" (it is itself the strongest of the
        shopper's own items) or "best_seller"; and `because_of`: the ids of the own items that led to it,
        strongest first. Of a `BuyAgain` with `due` above 0 also `every_days` and `days_ago`: how often what is to be
        bought again is bought, and how long ago it was (null where it isn't known).
    """
    if len(recommendations) == 0:
        ids = pl.List(recommendations.schema[ITEM])
        return recommendations.with_columns(reason=pl.lit("", pl.String), because_of=pl.lit([], ids))
    data = model.interactions_
    shoppers = recommendations[USER].unique(maintain_order=True)
    queries = Queries.of_users(data, shoppers)
    position = pl.DataFrame({USER: shoppers}).with_row_index("query")
    asked = recommendations.select(USER).join(position, on=USER, how="left", maintain_order="left")
    query = asked["query"].to_numpy().astype(np.int64)
    items = data.items.encode(recommendations[ITEM])
    parts = []
    for rows in _chunks(np.diff(queries.histories.indptr)[query]):
        row, own, contribution = model.contributions(queries.take(query[rows]), items[rows])
        parts.append(pl.DataFrame({"row": rows[row], "own": own, "contribution": contribution}))
    strongest = (
        pl.concat(parts)
        .filter(pl.col("contribution") > 0)
        .sort("row", "contribution", "own", descending=[False, True, False])
        .group_by("row", maintain_order=True)
        .head(most)
    )
    # An item that is its own strongest reason is a repeat purchase; else it isn't a reason for itself.
    itself = strongest["own"].to_numpy() == items[strongest["row"].to_numpy()]
    strongest = strongest.with_columns(itself=pl.Series(itself, dtype=pl.Boolean))
    named = strongest.group_by("row", maintain_order=True).agg(
        repeat=pl.col("itself").first(),
        because_of=pl.col("own").filter(~pl.col("itself") | pl.col("itself").first()),
    )
    one_each = named.explode("because_of").with_columns(
        because_of=data.items.decode(named["because_of"].explode().to_numpy())
    )
    named = one_each.group_by("row", maintain_order=True).agg(pl.col("repeat").first(), pl.col("because_of"))
    told = (
        pl.DataFrame({"row": np.arange(len(recommendations))})
        .join(named, on="row", how="left", maintain_order="left")
        .with_columns(pl.col("because_of").fill_null([]))
    )
    reason = (
        pl.when(pl.col("repeat").is_null()).then(pl.lit(BEST_SELLER))
        .when(pl.col("repeat")).then(pl.lit(BUY_AGAIN))
        .otherwise(pl.lit(BECAUSE))
    )  # fmt: skip
    table = recommendations.with_columns(
        told.select(reason.alias("reason"))["reason"],
        pl.when(told["repeat"].fill_null(False)).then([]).otherwise(told["because_of"]).alias("because_of"),
    )
    if not isinstance(model, BuyAgain) or not model.due:
        return table
    every, ago = model.rhythms(queries.take(query), items)
    return table.with_columns(
        pl.Series("every_days", every, nan_to_null=True), pl.Series("days_ago", ago, nan_to_null=True)
    )


def reason_in_words(
    reason: str,
    because_of: list[Any],
    titles: Mapping[Any, str],
    times: int | None = None,
    *,
    every: float | None = None,
    ago: float | None = None,
) -> str:
    """Return a reason as a sentence for the shopper.

    Parameters
    ----------
    reason, because_of
        As `add_reasons` gives them.
    titles
        The products' names, by their ids; one without a name is called by its id.
    times
        How often the shopper bought the item itself.
    every, ago
        Every how many days it is bought, and how many days ago it was; None: not known.

    Examples
    --------
    >>> from endcap.recommend.reasons import reason_in_words
    >>> reason_in_words("because", [7, 9], {7: "Pasta", 9: "Olives"})
    'because you bought Pasta and Olives'
    >>> reason_in_words("buy_again", [], {}, every=9.2, ago=10.0)
    'bought every 9 days, last 10 days ago: due now'
    """
    if reason == BUY_AGAIN:
        if every is not None and ago is not None:
            due = "due now" if ago >= every else f"due in {_days(every - ago)}"
            return f"bought every {_days(every)}, last {_days(ago)} ago: {due}"
        return f"because you bought it {times} times" if times and times > 1 else "because you bought it before"
    if reason == BECAUSE:
        return "because you bought " + " and ".join(titles.get(item, str(item)) for item in because_of)
    return "because many bought it"


def _days(length: float) -> str:
    whole = max(1, round(length))
    return "1 day" if whole == 1 else f"{whole} days"


def _chunks(sizes: np.ndarray) -> list[np.ndarray]:
    total = np.cumsum(sizes)
    edges = np.searchsorted(total, np.arange(_CHUNK, total[-1] if len(total) else 0, _CHUNK))
    return [rows for rows in np.split(np.arange(len(sizes)), np.unique(edges)) if len(rows)]
