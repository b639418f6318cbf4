"""Small pieces of a page; all text that goes in is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape

from endcap.report.charts import Chart


def figure(chart: Chart, name: str, title: str, alt: str, caption: str = "") -> str:
    """Return a chart with its title; `alt` says in words what it shows, `name` is unique on the page."""
    # A "<" in a script element could end it, whatever its type.
    data = json.dumps(chart, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    told = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return (
        f'<figure><h3>{escape(title)}</h3><div role="img" aria-label="{escape(alt)}" data-chart="{name}" '
        f'style="min-height:{chart["layout"]["height"]}px"></div>{told}'
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
