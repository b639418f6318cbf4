"""The page of the monitors, and the strip that says on the first page what they found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from endcap.monitor.reading import WORSE
from endcap.report.html import paragraph, table
from endcap.store.alarms import Standing

_WORDS = {"unknown": "too little to say", "warn": "warns", "alarm": "alarm", "fine": "fine", "off": "off"}


def monitors(standings: Sequence[Standing]) -> str:
    """Return the page's content."""
    if not standings:
        return paragraph("Nobody has looked yet: a server looks once a minute, and endcap monitor at once.")
    worst = sorted(standings, key=lambda one: -WORSE.index(one.state) if one.state in WORSE else 1)
    rows = [
        (
            one.name,
            [
                f'<span class="state {escape(one.state)}">{_WORDS.get(one.state, one.state)}</span>',
                escape(one.reading["shown"]),
                escape(one.reading["threshold"]),
                f"{datetime.fromtimestamp(one.since / 1e6, UTC):%Y-%m-%d %H:%M}",
                escape(one.reading["told"]),
            ],
        )
        for one in worst
    ]
    head = ("monitor", "state", "figure", "warns / alarm", "since", "what it says")
    lead = paragraph(
        "Looked at once a minute. The limits, and a webhook for alarms, are under [monitors] in endcap.toml."
    )
    return lead + table("The worst first", head, rows, text=(1, 5))


def strip(standings: Sequence[Standing]) -> str:
    """Return a line for each alarm and warning; nothing where there is none."""
    found = [one for state in ("alarm", "warn") for one in standings if one.state == state]
    lines = "".join(
        f'<li><a href="/monitors"><span class="state {one.state}">{_WORDS[one.state]}</span> {escape(one.name)}</a>: '
        f"{escape(one.reading['told'])}</li>"
        for one in found
    )
    return f'<ul class="strip" aria-label="Alarms and warnings">{lines}</ul>' if found else ""
