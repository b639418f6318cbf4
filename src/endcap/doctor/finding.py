"""What a check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from endcap.data.recipe import Rule


@dataclass(frozen=True)
class Finding:
    """Something that is probably wrong with the data."""

    check: str
    """The check that found it, such as `bots`."""
    what: str
    """What was found, in a sentence."""
    count: int
    """How many events (or products, or ids, as `what` says) it is about."""
    remedy: str
    """What to do about it."""
    example: dict[str, Any] = field(default_factory=dict)
    """One of the rows."""
    rule: Rule | None = None
    """The cleaning rule that sets the events aside; None where cleaning can't mend it."""
    concerned: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Null), repr=False, compare=False)
    """The ids or moments concerned."""


def first_row(frame: pl.DataFrame) -> dict[str, Any]:
    """Return the first row without its empty cells."""
    return {name: value for name, value in frame.row(0, named=True).items() if value is not None} if len(frame) else {}
