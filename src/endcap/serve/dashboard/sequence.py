"""An interval over time as a drawing: shapes that stretch, labels that don't."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final

from endcap.report.html import table

Look = dict[str, Any]
"""`day` (from 1), `difference, low, high`: shares, or None where there is too little to say."""
_STEPS: Final = (1, 2, 5)


def sequence(title: str, looks: Sequence[Look], *, lift: float, first: str, last: str) -> str:
    """Return a figure of a difference with its always-valid interval, day by day; text says the same as a table."""
    told = [look for look in looks if look["low"] is not None]
    newest = told[-1]
    step, low, high = _range(told, lift)
    days = max(1, looks[-1]["day"] - 1)

    def point(look: Look, name: str) -> str:
        x = 100 * (look["day"] - 1) / days
        return f"{x:.2f},{100 * (high - look[name]) / (high - low):.2f}"

    def level(share: float, kind: str) -> str:
        y = 100 * (high - share) / (high - low)
        return f'<line class="{kind}" x1="0" x2="100" y1="{y:.2f}" y2="{y:.2f}"/>'

    band = " ".join([point(look, "high") for look in told] + [point(look, "low") for look in reversed(told)])
    line = " ".join(point(look, "difference") for look in told)
    ticks = [high - n * step for n in range(round((high - low) / step) + 1)]
    shows_lift = lift > (high - low) / 40  # else it would lie on the zero line
    dotted = f" Dotted: the smallest difference that matters, {lift:.1%}." if shows_lift else ""
    limits = level(lift, "lift") + level(-lift, "lift") if shows_lift else ""
    words = (
        f"{title}: {newest['difference']:+.1%} after {newest['day']} days, always-valid 95 % interval "
        f"{newest['low']:+.1%} to {newest['high']:+.1%}"
    )
    rows = [
        (str(look["day"]), [f"{look[name]:+.2%}" for name in ("difference", "low", "high")]) for look in reversed(told)
    ]
    behind = table(f"{title}, the newest day first", ("day", "difference", "from", "to"), rows)
    return (
        f'<figure class="sequence"><h3>{escape(title)}</h3>'
        f'<div class="plot" role="img" aria-label="{escape(words)}">'
        f'<div class="ys">{"".join(f"<span>{_percent(tick, step)}</span>" for tick in ticks)}</div>'
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        f'<polygon class="band" points="{band}"/>'
        f"{''.join(level(tick, 'grid') for tick in ticks)}{level(0.0, 'zero')}"
        f"{limits}"
        f'<polyline class="line" points="{line}"/></svg>'
        f'<div class="xs"><span>{escape(first)}</span><span>{escape(last)}</span></div></div>'
        "<figcaption>The line is the difference from the control; the band holds the truth on all days together with "
        f"95 %.{dotted}</figcaption>"
        f"<details><summary>The same as a table</summary>{behind}</details></figure>"
    )


def _range(told: Sequence[Look], lift: float) -> tuple[float, float, float]:
    """Return a round step and two ends that are multiples of it; the first, wide looks may reach beyond."""
    newer = told[len(told) // 3 :]
    top = max(0.0, lift, *(look["high"] for look in newer))
    bottom = min(0.0, -lift, *(look["low"] for look in newer))
    rough = (top - bottom) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((n * power for n in _STEPS if n * power >= rough), 10 * power)
    return step, math.floor(bottom / step) * step, math.ceil(top / step) * step


def _percent(share: float, step: float) -> str:
    digits = max(0, -math.floor(math.log10(step * 100)))
    return "0 %" if abs(share) < step / 2 else f"{share * 100:+.{digits}f} %"
