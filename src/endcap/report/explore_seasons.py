"""`endcap explore`: the section about weekdays, hours and months."""

from __future__ import annotations

import polars as pl

from endcap.exploration.findings import Findings
from endcap.exploration.seasons import Seasons
from endcap.exploration.words import WEEKDAYS, plain
from endcap.report import explore_charts
from endcap.report.html import figure, section, table

_DAYS_OF_A_MONTH = 10  # with fewer in the data, a month's average says little


def seasons_section(found: Findings) -> str:
    """Return the rhythm of week, day and year."""
    when = found.seasons
    if when is None:
        return ""
    parts = ["<div class=pair>", _weekdays(when, found.word), _months(when, found.word), "</div>"]
    if when.hours is not None:
        parts.append(_hours(when, found.word))
    return section("seasons", "When they come", "".join(parts))


def _weekdays(when: Seasons, word: str) -> str:
    a_day = when.weekdays["a_day"].to_list()
    days = when.weekdays["weekday"].to_list()
    names = [WEEKDAYS[day - 1] for day in days]
    best, least = names[a_day.index(max(a_day))], names[a_day.index(min(a_day))]
    swing = when.weekday_swing
    told = f"{best} is the busiest day, {least} the quietest"
    told += f", by {swing:.1f} to 1." if swing is not None else f": nothing happens on {least}."
    told += " Test on whole weeks, so that no weekday counts more than others."
    return figure(
        explore_charts.columns(
            [n[:3] for n in names], a_day, "%{x}: %{y:,.0f}", across="", up=f"{word} a day", words=True
        ),
        "chart-weekdays",
        "Weekdays",
        told,
        told,
        behind=table(
            "By weekday", ["Weekday", f"{word} a day"], [(n, [plain(v)]) for n, v in zip(names, a_day, strict=True)]
        ),
    )


def _months(when: Seasons, word: str) -> str:
    whole = when.months.filter(pl.col("days") >= _DAYS_OF_A_MONTH)
    if whole.is_empty():
        return ""
    months, a_day = whole["month"].to_list(), whole["a_day"].to_list()
    top = months[a_day.index(max(a_day))]
    told = f"The busiest month was {top:%B %Y}. "
    told += (
        "A whole year is there, but only a second one tells season from growth."
        if when.whole_year
        else "Not every month of a year is there, so seasons can't be told from growth yet."
    )
    rows = [(f"{m:%Y-%m}", [str(d), plain(v)]) for m, d, v in zip(months, whole["days"], a_day, strict=True)]
    return figure(
        explore_charts.columns(
            [m.isoformat() for m in months],
            a_day,
            "%{x|%b %Y}: %{y:,.0f}",
            across="",
            up=f"{word} a day",
            colour="--second",
        ),
        "chart-months",
        "Months",
        told,
        told,
        behind=table("By month", ["Month", "days in the data", f"{word} a day"], rows),
    )


def _hours(when: Seasons, word: str) -> str:
    assert when.hours is not None  # noqa: S101 - asked before
    taken = when.hours["taken"].to_list()
    grid = [taken[24 * day : 24 * day + 24] for day in range(7)]
    names = [day[:3] for day in WEEKDAYS]
    text = [[f"{WEEKDAYS[d]} {h}:00 to {h + 1}:00: {n:,}" for h, n in enumerate(row)] for d, row in enumerate(grid)]
    at = max(range(len(taken)), key=taken.__getitem__)
    told = (
        f"Most {word} fall on {WEEKDAYS[at // 24]} between {at % 24}:00 and {at % 24 + 1}:00, in the clock of the data "
        "(UTC where it came with a time zone). Retrain when it is quiet."
    )
    rows = [(name, [f"{n:,}" for n in row]) for name, row in zip(names, grid, strict=True)]
    return (
        '<div class="above">'
        + figure(
            explore_charts.heat([str(h) for h in range(24)], names, grid, text, across="hour"),
            "chart-hours",
            "Hours of the week",
            told,
            told,
            behind=table(f"{word.capitalize()} by weekday and hour", ["", *map(str, range(24))], rows),
        )
        + "</div>"
    )
