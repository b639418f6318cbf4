"""The part of the page about the shop's events, and what they mean for recommending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from endcap.exploration.summary import Summary
from endcap.exploration.words import percent
from endcap.report import charts
from endcap.report.html import figure, paragraph, table, tiles

_REPEATS_MATTER = 0.1


def key_figures(summary: Summary) -> str:
    """Return the size of the shop as tiles."""
    figures = {
        "events": f"{summary.events:,}",
        "shoppers": f"{summary.users:,}",
        "products": f"{summary.items:,}",
        "events a shopper (median)": f"{summary.median_events:,.0f}",
        "of events are repeats": f"{summary.repeat_share:.0%}",
        "of shopper-product pairs seen": percent(summary.density),
    }
    return tiles(figures)


def data_section(summary: Summary, titles: Mapping[Any, str]) -> str:
    """Return the events in charts, each with what it means."""
    parts = ["<section aria-labelledby=data><h2 id=data>The shop's events</h2>"]
    if summary.periods is not None:
        low, high = min(summary.periods["events"]), max(summary.periods["events"])
        parts.append(
            figure(
                charts.over_time(summary.periods, summary.period),
                "chart-time",
                f"Sales over time, by {summary.period}",
                f"Between {low:,} and {high:,} events a {summary.period}",
                f"Full {summary.period}s, counted back from the last event.",
            )
        )
    tail = summary.tail
    top = (
        f"The most taken 1 % of products have {tail.top_1_percent:.0%} of all events, "
        f"10 % have {tail.top_10_percent:.0%}"
    )
    parts += [
        "<div class=pair>",
        figure(
            charts.long_tail(summary.tail),
            "chart-tail",
            "The long tail",
            top,
            f"{top} (Gini {tail.gini:.2f}; dotted: if all were taken alike). {percent(summary.lonely_items)} of "
            "products were taken by a single shopper: little can be learnt about those.",
        ),
        figure(
            charts.activity(summary.activity),
            "chart-activity",
            "How active shoppers are",
            f"The median shopper has {summary.median_events:,.0f} events",
            f"Half of all shoppers have {summary.median_events:,.0f} events or fewer; "
            f"{percent(summary.one_time_users)} have only one, and get recommendations that rest on little.",
        ),
        "</div>",
        "<h3 style='margin-top:28px'>What this means for recommending</h3>",
        paragraph(_sparsity(summary)),
        paragraph(_repeats(summary)),
        _best_sellers(summary, titles),
        "</section>",
    ]
    return "".join(parts)


def _sparsity(summary: Summary) -> str:
    per_item = summary.pairs / summary.items
    return (
        f"Of all pairs of a shopper and a product, {percent(summary.density)} occur: a product is known from "
        f"{per_item:,.1f} shoppers on average. "
        + (
            "That is thin: models that share evidence between products, and best-sellers within a category, help most."
            if per_item < 10
            else "That is enough to learn which products go together, for those that sell."
        )
    )


def _repeats(summary: Summary) -> str:
    share = f"{summary.repeat_share:.0%} of events repeat what the same shopper took before"
    if summary.repeat_share >= _REPEATS_MATTER:
        return f"{share}. Reminding people of what they take regularly is worth a lot here."
    return f"{share}. People look for new things here, so what they have is best left out of recommendations."


def _best_sellers(summary: Summary, titles: Mapping[Any, str]) -> str:
    rows = [
        (titles.get(item, str(item)), [f"{users:,}", f"{users / summary.users:.0%}"])
        for item, users in summary.best_sellers.iter_rows()
    ]
    return table("Best-sellers: what most shoppers took", ["Product", "shoppers", "of all"], rows)
