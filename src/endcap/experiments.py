"""What came of a shop's experiments, and how long one would take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl

from endcap.data.schema import EVENT, TIME, USER
from endcap.errors import DataError, ParameterError
from endcap.monitor.experiment import METRICS, Result, judge, traffic_of
from endcap.monitor.moments import as_user, first_seen, moments, outcomes
from endcap.monitor.power import Traffic, days_needed, detectable
from endcap.recommend.experiments import HOLDOUT, SERVED, Experiment, Metric, Variant
from endcap.shop import Shop

PAST: Final = 28
"""Of so many days the traffic is looked at: whole weeks, for weekdays differ."""
_ONE: Final = "all"


def result(shop: Shop, name: str, *, now: datetime | None = None) -> Result:
    """Return what came of an experiment; "holdout" is that of the whole system.

    `now` is in UTC without a zone; None: the present.

    Raises
    ------
    ParameterError
        Where the settings know no such experiment.
    """
    experiment = _declared(shop, name)
    now = datetime.now(UTC).replace(tzinfo=None) if now is None else now
    store = shop.store
    since = _microseconds(experiment.since)
    others = SERVED if name == HOLDOUT else None
    seen = store.answers.exposures(name, since=since, others=others)
    first = seen["at"].min()
    since = since if first is None else max(since, pl.Series([first]).cast(pl.Int64)[0])
    events = store.events.read_since(since) if first is not None else pl.DataFrame(schema=_EVENTS)
    aliases = store.shoppers.aliases(events)
    reactions = as_user(store.answers.reactions(since, experiment=None if others else name), aliases)
    done = _done(events, reactions, aliases)
    return judge(name, experiment, first_seen(seen, aliases), done, reactions, now)


def results(shop: Shop, *, now: datetime | None = None) -> list[Result]:
    """Return what came of every experiment that is declared, the hold-out first where there is one."""
    return [result(shop, name, now=now) for name in shop.config.experiments.names()]


@dataclass(frozen=True)
class Plan:
    """How long an experiment would take on a shop's own traffic."""

    metric: Metric
    traffic: Traffic
    source: str
    """What the traffic was taken from."""
    shares: list[float]
    """Of the variants, the control first."""
    tuned_for: int

    def days(self, lift: float) -> int | None:
        """Return after how many days a lift is found with 80 % power; None where ten years don't do."""
        return days_needed(self.traffic, lift, self.shares, tuned_for=self.tuned_for)

    def lift(self, days: int) -> float:
        """Return the smallest lift that is found with 80 % power after so many days."""
        return float(
            detectable(self.traffic.onwards(max(days, 1)), self.shares, tuned_for=self.tuned_for)[max(days, 1) - 1]
        )

    def shoppers(self, days: int) -> int:
        """Return how many shoppers are in it after so many days."""
        return int(self.traffic.onwards(max(days, 1)).shoppers[max(days, 1) - 1])


def plan(shop: Shop, name: str | None = None, *, metric: Metric | None = None, now: datetime | None = None) -> Plan:
    """Return how long an experiment takes, from the shop's traffic and spending in the last 28 days.

    The shoppers who were answered on the experiment's surfaces are the traffic or, where nobody was yet, all who did
    something in the newest 28 days of events.

    Parameters
    ----------
    shop
        The shop.
    name
        One of the experiments; None: an experiment on any surface with two equal variants.
    metric
        What is measured; None: as the experiment says.

    Raises
    ------
    ParameterError
        Where the settings know no such experiment.
    DataError
        Where there were no shoppers, or nothing that is measured was done.
    """
    two = {"control": Variant(), "variant": Variant()}
    experiment = Experiment(surface=[], variants=two) if name is None else _declared(shop, name)
    metric = experiment.metric if metric is None else metric
    now = datetime.now(UTC).replace(tzinfo=None) if now is None else now
    seen = shop.store.answers.seen_on(experiment.surfaces, _microseconds(now - timedelta(days=PAST)))
    source = "shoppers who were answered in the last 28 days"
    if len(seen) < 2:
        seen, now = _active(shop)
        source = "shoppers with events in the newest 28 days of them: nobody was answered there yet"
    if seen.is_empty():
        raise DataError("no shoppers yet, so there is no traffic to plan with: import events, or serve")
    start: datetime = seen["at"].min()  # type: ignore[assignment]
    events = shop.store.events.read_since(_microseconds(start))
    aliases = shop.store.shoppers.aliases(events)
    shoppers = first_seen(seen.with_columns(variant=pl.lit(_ONE)), aliases)
    reactions = as_user(shop.store.answers.reactions(_microseconds(start)), aliases)
    rows = _done(events, reactions, aliases)[metric]
    days = (now - start) // timedelta(days=1) + 1
    table = moments(shoppers, rows, [_ONE], start, days, once=metric != "revenue")
    whole = traffic_of(table.select("shoppers", "total", "squares").to_numpy())
    if not whole.mean[-1] > 0:
        missing = {"revenue": "purchases with a price", "conversion": "purchases", "clicks": "clicks"}[metric]
        raise DataError(f"there are no {missing} of these shoppers, so nothing can be planned; try another --metric")
    is_in = experiment.share * (1.0 if name == HOLDOUT else 1 - shop.config.experiments.holdout)
    traffic = Traffic(whole.shoppers * is_in, whole.mean, whole.variance)
    return Plan(metric, traffic, source, list(experiment.shares.values()), experiment.tuned_for)


_EVENTS: Final[dict[str, Any]] = {USER: pl.String, EVENT: pl.String, TIME: pl.Datetime("us")}


def _declared(shop: Shop, name: str) -> Experiment:
    experiment = shop.config.experiments.found(name)
    if experiment is None:
        names = ", ".join(shop.config.experiments.names()) or "none"
        raise ParameterError(
            f"no experiment {name!r} in {shop.folder / 'endcap.toml'}; there are: {names}. "
            f"An experiment is a section, [experiments.{name}]"
        )
    return experiment


def _done(events: pl.DataFrame, reactions: pl.DataFrame, aliases: pl.DataFrame) -> Mapping[Metric, pl.DataFrame]:
    clicks = reactions.filter(pl.col(EVENT) == "click")
    known = as_user(events, aliases)
    return {metric: outcomes(metric, known, clicks) for metric in METRICS}


def _active(shop: Shop) -> tuple[pl.DataFrame, datetime]:
    """Return who did something in the newest 28 days of events, and when they end."""
    model = shop.model.interactions_.newest if shop.models.in_use() else 0
    newest = shop.store.events.read_since(model - PAST * 86_400_000_000)
    now: Any = newest[TIME].max() if TIME in newest.columns else None
    if now is None:
        return pl.DataFrame(schema={USER: pl.String, "at": pl.Datetime("us")}), datetime.now(UTC).replace(tzinfo=None)
    recent = newest.filter(pl.col(TIME) > now - timedelta(days=PAST))
    return recent.group_by(USER).agg(at=pl.col(TIME).min()).with_columns(pl.col(USER).cast(pl.String)), now


def _microseconds(time: date | None) -> int:
    if time is None:
        return 0
    whole = time if isinstance(time, datetime) else datetime(time.year, time.month, time.day)
    return (whole - datetime(1970, 1, 1)) // timedelta(microseconds=1)
