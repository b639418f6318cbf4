"""The page of key figures: what is asked, what comes of it, what comes in, and how that went over the last weeks."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any, Final

import polars as pl

from endcap.monitoring import personal_surfaces
from endcap.report.html import paragraph, section, table, tiles, with_small
from endcap.serve.dashboard.arrivals import newest, rows_of
from endcap.serve.dashboard.monitors import strip
from endcap.serve.dashboard.trend import DAYS, Values, as_table, figure_with_trend
from endcap.serve.live import Live

_NEWEST: Final = 15


def today(live: Live, surfaces: pl.DataFrame | None) -> str:
    """Return the page's content; `surfaces` is what came of the recommendations, None while that is worked out."""
    now = datetime.now(UTC).replace(tzinfo=None)
    live.store.hours.count(personal_surfaces(live.shop.config))
    hours = live.store.hours.read(_micro(now - timedelta(days=DAYS)))
    events, _ = newest(live, _NEWEST)
    parts = (
        strip(live.store.alarms.all()),
        _figures(live, hours, now),
        _trends(hours, now),
        _surfaces(surfaces),
        section("events", "Newest events", rows_of(events)),
    )
    return "".join(parts)


def last_weeks(live: Live) -> pl.DataFrame:
    """Return what came of the recommendations of the last weeks."""
    since = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=DAYS)
    return live.shop.performance(_micro(since), window=timedelta(days=7))


def _figures(live: Live, hours: pl.DataFrame, now: datetime) -> str:
    day = hours.filter(pl.col("hour") > now - timedelta(days=1))
    sums = dict(day.group_by("name").agg(pl.col("value").sum()).iter_rows())
    learned = datetime.fromtimestamp(live.engine.model.interactions_.newest / 1e6, UTC)
    answers = sums.get("answers", 0)
    return tiles(
        {
            "answers in 24 hours": f"{answers:,.0f}",
            "of them with a fallback": f"{sums['fallback'] / answers:.1%}" if answers else "-",
            "events in 24 hours": f"{sums.get('events', 0):,.0f}",
            "products to be had": f"{int(live.engine.shelf.eligible.sum()):,}",
            "the model knows events until": f"{learned:%Y-%m-%d}",
        }
    )


def _trends(hours: pl.DataFrame, now: datetime) -> str:
    if hours.is_empty():
        return ""
    days = [(now - timedelta(days=back)).date() for back in range(DAYS - 1, -1, -1)]
    begun = hours["hour"].min().date()  # type: ignore[union-attr]
    by_day = {
        (day, name): value
        for day, name, value in hours.group_by(pl.col("hour").dt.date(), "name").agg(pl.col("value").sum()).iter_rows()
    }
    bought = hours.filter(pl.col("name") == "events", pl.col("kind") == "purchase")
    bought_by_day = dict(bought.group_by(pl.col("hour").dt.date()).agg(pl.col("value").sum()).iter_rows())

    def counts(name: str) -> Values:
        return [by_day.get((day, name), 0.0) if day >= begun else None for day in days]

    columns: dict[str, tuple[Values, str]] = {
        "answers": (counts("answers"), ",.0f"),
        "events": (counts("events"), ",.0f"),
        "purchases": ([bought_by_day.get(day, 0.0) if day >= begun else None for day in days], ",.0f"),
        "click-through": (_share(by_day, days, "click", "impression"), ".2%"),
        "fallbacks": (_share(by_day, days, "fallback", "answers"), ".1%"),
        "unknown products": (_share(by_day, days, "unknown", "named"), ".1%"),
    }
    cards = "".join(
        figure_with_trend(name, "-" if values[-1] is None else f"{values[-1]:{form}}", values, form)
        for name, (values, form) in columns.items()
    )
    told = paragraph("What came in over HTTP; today so far, and the days before.", "lead")
    return section("trend", "Day by day", f'{told}<div class="grid">{cards}</div>{as_table(days, columns)}')


def _share(by_day: dict[tuple[date, str], float], days: list[date], part: str, whole: str) -> Values:
    found = []
    for day in days:
        n = by_day.get((day, whole), 0.0)
        found.append(by_day.get((day, part), 0.0) / n if n else None)
    return found


def _surfaces(found: pl.DataFrame | None) -> str:
    if found is None:
        return section("surfaces", "Surfaces", paragraph("Being worked out: come back in a moment."))
    if found.is_empty():
        told = paragraph("No recommendation has been asked for yet. Ask: POST /api/v1/recommend, described at /docs.")
        return section("surfaces", "Surfaces", told)
    rows = [(row["surface"], _cells(row)) for row in found.iter_rows(named=True)]
    head = ("surface", "model", "answers", "fallback", "clicks", "click-through", "purchases", "revenue", "coverage")
    return section("surfaces", "Surfaces", table(f"The last {DAYS} days, 95 % intervals", head, rows, text=(1,)))


def _cells(row: dict[str, Any]) -> list[str]:
    through = "-"
    if not math.isnan(row["click_through"]):
        low, high = row["click_through_low"], row["click_through_high"]
        through = with_small(f"{row['click_through']:.2%}", f"{low:.2%} to {high:.2%}")
    revenue = with_small(f"{row['revenue']:,.0f}", f"{row['revenue_low']:,.0f} to {row['revenue_high']:,.0f}")
    variant = "" if row["variant"] is None else f"{row['experiment']}: {row['variant']}"
    return [
        with_small(row["model"], variant) if variant else escape(row["model"]),
        f"{row['answers']:,}",
        f"{row['fallback']:.1%}",
        f"{row['clicks']:,.0f}",
        through,
        f"{row['purchases']:,.1f}",
        revenue,
        "-" if math.isnan(row["coverage"]) else f"{row['coverage']:.1%}",
    ]


def _micro(time: datetime) -> int:
    return int(time.replace(tzinfo=UTC).timestamp() * 1_000_000)
