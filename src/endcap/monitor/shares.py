"""Shares of a day's answers and events that ought to be small."""

from __future__ import annotations

from typing import Final

import polars as pl

from endcap.monitor.reading import Bounds, Reading, too_little

FEWEST: Final = 100
"""Of fewer answers or events no share is judged."""
_WHAT: Final = {
    "fallback": "were filled by another source than the shop's model",
    "short": "held fewer products than were asked for",
    "empty": "held no product at all",
}
_DO: Final = {
    "fallback": "do the ids that pages send match those of the events (endcap monitor: unknown_items; GET /users/ID)? "
    "Does the model know the shoppers: train on newer events (endcap retrain)",
    "short": "a filter or the stock leaves too few products: look at one such request under /shopper, loosen the "
    "filter of the surface or of the request, or check availability in the catalogue",
    "empty": "nothing passes: look at the surface's filter, at availability in the catalogue and at what the page asks",
}


def share_of_answers(name: str, sums: pl.DataFrame, which: str, bounds: Bounds, among: list[str] | None) -> Reading:
    """Return how many of the answers are so, on the surface where it is worst.

    Parameters
    ----------
    name
        The monitor's.
    sums
        Of the time that is looked at: `name, kind, value`, as `Hours.read` returns them.
    which
        `fallback`, `short` or `empty`.
    bounds
        Of the share.
    among
        The surfaces that are looked at; None: all.
    """
    wide = sums.filter(pl.col("name").is_in(["answers", which]))
    if among is not None:
        wide = wide.filter(pl.col("kind").is_in(among))
    wide = wide.group_by("kind").agg(
        n=pl.col("value").filter(pl.col("name") == "answers").sum(),
        hits=pl.col("value").filter(pl.col("name") == which).sum(),
    )
    wide = wide.filter(pl.col("n") >= FEWEST).with_columns(share=pl.col("hits") / pl.col("n"))
    if wide.is_empty():
        return too_little(name, f"no surface gave {FEWEST} answers within a day")
    worst = wide.sort("share", "kind", descending=[True, False]).row(0, named=True)
    share = float(worst["share"])
    state = bounds.judge(share)
    told = f"{share:.1%} of the {worst['n']:,.0f} answers of {worst['kind']} in a day {_WHAT[which]}"
    others = [str(kind) for kind in wide.filter(pl.col("share") >= bounds.warn)["kind"].sort() if kind != worst["kind"]]
    if others:
        told += f"; {', '.join(others)} as well"
    told += f". What to do: {_DO[which]}." if state in {"warn", "alarm"} else ", the most of any surface."
    return Reading(name, state, share, f"{share:.1%}", f"{bounds.warn:.1%} / {bounds.alarm:.1%}", told)


def unknown_items(name: str, sums: pl.DataFrame, bounds: Bounds) -> Reading:
    """Return how many of the events name a product that the catalogue didn't have when they came in."""
    counts = dict(sums.group_by("name").agg(pl.col("value").sum()).iter_rows())
    n, hits = counts.get("named", 0.0), counts.get("unknown", 0.0)
    if n < FEWEST:
        return too_little(name, f"fewer than {FEWEST} events came in within a day while there was a catalogue")
    share = hits / n
    state = bounds.judge(share)
    told = f"{share:.1%} of the {n:,.0f} events of a day name a product that the catalogue doesn't have"
    if state in {"warn", "alarm"}:
        told += (
            ", and such a product is never shown. What to do: import the catalogue anew (endcap import --items), or "
            "send the ids that the catalogue has: a variant's and a product's id are easily mixed up"
        )
    return Reading(name, state, share, f"{share:.1%}", f"{bounds.warn:.1%} / {bounds.alarm:.1%}", told + ".")
