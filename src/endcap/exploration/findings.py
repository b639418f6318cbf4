"""All answers about a shop's events, and the questions that the data can't answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar, cast

import polars as pl

from endcap.data.events import Events
from endcap.data.schema import TRANSACTION
from endcap.exploration.activity import Activity, Return, Sessions, activity, returning, sessions
from endcap.exploration.catalogue import Catalogue, read_catalogue
from endcap.exploration.cohorts import Cohorts, cohorts
from endcap.exploration.debuts import Debuts, debuts
from endcap.exploration.funnel import Funnel, funnel
from endcap.exploration.newcomers import Newcomers, newcomers
from endcap.exploration.prices import Prices, prices
from endcap.exploration.repeats import Repeats, repeats
from endcap.exploration.rows import as_rows
from endcap.exploration.seasons import Seasons, seasons
from endcap.exploration.sellers import Sellers, sellers
from endcap.exploration.size import Size, size
from endcap.exploration.summary import in_periods
from endcap.exploration.together import Together, together
from endcap.exploration.trends import Trends, trends

Progress = Callable[[str, float], None]
T = TypeVar("T")
_QUESTIONS = 15  # for the bar of progress


@dataclass(frozen=True)
class Findings:
    """What `find` returns; an answer is None where the data can't give it, and `missing` says what would."""

    ids: pl.Series
    """The products' ids by position, which is how tables name them (`item`)."""
    word: str
    """What was taken, in the plural: "purchases", "ratings", "views" or "events"."""
    size: Size
    catalogue: Catalogue
    activity: Activity
    sellers: Sellers
    repeats: Repeats
    together: Together
    period: str
    """"day" or "week", of `over_time`."""
    over_time: pl.DataFrame | None
    """`start, events, users`: what was taken, and by how many, in every full period."""
    returning: Return | None
    sessions: Sessions | None
    cohorts: Cohorts | None
    trends: Trends | None
    seasons: Seasons | None
    debuts: Debuts | None
    newcomers: Newcomers | None
    funnel: Funnel | None
    prices: Prices | None
    missing: tuple[tuple[str, str], ...]
    """Questions that stay open, each with what would answer it."""

    def names(self, items: pl.Series) -> list[str]:
        """Return the titles of products by position; where different ones share a title, with their ids."""
        known = dict(zip(items, self.catalogue.titles.gather(items), strict=True))
        shared = Counter(known.values())
        return [known[i] if shared[known[i]] == 1 else f"{known[i]} ({self.ids[i]})" for i in items]


def find(events: Events, items: pl.DataFrame | None = None, *, progress: Progress | None = None) -> Findings:
    """Answer every question that the data allow.

    Raises
    ------
    DataError
        Where there are no events, or nothing was taken.
    """
    missing: list[tuple[str, str]] = []
    done = 0

    def ask(question: str, answer: Callable[[], T], needs: str = "", *, timed: bool = False) -> T | None:
        nonlocal done
        if progress is not None:
            progress("exploring", min(done / _QUESTIONS, 1.0))
        done += 1
        found = answer() if rows.has_time or not timed else None
        if found is None:
            missing.append((question, needs if rows.has_time or not timed else "a column of times"))
        return found

    def sure(answer: Callable[[], T]) -> T:
        return cast(T, ask("", answer))

    if progress is not None:
        progress("exploring", 0.0)
    rows = as_rows(events)
    catalogue = read_catalogue(rows.items, items)
    categories = catalogue.categories
    if categories is None:
        missing.append(("how categories differ and go together", "a catalogue with the column product_type"))
    has_orders = rows.has_time or TRANSACTION in events.frame.columns
    the_size = sure(lambda: size(rows, has_orders=has_orders))
    first, last = (
        (cast(datetime, rows.taken["time"].min()), cast(datetime, rows.taken["time"].max()))
        if rows.has_time
        else (None, None)
    )
    period, over_time = sure(lambda: in_periods(rows.taken, "user", "time", first, last))
    found = Findings(
        ids=rows.items.ids,
        word=rows.word,
        size=the_size,
        catalogue=catalogue,
        activity=sure(lambda: activity(rows)),
        sellers=sure(lambda: sellers(rows)),
        repeats=sure(lambda: repeats(rows, categories)),
        together=sure(lambda: together(rows, categories)),
        period=period,
        over_time=over_time,
        returning=ask("when shoppers come back", lambda: returning(rows), timed=True),
        sessions=ask("how visits look", lambda: sessions(rows), "times, or a column of sessions"),
        cohorts=ask("how many come back after months", lambda: cohorts(rows), "events of two months", timed=True),
        trends=ask("what rises and falls", lambda: trends(rows), "two weeks of events", timed=True),
        seasons=ask("weekdays, hours and months", lambda: seasons(rows), "two weeks of events", timed=True),
        debuts=ask("what becomes of new products", lambda: debuts(rows), "eight weeks of events", timed=True),
        newcomers=ask("how many are new at any time", lambda: newcomers(rows), "four weeks of events", timed=True),
        funnel=ask(
            "from looking to buying", lambda: funnel(rows), "a column of kinds of event, with views and purchases"
        ),
        prices=ask("what price bands sell", lambda: prices(rows), "purchases with a column of prices"),
        missing=(),
    )
    if progress is not None:
        progress("exploring", 1.0)
    return replace(found, missing=tuple(missing))
