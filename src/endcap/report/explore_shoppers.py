"""`endcap explore`: the sections about shoppers, and about what is new."""

from __future__ import annotations

from datetime import date

from endcap.exploration.activity import Activity, Return
from endcap.exploration.cohorts import Cohorts
from endcap.exploration.findings import Findings
from endcap.exploration.newcomers import Newcomers
from endcap.exploration.words import at_most, count, percent
from endcap.report import charts, explore_charts
from endcap.report.html import figure, paragraph, section, table

_COHORTS_SHOWN = 18


def shoppers_section(found: Findings) -> str:
    """Return how active shoppers are and whether they come back."""
    parts = []
    if found.over_time is not None:
        parts.append(_over_time(found))
    parts.append("<div class=pair>")
    parts.append(_activity(found.activity, found.word))
    if found.returning is not None and found.returning.median is not None:
        parts.append(_gaps(found.returning))
    parts.append("</div>")
    if found.cohorts is not None:
        parts.append(_cohorts(found.cohorts))
    return section("shoppers", "Who comes, and who comes back", "".join(parts))


def _over_time(found: Findings) -> str:
    periods = found.over_time
    assert periods is not None  # noqa: S101 - asked before
    low, high = min(periods["events"]), max(periods["events"])
    rows = [(f"{start:%Y-%m-%d}", [f"{events:,}", f"{users:,}"]) for start, events, users in periods.iter_rows()]
    return figure(
        charts.over_time(periods, found.period, found.word),
        "chart-time",
        f"{found.word.capitalize()} by {found.period}",
        f"Between {low:,} and {high:,} {found.word} a {found.period}",
        f"Between {low:,} and {high:,} {found.word} a {found.period}, in full {found.period}s counted back from the "
        "last event. Models are tested on the newest stretch: where it looks unlike the rest, results there say "
        "little.",
        behind=table(f"By {found.period}", ["From", found.word, "shoppers"], rows),
    )


def _activity(active: Activity, word: str) -> str:
    rows = [
        (f"{low:,}" if low == high else f"{low:,} to {high:,}", [f"{users:,}"])
        for low, high, users in active.classes.iter_rows()
    ]
    most = at_most(int(active.median), word.removesuffix("s"), word)
    told = (
        f"Half of {count(active.shoppers, 'shopper')} have {most}; the most active tenth have "
        f"{percent(active.top_10_percent)} of all. What is recommended to the others rests on little: fallbacks "
        "matter for them."
    )
    return figure(
        charts.activity(active.classes, word),
        "chart-activity",
        "How active shoppers are",
        told,
        told,
        behind=table(f"Shoppers by their {word}", [word.capitalize(), "shoppers"], rows),
    )


def _gaps(back: Return) -> str:
    ends, times = back.gaps["days"].to_list(), back.gaps["times"].to_list()
    names = [str(end) if back.width == 1 else f"{end - back.width + 1} to {end}" for end in ends]
    told = (
        f"{percent(back.one_time)} of shoppers came on a single day. When others come back, half do within "
        f"{back.median:.0f} days, three quarters within {back.three_quarters:.0f}: a reminder or a mail is due about "
        f"then. ({count(back.beyond, 'longer pause')} than shown.)"
    )
    unit = "days" if back.width == 1 else "days, week by week"
    shown = explore_charts.columns(
        ends,
        times,
        "%{x} days: %{y:,} times",
        across=f"{unit} until the next",
        up="times",
        colour="--second",
        zoom=True,
    )
    rows = [(name, [f"{n:,}"]) for name, n in zip(names, times, strict=True) if n]
    return figure(
        shown,
        "chart-gaps",
        "How long until they come back",
        told,
        told,
        behind=table("Days between two visits that took something", ["Days", "times"], rows),
    )


