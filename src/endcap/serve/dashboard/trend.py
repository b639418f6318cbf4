"""Figures and how they went from day to day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Final

from endcap.report.html import table

_WIDTH, _HEIGHT, _EDGE = 240, 48, 3
Values = Sequence[float | None]
DAYS: Final = 28


def sparkline(values: Values, told: str) -> str:
    """Return a small line over days; None is a gap. `told` says in words what it shows."""
    known = [value for value in values if value is not None]
    if not known:
        return f'<svg class="trend" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(told)}"></svg>'
    low, high = min(0.0, *known), max(known)
    step = (_WIDTH - 2 * _EDGE) / max(1, len(values) - 1)

    def place(n: int, value: float) -> str:
        share = (value - low) / (high - low) if high > low else 0.0
        return f"{_EDGE + n * step:.1f} {_HEIGHT - _EDGE - share * (_HEIGHT - 2 * _EDGE):.1f}"

    path, pen = [], "M"
    for n, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        path.append(pen + place(n, value))
        pen = "L"
    last = max(n for n, value in enumerate(values) if value is not None)
    end = f"M{place(last, values[last] or 0.0)}h0"  # a dot, as round as the pen
    return (
        f'<svg class="trend" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(told)}"><path d="{"".join(path)}"/><path class="end" d="{end}"/></svg>'
    )


def figure_with_trend(name: str, now: str, values: Values, form: str) -> str:
    """Return a card: a figure's name, what it is now, and its days as a line; `form` is how a value is written."""
    known = [value for value in values if value is not None]
    span = f"{min(known):{form}} to {max(known):{form}} a day" if known else "nothing yet"
    return (
        f'<div class="card"><h3>{escape(name)}</h3><p class="now">{escape(now)}</p>'
        f"{sparkline(values, f'{name} over {len(values)} days: {span}')}<small>{escape(span)}</small></div>"
    )


def as_table(days: Sequence[date], columns: dict[str, tuple[Values, str]]) -> str:
    """Return the days behind the lines, folded away, newest first."""
    rows = [
        (f"{day:%a %d %b}", ["-" if values[n] is None else f"{values[n]:{form}}" for values, form in columns.values()])
        for n, day in reversed(list(enumerate(days)))
    ]
    return f"<details><summary>The same as a table</summary>{table('By day', ('day', *columns), rows)}</details>"
