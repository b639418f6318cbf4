"""The contest of models on the newest weeks of the past: who is tried, who goes on, who is tuned, who is blended."""

from __future__ import annotations

import dataclasses
import importlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from endcap.automatic.candidates import Candidate
from endcap.data.arrays import Float64Array
from endcap.evaluation.randomisation import randomisation_test
from endcap.models import MODELS
from endcap.models.base import Progress, Recommender
from endcap.models.parameters import parameters_of
from endcap.tuning.aim import Ndcg
from endcap.tuning.attempt import attempt, deadline
from endcap.tuning.folds import Fold
from endcap.tuning.search import search

GOES_ON: Final = 0.85
"""Models with at least this share of the leader's NDCG by defaults are tuned: tuning seldom brings more."""
MOST_TUNED: Final = 5
MOST_BLENDED: Final = 3
LEVEL: Final = 0.05
_FIRST_LOOK: Final = 0.35  # of the time: for all candidates with their defaults
_LONGEST_FIT: Final = 0.15  # of the time: what takes longer with its defaults can't be tuned, nor fitted on everything
_TUNED_UNTIL: Final = 0.8  # of the time; the rest is for blends


@dataclass(frozen=True)
class Contestant:
    """A model with parameters, and how it did."""

    name: str
    parameters: dict[str, Any]
    """Those that differ from the defaults."""
    reason: str
    """Why it was tried."""
    values: Float64Array | None
    """Every shopper's NDCG, fold after fold; None where it couldn't be run."""
    seconds: float
    """Wall-clock time of fitting and asking on all folds."""
    by_defaults: float = float("nan")
    """The mean NDCG of the defaults."""
    trials: int = 1
    note: str = ""
    """Why it couldn't be run."""

    @property
    def ndcg(self) -> float:
        """The mean; NaN where it couldn't be run."""
        return float("nan") if self.values is None else float(self.values.mean())

    def model(self) -> Recommender:
        """Return a new, unfitted one."""
        return new_model(self.name, self.parameters)


@dataclass
class Contest:
    """A contest on folds of the past within a budget."""

    folds: Sequence[Fold]
    fixed: dict[str, dict[str, Any]]
    """Parameters by model that aren't searched."""
    k: int
    seconds: float
    seed: int
    progress: Progress
    start: float = field(default_factory=time.perf_counter)

    def spent(self) -> float:
        """Return the share of the time that is used up."""
        return (time.perf_counter() - self.start) / self.seconds if self.seconds > 0 else 1.0

    def run(self, candidates: Sequence[Candidate]) -> list[Contestant]:
        """Return all contestants, in the order of the candidates, blends at the end."""
        done = [self._first_look(one, place / len(candidates)) for place, one in enumerate(candidates)]
        done = self._tuned(done)
        return [*done, *self._blended(done)]

    def _first_look(self, candidate: Candidate, share: float) -> Contestant:
        """Try a candidate with its defaults; one that takes too long is left out."""
        self.progress(f"first look: {candidate.name}", share * _FIRST_LOOK)
        most = self.seconds * _LONGEST_FIT if self.seconds > 0 else None
        return self.measure(candidate.name, self.fixed.get(candidate.name, {}), candidate.reason, most)

    def measure(self, name: str, parameters: dict[str, Any], reason: str, most: float | None = None) -> Contestant:
        """Fit and measure a model on all folds, in `most` seconds at most."""
        until = None if most is None else time.perf_counter() + most
        check = deadline(until, f"it takes more than {most or 0:.0f} seconds, too long for the budget")
        done = attempt(lambda: new_model(name, parameters), self.folds, Ndcg(self.k), check=check)
        return Contestant(name, parameters, reason, done.values, done.seconds, done.figure, note=done.note)

    def _tuned(self, done: list[Contestant]) -> list[Contestant]:
        """Tune the leaders, the best first, each with an equal part of the time that is left."""
        ranked = sorted((one for one in done if one.values is not None), key=lambda one: -one.ndcg)
        leaders = [one for one in ranked if one.ndcg >= GOES_ON * ranked[0].ndcg][:MOST_TUNED]
        for place, leader in enumerate(leaders):
            left = self.seconds * (_TUNED_UNTIL - self.spent()) / (len(leaders) - place)
            if left < 2 * leader.seconds:
                continue
            done[done.index(leader)] = self._tune(leader, left)
        return done

    def _tune(self, leader: Contestant, seconds: float) -> Contestant:
        before = self.spent()

        def tell(what: str, share: float) -> None:
            self.progress(what, min(1.0, before + share * seconds / self.seconds))

        fixed = self.fixed.get(leader.name, {})
        cls = type(leader.model())
        found = search(cls, self.folds, aim=Ndcg(self.k), fixed=fixed, seconds=seconds, seed=self.seed, progress=tell)
        best = found.best
        if best is None or best.value <= leader.ndcg:
            return dataclasses.replace(leader, trials=len(found.tried))
        usual = parameters_of(new_model(leader.name, {}))
        chosen = {name: value for name, value in {**fixed, **best.parameters}.items() if value != usual[name]}
        return dataclasses.replace(
            leader, parameters=chosen, values=best.values, seconds=best.seconds, trials=len(found.tried)
        )

    def _blended(self, done: list[Contestant]) -> list[Contestant]:
        """Try blends of the best two and three, each as sums of scores and of places."""
        ranked = sorted((one for one in done if one.values is not None), key=lambda one: -one.ndcg)
        able = [one for one in ranked if one.ndcg >= GOES_ON * ranked[0].ndcg and one.name != "Popular"][:MOST_BLENDED]
        blends = []
        for size in range(2, len(able) + 1):
            parts = able[:size]
            left = self.seconds * (1 - self.spent())
            if left < 4 * sum(one.seconds for one in parts):
                break
            names = " and ".join([", ".join(one.name for one in parts[:-1]), parts[-1].name])
            self.progress(f"blending {names}", min(1.0, self.spent()))
            parameters = {"models": [(one.name, one.parameters) for one in parts], "seed": self.seed}
            blends.append(self.measure("Blend", parameters, f"what {names} say together", left / 2))
        return blends


def new_model(name: str, parameters: dict[str, Any]) -> Recommender:
    """Return an unfitted model by the name of its class."""
    made: Recommender = getattr(importlib.import_module(MODELS[name]), name)(**parameters)
    return made


def told_apart(better: Contestant, other: Contestant, seed: int) -> bool:
    """Return whether one's lead over the other on the same shoppers is no chance (paired randomisation test, 5 %)."""
    if better.values is None or other.values is None:
        return better.values is not None
    return bool(randomisation_test((better.values - other.values)[None, :], seed=seed)[0] < LEVEL)
