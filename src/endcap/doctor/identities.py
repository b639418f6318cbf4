"""Ids that are not what they were: formats that change midway, one shopper under several ids."""

from __future__ import annotations

from typing import Final

import polars as pl

from endcap.data.schema import ITEM, TIME, USER
from endcap.doctor.finding import Finding, first_row
from endcap.doctor.moments import usual_times

CHANGED_SHARE: Final = 0.2
"""A form of ids has come or gone where it has this share of one end of the data (a tenth of the events)..."""
GONE_SHARE: Final = 0.01
"""...and less than this of the other."""


def changed_formats(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find ids whose form (letters, digits, signs) is another at the end of the data than at the beginning."""
    if TIME not in frame.columns or len(frame) < 200:
        return []
    found = []
    order = usual_times(frame.select(USER, ITEM, TIME)).sort(TIME)
    end = max(len(order) // 10, min(100, len(order) // 3))
    for column, what in ((USER, "shoppers"), (ITEM, "products")):
        if order.schema[column] != pl.String:
            continue
        ids = order[column].unique()
        forms = dict(zip(ids, _form(ids), strict=True))
        shape = order[column].replace_strict(forms, return_dtype=pl.String)
        early, late = (_shares(part) for part in (shape.head(end), shape.tail(end)))
        came = [form for form, share in late.items() if share >= CHANGED_SHARE and early.get(form, 0) <= GONE_SHARE]
        gone = [form for form, share in early.items() if share >= CHANGED_SHARE and late.get(form, 0) <= GONE_SHARE]
        if came:
            found.append(_changed(order, shape == max(came, key=lambda form: late[form]), column, what, came=True))
        elif gone:
            found.append(_changed(order, shape == max(gone, key=lambda form: early[form]), column, what, came=False))
    return found


def _changed(order: pl.DataFrame, changed: pl.Series, column: str, what: str, *, came: bool) -> Finding:
    """Tell of the events in time order, `changed` being those whose ids have the form that came or went."""
    concerned, others = order.filter(changed), order.filter(~changed)
    # Stray rows don't move the day: a hundredth of them may lie on the other side.
    stray = len(concerned) // 100
    day = concerned[TIME][stray if came else len(concerned) - 1 - stray]
    old, new = (others, concerned) if came else (concerned, others)
    before, after = old[column][0], new[column][-1]
    form = f"are {after!r} and the like from {day:%Y-%m-%d} on" if came else f"are {before!r} until {day:%Y-%m-%d} only"
    return Finding(
        "changed formats",
        f"ids of {what} change: {len(concerned):,} events {form} ({before!r} at the beginning, {after!r} at the end)",
        len(concerned),
        f"if these are the same {what} under new ids, map the old ids to the new ones before importing: "
        "else no history reaches across that day",
        {"before": before, "after": after, TIME: day},
        concerned=pl.Series([day]),
    )


def split_identities(frame: pl.DataFrame, items: pl.DataFrame | None = None) -> list[Finding]:
    """Find ids that are the same but for case, blanks, leading zeros or a number's ".0"."""
    found = []
    for column, what in ((USER, "shoppers"), (ITEM, "products")):
        if frame.schema[column] != pl.String:
            continue
        ids = frame[column].unique().sort().to_frame()
        plain = (
            pl.col(column)
            .str.strip_chars()
            .str.to_lowercase()
            .str.replace(r"\.0$", "")
            .str.replace(r"^0+(\d)", "${1}")
            .str.replace_all(r"\s+", " ")
        )
        several = (
            ids.group_by(plain.alias("plain"))
            .agg(pl.col(column).sort())
            .filter(pl.col(column).list.len() > 1)
            .sort("plain")
        )
        if several.is_empty():
            continue
        concerned = several[column].explode()
        theirs = frame.filter(pl.col(column).is_in(concerned.implode()))
        pair = several[column][0].to_list()
        found.append(
            Finding(
                "split identities",
                f"{len(several):,} {what} come under several ids that differ in case, blanks or zeros only "
                f"(such as {pair[0]!r} and {pair[1]!r}); {len(theirs):,} events",
                len(theirs),
                f"write the ids of {what} in one way at the source"
                + ("; or merge them: endcap import --identities FILE" if column == USER else ""),
                first_row(theirs),
                concerned=concerned,
            )
        )
    return found


def _form(ids: pl.Series) -> pl.Series:
    """Return the form of ids: A for capitals, a for letters, 9 for digits, 0 in front where zeros lead."""
    return (
        ids.str.replace_all(r"[A-Z]+", "A")
        .str.replace_all(r"[a-z]+", "a")
        .str.replace(r"^0+\d", "0")
        .str.replace_all(r"[1-9]\d*|(?:\D)0\d*", "9")
        .str.replace_all(r"[\p{L}--[Aa]]+", "l")
    )


def _shares(shape: pl.Series) -> dict[str, float]:
    return dict(shape.value_counts(normalize=True, name="share").iter_rows())
