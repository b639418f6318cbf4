"""All checks of the doctor, and what the data are good for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import polars as pl

from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.data.recipe import Rule
from endcap.doctor import clocks, columns, deliveries, identities, shoppers, time_zones
from endcap.doctor.finding import Finding
from endcap.doctor.readiness import Readiness, readiness

Check: TypeAlias = Callable[[pl.DataFrame, pl.DataFrame | None], list[Finding]]

CHECKS: Final[tuple[Check, ...]] = (
    shoppers.bots,
    shoppers.shared_accounts,
    shoppers.named_like_tests,
    deliveries.repeated_rows,
    deliveries.same_event_id,
    clocks.future,
    clocks.stray,
    time_zones.time_zones,
    identities.changed_formats,
    identities.split_identities,
    columns.catalogue,
    columns.leaking_columns,
    deliveries.gaps,
    deliveries.volume,
)
"""In the order in which findings are told."""


@dataclass(frozen=True)
class Diagnosis:
    """What `endcap.diagnose` returns."""

    findings: list[Finding]
    """What is probably wrong, with a remedy each."""
    surfaces: list[Readiness]
    """For each place in the shop, whether the data are enough for it."""

    @property
    def rules(self) -> list[Rule]:
        """The cleaning rules that the findings propose."""
        return [finding.rule for finding in self.findings if finding.rule is not None]

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the lists of ids as plain values."""
        return {
            "findings": [
                {
                    "check": finding.check,
                    "what": finding.what,
                    "count": finding.count,
                    "example": finding.example,
                    "remedy": finding.remedy,
                    "rule": finding.rule.model_dump(mode="json", exclude_defaults=True) if finding.rule else None,
                }
                for finding in self.findings
            ],
            "surfaces": [{**vars(verdict), "text": str(verdict)} for verdict in self.surfaces],
        }

    def __repr__(self) -> str:
        lines = [f"{finding.check}: {finding.what}" for finding in self.findings] or ["nothing wrong was found"]
        return "\n".join([*lines, *(str(verdict) for verdict in self.surfaces)])


def diagnose(events: Events | pl.DataFrame, items: pl.DataFrame | None = None) -> Diagnosis:
    """Look for what is wrong with a shop's data, and say what they are good for.

    Parameters
    ----------
    events
        From `endcap.read_events`, or a table in its columns.
    items
        The catalogue, from `endcap.read_items`.

    Returns
    -------
    Diagnosis
        Findings, each with its count, an example and the remedy, and the verdict for each surface. Nothing is changed.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> events = ec.read_events(pl.DataFrame({"user": ["Ann", "ann", "bob"], "item": ["x", "y", "y"]}))
    >>> [finding.check for finding in ec.diagnose(events).findings]
    ['split identities']
    """
    frame = as_events(events).frame
    found = [finding for check in CHECKS for finding in check(frame, items)] if len(frame) else []
    return Diagnosis(found, readiness(frame) if len(frame) else [])
