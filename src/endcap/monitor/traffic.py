"""Whether shoppers are still heard: events of the last hours against the same hours of past weeks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from endcap.monitor.reading import Bounds, Reading, too_little

HOURS: Final = 3
"""So many hours are looked at: one alone is noise in a small shop."""
WEEKS: Final = 4
FEWEST: Final = 30
"""Where fewer events are expected, none may be chance: a Poisson count of 30 falls below half of it once in 500,000."""
_MANY: Final = 10.0  # so many times what is expected is worth a warning: something is sent twice, or by a machine


def events_per_hour(name: str, sums: pl.DataFrame, now: datetime, bounds: Bounds) -> Reading:
    """Return how many events came in, as a share of what is expected, of the kind where that is worst.

    Expected is the mean of the same three hours of the week, over those of the last four weeks that the shop was heard
    in before.

    Parameters
    ----------
    name
        The monitor's.
    sums
        `hour, name, kind, value` of five weeks, as `Hours.read` returns them.
    now
        UTC, without a time zone.
    bounds
        Of the share.
    """
    end = now.replace(minute=0, second=0, microsecond=0)  # the hour that runs isn't whole
    start = end - timedelta(hours=HOURS)
    events = sums.filter(pl.col("name") == "events")
    if events.is_empty():
        return too_little(name, "no event has come in over HTTP yet")
    first = events["hour"].min()
    weeks = [n for n in range(1, WEEKS + 1) if start - timedelta(weeks=n) >= first]  # type: ignore[operator]
    if not weeks:
        return too_little(name, "events are compared with those of past weeks, and there is no whole week yet")
    came = _between(events, start, end)
    before: dict[str, float] = {}
    for n in weeks:
        for kind, count in _between(events, start - timedelta(weeks=n), end - timedelta(weeks=n)).items():
            before[kind] = before.get(kind, 0.0) + count / len(weeks)
    shares = {kind: came.get(kind, 0.0) / count for kind, count in before.items() if count >= FEWEST}
    if not shares:
        return too_little(name, f"in these hours past weeks had fewer than {FEWEST} events of each kind")
    worst = min(shares, key=lambda kind: (shares[kind], kind))
    share = shares[worst]
    state = bounds.judge(share)
    told = f"{came.get(worst, 0):,.0f} {worst} in {HOURS} hours, where past weeks had {before[worst]:,.0f}"
    if state in {"warn", "alarm"}:
        told += (
            ". What to do: see whether the shop's pages still send events (does endcap.js load, is its key valid, has "
            "a page or the consent banner changed), and whether the server refuses them (its log, /metrics)"
        )
    most = max(shares, key=lambda kind: (shares[kind], kind))
    if state == "fine" and shares[most] >= _MANY:
        state, share = "warn", shares[most]
        told = (
            f"{came[most]:,.0f} {most} in {HOURS} hours, where past weeks had {before[most]:,.0f}. What to do: is "
            "something sent twice (the same event under two ids), or by a machine: endcap doctor finds bots"
        )
    return Reading(name, state, share, f"{share:.0%}", f"{bounds.warn:.0%} / {bounds.alarm:.0%}", told + ".")


def _between(events: pl.DataFrame, start: datetime, end: datetime) -> dict[str, float]:
    own = events.filter(pl.col("hour") >= start, pl.col("hour") < end)
    return dict(own.group_by("kind").agg(pl.col("value").sum()).iter_rows())
