"""Columns that don't say what they seem to say, and products that only one of the tables knows."""

from __future__ import annotations

from typing import Final

import polars as pl

from endcap.data.schema import EVENT, ITEM, PRICE, QUANTITY, RATING
from endcap.doctor.finding import Finding, first_row

LEAKING_SHARE: Final = 0.95
"""A rating is another column in disguise where it equals it in so many of its events."""


def leaking_columns(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find ratings that are no ratings: another column in disguise, or one value throughout."""
    if RATING not in frame.columns or frame[RATING].null_count() == len(frame):
        return []
    rated = frame.filter(pl.col(RATING).is_not_null())
    reason, enough = "", LEAKING_SHARE * len(rated)
    most = rated[RATING].value_counts(name="n").sort("n", RATING, descending=[True, False]).row(0)
    if most[1] >= enough:
        share = "all" if most[1] == len(rated) else f"{most[1] / len(rated):.1%}"
        reason = f"is {most[0]} in {share} of them, so it says no more than that there was an event"
    elif EVENT in rated.columns and _follows(rated, EVENT):
        reason = "follows from the kind of event alone"
    for column in (QUANTITY, PRICE):
        if not reason and column in rated.columns and int((rated[RATING] == rated[column]).sum()) >= enough:
            reason = f"is the {column}"
    if not reason:
        return []
    return [
        Finding(
            "leaking columns",
            f"{len(rated):,} events have a rating, but it {reason}: a model that learns to predict it learns nothing",
            len(rated),
            'don\'t use it as a rating: name another column, or none (rating = "-" under [columns])',
            first_row(rated),
            concerned=pl.Series([RATING]),
        )
    ]


def _follows(rated: pl.DataFrame, column: str) -> bool:
    usual = rated.group_by(column, RATING).len().group_by(column).agg(pl.col("len").max())
    return len(usual) > 1 and int(usual["len"].sum()) >= LEAKING_SHARE * len(rated)


def catalogue(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find products that are sold but not in the catalogue, and the reverse."""
    if items is None or ITEM not in items.columns:
        return []
    text = frame[ITEM].dtype == pl.String
    sold = frame[ITEM].unique()
    known = items[ITEM].cast(pl.String if text else sold.dtype, strict=False).drop_nulls().unique()
    missing, idle = sold.filter(~sold.is_in(known.implode())).sort(), known.filter(~known.is_in(sold.implode())).sort()
    found = []
    if len(missing):
        theirs = frame.filter(pl.col(ITEM).is_in(missing.implode()))
        found.append(
            Finding(
                "not in the catalogue",
                f"{len(missing):,} of {len(sold):,} products in the events ({len(theirs):,} events) are not in the "
                f"catalogue, such as {missing[0]!r}",
                len(missing),
                "import the whole catalogue, old products included; what isn't in it can't be filtered or shown",
                first_row(theirs),
                concerned=missing,
            )
        )
    if len(idle):
        found.append(
            Finding(
                "never sold",
                f"{len(idle):,} of {len(known):,} products of the catalogue are in no event, such as {idle[0]!r}",
                len(idle),
                "nothing, where these are new; they can be recommended by their attributes only",
                {ITEM: idle[0]},
                concerned=idle,
            )
        )
    return found
