"""The page of key figures: what is asked, what comes of it, what comes in."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, Final

import polars as pl

from endcap.data.schema import EVENT, ITEM, TIME, USER
from endcap.report.html import paragraph, section, table, tiles, with_small
from endcap.serve.live import Live

_DAYS: Final = 28
_NEWEST: Final = 15


def today(live: Live) -> str:
    """Return the page's content."""
    now = datetime.now(UTC).replace(tzinfo=None)
    since = now - timedelta(days=_DAYS)
    store = live.store
    given = store.answers.given(_micro(since))
    last = store.events.last()
    newest, _ = store.events.since(max(0, last - 2000))
    return "".join((_figures(live, given, newest, now), _surfaces(live, since), _days(given, now), _events(newest)))


def _figures(live: Live, given: pl.DataFrame, newest: pl.DataFrame, now: datetime) -> str:
    day = given.filter(pl.col("at") >= now - timedelta(days=1))
    learned = datetime.fromtimestamp(live.engine.model.interactions_.newest / 1e6, UTC).replace(tzinfo=None)
    recent = newest.filter(pl.col(TIME) >= now - timedelta(days=1)) if TIME in newest.columns else newest.clear()
    fallback = float(day["fallback"].cast(pl.Float64).mean() or 0)  # type: ignore[arg-type]
    return tiles(
        {
            "answers in 24 hours": f"{len(day):,}",
            "of them with a fallback": "-" if day.is_empty() else f"{fallback:.1%}",
            "events in 24 hours": f"{len(recent):,}" + ("+" if len(recent) >= 2000 else ""),
            "products to be had": f"{int(live.engine.shelf.eligible.sum()):,}",
            "the model knows events until": f"{learned:%Y-%m-%d}",
        }
    )


def _surfaces(live: Live, since: datetime) -> str:
    found = live.shop.performance(_micro(since), window=timedelta(days=7))
    if found.is_empty():
        told = paragraph("No recommendation has been asked for yet. Ask: POST /api/v1/recommend, described at /docs.")
        return section("surfaces", "Surfaces", told)
    rows = [(row["surface"], _cells(row)) for row in found.iter_rows(named=True)]
    head = ("surface", "model", "answers", "fallback", "clicks", "click-through", "purchases", "revenue", "coverage")
    return section("surfaces", "Surfaces", table(f"The last {_DAYS} days, 95 % intervals", head, rows, text=(1,)))


def _cells(row: dict[str, Any]) -> list[str]:
    through = "-"
    if not math.isnan(row["click_through"]):
        low, high = row["click_through_low"], row["click_through_high"]
        through = with_small(f"{row['click_through']:.2%}", f"{low:.2%} to {high:.2%}")
    revenue = with_small(f"{row['revenue']:,.0f}", f"{row['revenue_low']:,.0f} to {row['revenue_high']:,.0f}")
    return [
        escape(row["model"]),
        f"{row['answers']:,}",
        f"{row['fallback']:.1%}",
        f"{row['clicks']:,.0f}",
        through,
        f"{row['purchases']:,.1f}",
        revenue,
        "-" if math.isnan(row["coverage"]) else f"{row['coverage']:.1%}",
    ]


def _days(given: pl.DataFrame, now: datetime) -> str:
    if given.is_empty():
        return ""
    counts = dict(given.group_by(pl.col("at").dt.date()).len().iter_rows())
    most = max(counts.values())
    days = [(now - timedelta(days=back)).date() for back in range(13, -1, -1)]
    rows = []
    for day in days:
        count = counts.get(day, 0)
        rows.append(
            (f"{day:%a %d %b}", [f"{count:,}", f'<span class="bar" style="width:{12 * count / most:.2f}em"></span>'])
        )
    return section("days", "Answers by day", table("The last fourteen days", ("day", "answers", ""), rows, text=(2,)))


def _events(newest: pl.DataFrame) -> str:
    tail = newest.tail(_NEWEST).reverse()
    if tail.is_empty():
        return section("events", "Newest events", paragraph("None yet."))
    rows = [
        (
            str(row[USER]),
            [
                escape(str(row[EVENT])),
                escape(str(row[ITEM])),
                "" if row.get(TIME) is None else f"{row[TIME]:%Y-%m-%d %T}",
            ],
        )
        for row in tail.iter_rows(named=True)
    ]
    head = ("shopper", "event", "product", "time")
    return section("events", "Newest events", table("As they came in", head, rows, text=(1, 2, 3)))


def _micro(time: datetime) -> int:
    return int(time.replace(tzinfo=UTC).timestamp() * 1_000_000)
