"""The gate: a new model replaces the one in use only where the data are sound and it isn't worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import polars as pl

from endcap.automatic.accuracy import Accuracy, accuracy_checks
from endcap.automatic.check import Check, failures
from endcap.automatic.guard_rails import Served, guard_rails
from endcap.automatic.snapshot import Snapshot, data_checks
from endcap.data.events import Events
from endcap.data.splits.in_order import split_in_order
from endcap.errors import DataError
from endcap.evaluation.comparison import Comparison, Details
from endcap.evaluation.protocol import Protocol
from endcap.models.base import Recommender
from endcap.models.parameters import parameters_of
from endcap.tuning.folds import BY_CHANCE, Fold

SNAPSHOT: Final = "trained_on"
ACCURACY: Final = "measured"
"""Where a version's metrics hold what the gate needs to know of it later."""


@dataclass(frozen=True)
class Judgement:
    """What the gate says of a model."""

    checks: list[Check]
    champion_now: Accuracy | None = None
    """How the parameters of the model in use do on the newest weeks; None where that couldn't be measured."""

    @property
    def passed(self) -> bool:
        """Whether the model may be put to use."""
        return not failures(self.checks)

    @property
    def data_are_sound(self) -> bool:
        """Whether only the model is to blame for what wasn't passed."""
        return all(one.about == "model" for one in failures(self.checks))

    @property
    def reason(self) -> str:
        """Say in words why it may, or why not."""
        if self.passed:
            return f"passed all {len(self.checks)} checks of the gate"
        return "; ".join(f"{one.name}: {one.told}" for one in failures(self.checks))


@dataclass(frozen=True)
class Gate:
    """The gate before the model in use.

    Both configurations, the new one and that of the model in use, are fitted on the past and measured on the newest
    weeks, so that neither has an advantage by younger data; and the lists that both would give in the shop are
    put side by side.
    """

    champion: Recommender
    """The model in use."""
    record: Mapping[str, Any]
    """The metrics in its manifest."""
    events: Events
    items: pl.DataFrame | None
    snapshot: Snapshot
    """What the events are."""
    prepare: Mapping[str, Any]
    k: int
    margin: float = 0.02
    """What may be lost, as a share of the champion's NDCG."""
    seed: int = 0

    def judge(self, new: Recommender, comparison: Comparison | None, name: str) -> Judgement:
        """Return whether `new`, fitted on all events, may replace the champion.

        `comparison` holds the same model under `name`, fitted on the past; None: there were too few data to compare.
        """
        before = self.record.get(SNAPSHOT)
        checks = data_checks(self.snapshot, None if before is None else Snapshot.from_dict(before), self.events)
        exclude_seen = None if comparison is None else comparison.details.exclude_seen
        found, now = self._accuracy(comparison, name)
        rails = self._guard_rails(new, exclude_seen)
        return Judgement([*checks, *found, *rails], now)

    def judge_refitted(self, new: Recommender, first: Judgement, exclude_seen: bool) -> Judgement:
        """Return whether `new`, the champion's parameters fitted on all events, may replace the champion.

        `first` is what was said of another model on the same data: what it says of the data holds here, too.
        """
        of_data = [one for one in first.checks if one.about == "data"]
        return Judgement([*of_data, *self._guard_rails(new, exclude_seen)], first.champion_now)

    def is_same(self, new: Recommender) -> bool:
        """Return whether a model has the champion's class and parameters."""
        return type(new) is type(self.champion) and parameters_of(new) == parameters_of(self.champion)

    def unfitted(self) -> Recommender:
        """Return an unfitted model of the champion's class and parameters."""
        made: Recommender = type(self.champion)(**parameters_of(self.champion))
        return made

    def _guard_rails(self, new: Recommender, exclude_seen: bool | None) -> list[Check]:
        was = Served(self.champion, self.record.get("exclude_seen"))
        mine = Served(new, exclude_seen)
        return guard_rails(mine, was, k=self.k, items=self.items, margin=self.margin, seed=self.seed)

    def _accuracy(self, comparison: Comparison | None, name: str) -> tuple[list[Check], Accuracy | None]:
        stored = self.record.get(ACCURACY)
        recorded = None if stored is None else Accuracy.from_dict(stored)
        if comparison is None or name not in comparison.models:
            told = "the new model can't be measured on the newest weeks" + (
                f", and the one in use was: NDCG {recorded}" if recorded is not None else ", nor was the one in use"
            )
            return [Check("measured", recorded is None, told)], None
        new, champion = comparison.models[name], self.unfitted()
        details = comparison.details
        log = new._needs_log or champion._needs_log
        fold = asked = newest_fold(self.events, details, self.prepare, log=log)
        as_recorded = details
        if recorded is not None:
            as_recorded = replace(details, exclude_seen=recorded.exclude_seen, visitors=recorded.visitors)
        if as_recorded != details:
            try:
                asked = newest_fold(self.events, as_recorded, self.prepare, log=log)
            except DataError as error:
                return [Check("measured", False, f"what was measured before can't be now: {error}")], None
        return accuracy_checks(fold, asked, new, champion, recorded, k=self.k, margin=self.margin, seed=self.seed)


def newest_fold(events: Events, details: Details, prepare: Mapping[str, Any], *, log: bool) -> Fold:
    """Return the past and the newest weeks as a comparison parted them.

    Raises
    ------
    DataError
        Where nobody can be measured.
    """
    start = BY_CHANCE if details.train_end is None else details.train_end + timedelta(microseconds=1)
    past, newest = split_in_order(events, start, seed=details.seed)
    protocol = Protocol(details.exclude_seen, details.exclude_seen_reason, visitors=details.visitors)
    return Fold.of(past, newest, protocol, log=log, **prepare)
