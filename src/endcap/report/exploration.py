"""`endcap.explore`: a shop's events in pictures and sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from endcap.data.events import Events
from endcap.exploration.findings import Findings, find
from endcap.exploration.lines import ten_lines
from endcap.exploration.suggestions import Suggestion, suggest
from endcap.files import write_whole
from endcap.models import MODELS, RATING_PREDICTORS


@dataclass(frozen=True, repr=False)
class Exploration:
    """What `endcap.explore` returns; its text is the ten lines that matter."""

    findings: Findings
    """Every answer as numbers and small tables; those that the data can't give are None, and `findings.missing` says
    what would give them. Tables name products by position in `findings.ids` and `findings.catalogue.titles`."""
    suggestions: tuple[Suggestion, ...]
    """What is worth trying, and why."""

    @property
    def lines(self) -> list[str]:
        """The ten lines that matter, or fewer where the data tell less."""
        return ten_lines(self.findings, self.suggestions)

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as what JSON can hold: tables as lists of rows, products by id and title, times as text."""
        told = {
            name: self._plain(value)
            for name, value in vars(self.findings).items()
            if name not in ("catalogue", "ids", "missing")
        }
        return {
            "lines": self.lines,
            "suggestions": [asdict(one) for one in self.suggestions],
            **told,
            "missing": [{"question": question, "needs": needs} for question, needs in self.findings.missing],
        }

    def write(self, path: str | Path, *, title: str = "shop") -> Path:
        """Write the page, one HTML file that works offline, or, where the name ends in .json, `to_dict`.

        Parameters
        ----------
        path
            The file; one already there is replaced at once or, on an error, stays whole.
        title
            The shop's name.

        Raises
        ------
        StorageError
            Where the file can't be written.
        """
        path = Path(path)
        if path.suffix == ".json":
            write_whole(path, (json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False) + "\n").encode())
            return path
        from endcap.report.explore_page import explore_page

        write_whole(path, explore_page(title, self.findings, self.lines, self.suggestions).encode())
        return path

    def _plain(self, value: Any) -> Any:
        if isinstance(value, pl.DataFrame):
            return [{k: self._plain(v) for k, v in row.items()} for row in self._named(value).iter_rows(named=True)]
        if is_dataclass(value) and not isinstance(value, type):
            return {name: self._plain(one) for name, one in vars(value).items()}
        if isinstance(value, np.ndarray):
            return value.tolist()
        if isinstance(value, timedelta):
            return value.total_seconds()
        return value.isoformat() if isinstance(value, date | datetime) else value

    def _named(self, table: pl.DataFrame) -> pl.DataFrame:
        """Put ids and titles in place of positions."""
        titles = self.findings.catalogue.titles
        columns: list[pl.Series] = []
        for column in table.get_columns():
            if column.dtype == pl.UInt32 and column.name in ("item", "first", "second"):
                columns.append(self.findings.ids.gather(column).alias(column.name))
                columns.append(titles.gather(column).alias(f"{column.name}_title"))
            else:
                columns.append(column)
        return pl.DataFrame(columns)


def explore(
    events: Events,
    items: pl.DataFrame | None = None,
    *,
    progress: Callable[[str, float], None] | None = None,
) -> Exploration:
    """Look at a shop's events: who comes back, what sells, what goes together, what is new, and what to try.

    Parameters
    ----------
    events
        From `endcap.read_events`. Questions that need a column which isn't there are left out and named.
    items
        From `endcap.read_items`: `title` names the products, `product_type` their categories.
    progress
        Called with what is being done and how much of it, from 0 to 1.

    Raises
    ------
    DataError
        Where there are no events, or nothing was taken.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> events = ec.read_events(pl.DataFrame({"user": ["a", "a", "b"], "item": ["tea", "jam", "tea"]}))
    >>> seen = ec.explore(events)
    >>> print(seen.lines[0])
    3 events of 2 shoppers on 2 products, without times.
    >>> seen.findings.repeats.share
    0.0
    """
    found = find(events, items, progress=progress)
    return Exploration(found, tuple(suggest(found, {*MODELS, *RATING_PREDICTORS})))
