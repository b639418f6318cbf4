"""Small pieces of a page; all text that goes in is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files

from endcap.report.charts import Chart


def document(title: str, body: str) -> str:
    """Return the whole page around a body with an element `main`; it needs nothing else, not even a network."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_file('page.css')}</style></head>"
        f'<body><a class="skip" href="#main">Skip to the content</a>{body}'
        "<footer>Made by Endcap. This file works offline and holds no more than what you see.</footer>"
        f"<script>{_plotly()}</script><script>{_file('page.js')}</script></body></html>"
    )


def _file(name: str) -> str:
    return (files("endcap.report") / name).read_text("utf-8")


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def section(name: str, title: str, body: str) -> str:
    """Return a part of the page under its heading; `name` is where links lead."""
    return f"<section aria-labelledby={name}><h2 id={name}>{escape(title)}</h2>{body}</section>"


def tiles(figures: Mapping[str, str]) -> str:
    """Return figures by their names, big and side by side."""
    shown = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in figures.items())
    return f"<dl class=tiles>{shown}</dl>"


def figure(chart: Chart, name: str, title: str, alt: str, caption: str = "", *, behind: str = "") -> str:
    """Return a chart with its title; `alt` says in words what it shows, `name` is unique on the page.

    `behind` is the same as a table, folded away.
    """
    # A "<" in a script element could end it, whatever its type.
    data = json.dumps(chart, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    told = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    folded = f"<details><summary>The same as a table</summary>{behind}</details>" if behind else ""
    return (
        f'<figure><h3>{escape(title)}</h3><div role="img" aria-label="{escape(alt)}" data-chart="{name}" '
        f'style="min-height:{chart["layout"]["height"]}px"></div>{told}{folded}'
        f'<script type="application/json" id="{name}">{data}</script></figure>'
    )


def table(
    caption: str,
    head: Iterable[str],
    rows: Iterable[tuple[str, list[str]]],
    *,
    best: str = "",
    text: Iterable[int] = (),
) -> str:
    """Return a table; a row is its name and its cells, which are HTML already; columns in `text` hold words."""
    wordy = set(text)

    def kind(column: int) -> str:
        return ' class="text"' if column in wordy else ""

    top = "".join(f'<th scope="col"{kind(n)}>{escape(h)}</th>' for n, h in enumerate(head))
    body = "".join(
        f'<tr{" class=best" if row_name == best else ""}><th scope="row">{escape(row_name)}</th>'
        + "".join(f"<td{kind(n)}>{cell}</td>" for n, cell in enumerate(cells, 1))
        + "</tr>"
        for row_name, cells in rows
    )
    name = escape(caption)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table><caption>{name}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def with_small(value: str, small: str) -> str:
    """Return a value with a smaller line below it."""
    return f"{escape(value)}<small>{escape(small)}</small>"


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph."""
    return f"<p{f' class={kind}' if kind else ''}>{escape(text)}</p>"