def _cohorts(months: Cohorts) -> str:
    first = months.sizes["cohort"].to_list()[-_COHORTS_SHOWN:]
    cells = {
        (cohort, age): (n, share)
        for cohort, age, n, share in months.table.iter_rows()
        if months.unfinished is None or _months_after(cohort, age) < months.unfinished
    }
    first = [cohort for cohort in first if (cohort, 1) in cells]
    oldest = max((age for cohort, age in cells if cohort in set(first)), default=0)
    if oldest == 0:
        return ""
    ages = list(range(1, oldest + 1))
    sizes = dict(months.sizes.iter_rows())
    known = [[cells.get((cohort, age)) for age in ages] for cohort in first]
    text = [
        [
            ""
            if cell is None
            else f"first in {cohort:%b %Y}: {percent(cell[1])} of {sizes[cohort]:,} came {age} months later"
            for age, cell in zip(ages, row, strict=True)
        ]
        for cohort, row in zip(first, known, strict=True)
    ]
    names = [f"{cohort:%b %Y}" for cohort in first]
    shares = [[None if cell is None else cell[1] for cell in row] for row in known]
    grid = explore_charts.heat([str(age) for age in ages], names, shares, text, across="months later")
    table_rows = [
        (name, [f"{sizes[cohort]:,}", *("" if share is None else percent(share) for share in row)])
        for name, cohort, row in zip(names, first, shares, strict=True)
    ]
    soon, later = months.share_after(1), months.share_after(3)
    most = max(share for row in shares for share in row if share is not None)
    told = (
        "Each row is the shoppers of one month; the stronger the colour, the more of them came back so many months "
        f"later, from none to {percent(most)}."
    )
    if soon is not None:
        told += f" Of all, {percent(soon)} were back one month later"
        told += f", {percent(later)} three months later." if later is not None else "."
    told += " The first rows hold old customers too, who were there before the data begin"
    told += "; the last month isn't over and left out." if months.unfinished else "."
    return (
        '<div class="above">'
        + figure(
            grid,
            "chart-cohorts",
            "Shoppers by their first month, and how many return",
            told,
            told,
            behind=table("Share back after months", ["First in", "shoppers", *map(str, ages)], table_rows),
        )
        + "</div>"
    )


def _months_after(month: date, number: int) -> date:
    whole = month.year * 12 + month.month - 1 + number
    return date(whole // 12, whole % 12 + 1, 1)


def newcomers_section(found: Findings) -> str:
    """Return how much is about shoppers and products that no model can know yet."""
    return "" if found.newcomers is None else _newcomers(found.newcomers, found.word)


def _newcomers(new: Newcomers, word: str) -> str:
    shown = new.periods[1:]  # of the first, everything is new
    start = [f"{t:%Y-%m-%d}" for t in shown["start"]]
    series = [
        ("new shoppers", shown["new_users"].to_list(), "--second"),
        ("new products", shown["new_items"].to_list(), "--accent"),
    ]
    every = "week" if new.period == "week" else "four weeks"
    told = (
        f"If a model were trained anew every {every}, then, over the later half of the time, it would not "
        f"know the shopper of {percent(new.new_users)} of {word} and the product of {percent(new.new_items)}; either, "
        f"of {percent(new.either)}."
    )
    advice = (
        "New shoppers are served from their first event on, without retraining; new products only by what the "
        "catalogue says of them, or by a place of their own for new arrivals."
    )
    rows = [
        (day, ["" if v is None else percent(v) for v in values])
        for day, values in zip(start, shown.select("new_users", "new_items", "either").iter_rows(), strict=True)
    ]
    return section(
        "cold",
        "What nobody has seen before",
        paragraph(advice, "lead")
        + figure(
            explore_charts.lines(
                start,
                series,
                f"{every} from %{{x|%-d %b %Y}}: %{{y:.1%}} by or of %{{fullData.name}}",
                across="",
                up=f"share of {word}",
                percent=True,
                zoom=True,
            ),
            "chart-cold",
            f"{word.capitalize()} by new shoppers and of new products",
            told,
            told,
            behind=table("Shares by period", ["From", "new shoppers", "new products", "either"], rows),
        ),
    )
