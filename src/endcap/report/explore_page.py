"""The page of `endcap explore`: one file of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from endcap.exploration.findings import Findings
from endcap.exploration.suggestions import Suggestion
from endcap.exploration.words import percent, plain
from endcap.report.explore_habits import funnel_section, repeats_section, together_section
from endcap.report.explore_products import products_section
from endcap.report.explore_seasons import seasons_section
from endcap.report.explore_shoppers import newcomers_section, shoppers_section
from endcap.report.html import document, section, tiles

_SECTIONS = (
    ("try", "What to try"),
    ("shoppers", "Shoppers"),
    ("products", "Products"),
    ("repeats", "Repeats"),
    ("together", "Together"),
    ("cold", "New ones"),
    ("seasons", "Seasons"),
    ("funnel", "Funnel"),
    ("missing", "Open questions"),
)


def explore_page(title: str, found: Findings, lines: Sequence[str], suggestions: Sequence[Suggestion]) -> str:
    """Return the page as HTML."""
    main = [
        _try(suggestions),
        shoppers_section(found),
        products_section(found),
        repeats_section(found),
        together_section(found),
        newcomers_section(found),
        seasons_section(found),
        funnel_section(found),
        _missing(found),
    ]
    there = "".join(main)
    links = "".join(f'<li><a href="#{name}">{label}</a></li>' for name, label in _SECTIONS if f"id={name}>" in there)
    short = "".join(f"<li>{escape(line)}</li>" for line in lines)
    size = found.size
    when = f" · {size.first:%Y-%m-%d} to {size.last:%Y-%m-%d}" if size.first and size.last else ""
    return document(
        f"{title}: what the data say",
        f"<header><p class=shop>{escape(title)}{when}</p><h1>What the data say</h1>{tiles(_tiles(found))}"
        f'<nav class=contents aria-label="Sections"><ul>{links}</ul></nav></header>'
        f"<main id=main><section aria-labelledby=short><h2 id=short>In short</h2><ol class=ten>{short}</ol></section>"
        f"{there}</main>",
    )


def _tiles(found: Findings) -> dict[str, str]:
    size = found.size
    shown = {"shoppers": f"{size.users:,}", "products": f"{size.items:,}", "events": f"{size.events:,}"}
    if size.orders is not None:
        shown["orders"] = f"{size.orders:,}"
    if size.revenue is not None:
        shown["revenue"] = plain(size.revenue)
    if size.order_value is not None:
        shown["median order"] = plain(size.order_value)
    shown[f"of {found.word} are repeats"] = percent(found.repeats.share)
    return shown


def _try(suggestions: Sequence[Suggestion]) -> str:
    cards = "".join(
        f"<li><h3>{escape(one.advice)}</h3><p>{escape(one.why)}</p>"
        + (f"<p>{' '.join(f'<code>{escape(name)}</code>' for name in one.models)}</p>" if one.models else "")
        + "</li>"
        for one in suggestions
    )
    lead = (
        "Read from the figures below. Whether it holds, a comparison on your own newest weeks tells: endcap evaluate."
    )
    return section("try", "What to try", f"<p class=lead>{lead}</p><ul class=try>{cards}</ul>")


def _missing(found: Findings) -> str:
    if not found.missing:
        return ""
    rows = "".join(
        f"<li>{escape(question[0].upper() + question[1:])}: needs {escape(needs)}.</li>"
        for question, needs in found.missing
    )
    return section("missing", "What these data can't tell", f"<ul class=notes>{rows}</ul>")
