"""The page: one file of HTML that needs nothing else, not even a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from endcap.data.events import Events
from endcap.data.schema import ITEM
from endcap.exploration.summary import Summary, summarise
from endcap.files import write_whole
from endcap.report.data_section import data_section, key_figures
from endcap.report.html import document, paragraph
from endcap.report.models_section import headline, method_section, models_section
from endcap.report.segments_section import beyond_section, segments_section

if TYPE_CHECKING:
    from endcap.evaluation.comparison import Comparison


@dataclass(frozen=True)
class Example:
    """A shopper, what they took, and what they are recommended."""

    name: str
    bought: Sequence[tuple[str, int]]
    """Products by name and how often they were taken, the most often first."""
    recommended: Sequence[tuple[str, str]]
    """Products by name and why they are recommended, best first."""
    new: Sequence[tuple[str, str]] = ()
    """The same of what the shopper never took, where repeats are recommended too."""


def write_report(
    path: str | Path,
    *,
    title: str,
    events: Events,
    items: pl.DataFrame | None = None,
    comparison: Comparison | None = None,
    examples: Sequence[Example] = (),
) -> Path:
    """Write a page about a shop's events, a comparison of models, and examples of what they recommend.

    Parameters
    ----------
    path
        The file to write; one already there is replaced at once or, on an error, stays whole.
    title
        The shop's name.
    events
        All of them.
    items
        The catalogue; products are shown by its `title`, or else by their id.
    comparison
        Of `endcap.compare`; without it, the page is about the events alone.
    examples
        Some shoppers.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DataError
        Where there are no events.
    StorageError
        Where the file can't be written.
    """
    path = Path(path)
    write_whole(path, _page(title, summarise(events), _titles(items), comparison, examples).encode())
    return path


def _page(
    title: str,
    summary: Summary,
    titles: Mapping[Any, str],
    comparison: Comparison | None,
    examples: Sequence[Example],
) -> str:
    head = headline(comparison) if comparison is not None else f"<h1>{escape(title)}</h1>"
    body = [
        f"<header><p class=shop>{escape(_shop_line(title, summary))}</p>{head}{key_figures(summary)}</header>",
        "<main id=main>",
        models_section(comparison) if comparison is not None else "",
        segments_section(comparison) + beyond_section(comparison) if comparison is not None else "",
        _examples_section(examples),
        data_section(summary, titles),
        method_section(comparison) if comparison is not None else "",
        "</main>",
    ]
    return document(f"{title}: recommendations", "".join(body))


def _examples_section(examples: Sequence[Example]) -> str:
    if not examples:
        return ""
    cards = "".join(_card(example) for example in examples)
    lead = paragraph("What they took most, and what they are recommended, with the reason.", "lead")
    return (
        "<section aria-labelledby=examples><h2 id=examples>Some shoppers</h2>"
        f"{lead}<div class=shoppers>{cards}</div></section>"
    )


def _card(example: Example) -> str:
    bought = "".join(
        f"<li><span>{escape(name)}</span><span class=times>{times:,} ×</span></li>" for name, times in example.bought
    )
    new = f"<h4>Of what is new to them</h4>{_with_reasons(example.new)}" if example.new else ""
    return (
        f"<article class=card><h3>{escape(example.name)}</h3><h4>Took most</h4><ul>{bought}</ul>"
        f"<h4>Is recommended</h4>{_with_reasons(example.recommended)}{new}</article>"
    )


def _with_reasons(products: Sequence[tuple[str, str]]) -> str:
    lines = (f"<li><span>{escape(name)}</span><small>{escape(reason)}</small></li>" for name, reason in products)
    return f"<ol>{''.join(lines)}</ol>"


def _shop_line(title: str, summary: Summary) -> str:
    if summary.first is None or summary.last is None:
        return title
    return f"{title} · {summary.first:%Y-%m-%d} to {summary.last:%Y-%m-%d}"


def _titles(items: pl.DataFrame | None) -> dict[Any, str]:
    if items is None or "title" not in items.columns:
        return {}
    return dict(items.select(ITEM, "title").drop_nulls().iter_rows())
