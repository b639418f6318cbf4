"""What came of tuning: parameters, what they gain on data that nothing was chosen by, and what to make of it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from endcap.files import write_whole
from endcap.tuning.aim import ratio
from endcap.tuning.final import DEFAULTS, TUNED, Final
from endcap.tuning.proposals import importance
from endcap.tuning.search import Search, Tried


@dataclass(frozen=True, repr=False)
class Tuning:
    """What `endcap.tune` returns; its text is the verdict."""

    search: Search
    """All trials."""
    fixed: dict[str, Any]
    """What wasn't searched."""
    final: Final
    """The test, which nothing was chosen by."""
    how: tuple[str, ...]
    """What was learnt from and measured on, in sentences."""
    seed: int
    seconds: float
    """Wall-clock time of all of it."""

    @property
    def model(self) -> str:
        """The name of the model's class."""
        return self.search.model.__name__

    @property
    def metric(self) -> str:
        """What was looked for: `NDCG@10`, where higher is better, or `RMSE`, where lower is."""
        return self.search.aim.name

    @property
    def defaults(self) -> dict[str, Any]:
        """What the searched parameters were before."""
        return self.search.tried[0].parameters

    @property
    def parameters(self) -> dict[str, Any]:
        """The best parameters on the past: of all that were searched."""
        return self._best.parameters

    @property
    def proposed(self) -> dict[str, Any]:
        """What to use: the parameters that differ from the defaults, or none where the defaults were as good."""
        if not self.final.is_certain:
            return {}
        return {name: value for name, value in self.parameters.items() if value != self.defaults[name]}

    @property
    def _best(self) -> Tried:
        best = self.search.best
        assert best is not None, "a tuning without a trial that ran isn't made"  # noqa: S101
        return best

    @property
    def validation(self) -> dict[str, float]:
        """The figures of the defaults and of the tuned parameters on the past, by which these were chosen."""
        return {DEFAULTS: self.search.tried[0].value, TUNED: self._best.value}

    @property
    def promised(self) -> float:
        """The gain over the defaults on the past, above zero where it is one."""
        sign = 1 if self.search.aim.higher_is_better else -1
        return sign * (self.validation[TUNED] - self.validation[DEFAULTS])

    @property
    def optimism(self) -> float:
        """How much of the promised gain the test didn't confirm, in the metric's unit; below zero: it gave more."""
        return self.promised - self.final.gain.value

    @cached_property
    def importance(self) -> dict[str, float]:
        """How much each parameter mattered, as shares, the most important first; nothing with fewer than 10 trials."""
        aim, first = self.search.aim, self.search.tried[0]
        # Trials that were given up are held against the defaults where they were given up.
        scores = [
            (one.parameters, ratio(aim, one.steps[-1], first.steps[len(one.steps) - 1]))
            for one in self.search.tried
            if one.steps
        ]
        return importance(
            self.search.space, [(parameters, score) for parameters, score in scores if math.isfinite(score)]
        )

    @property
    def curve(self) -> pl.DataFrame:
        """The trials in order: `trial, value, best, seconds, note`.

        `value` is null where the trial was given up; `best` is the best so far, null while there is none.
        """
        rows: list[dict[str, Any]] = []
        best: float | None = None
        for number, one in enumerate(self.search.tried, 1):
            if not one.note and (best is None or ratio(self.search.aim, one.value, best) > 1):
                best = one.value
            value = None if one.note else one.value
            rows.append({"trial": number, "value": value, "best": best, "seconds": one.seconds, "note": one.note})
        schema = {"trial": pl.Int64, "value": pl.Float64, "best": pl.Float64, "seconds": pl.Float64, "note": pl.String}
        return pl.DataFrame(rows, schema=schema)

    @property
    def verdict(self) -> list[str]:
        """What to make of it, in sentences."""
        from endcap.tuning.verdict import verdict_lines

        return verdict_lines(self)

    def new(self) -> Any:
        """Return an unfitted model with the proposed parameters."""
        return self.search.model(**{**self.fixed, **self.defaults, **self.proposed})

    def to_dict(self) -> dict[str, Any]:
        """Return everything as what JSON can hold."""
        return {
            "model": self.model,
            "metric": self.metric,
            "higher_is_better": self.search.aim.higher_is_better,
            "verdict": self.verdict,
            "parameters": self.parameters,
            "proposed": self.proposed,
            "defaults": self.defaults,
            "fixed": self.fixed,
            "validation": self.validation,
            "test": {name: asdict(one) for name, one in self.final.figures.items()},
            "gain": asdict(self.final.gain) | {"is_certain": self.final.is_certain},
            "promised": self.promised,
            "optimism": self.optimism,
            "importance": self.importance,
            "curve": self.curve.to_dicts(),
            "trials": [{"parameters": one.parameters, "steps": list(one.steps)} for one in self.search.tried],
            "how": list(self.how),
            "users": self.final.users,
            "resumed": self.search.resumed,
            "seed": self.seed,
            "seconds": self.seconds,
        }

    def write(self, path: str | Path, *, title: str = "shop") -> Path:
        """Write the page, one HTML file that works offline, or, where the name ends in .json, `to_dict`.

        Raises
        ------
        StorageError
            Where the file can't be written; one already there stays whole.
        """
        path = Path(path)
        if path.suffix == ".json":
            write_whole(path, (json.dumps(self.to_dict(), ensure_ascii=False, default=str) + "\n").encode())
            return path
        from endcap.report.tuning_page import tuning_page

        write_whole(path, tuning_page(title, self).encode())
        return path

    def __repr__(self) -> str:
        return "\n".join(self.verdict)
