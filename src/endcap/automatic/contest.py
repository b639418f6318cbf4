"""The contest of models on the newest weeks of the past: who is tried, who goes on, who is tuned, who is blended."""

from __future__ import annotations

import dataclasses
import importlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from endcap.automatic.blending import blends
from endcap.automatic.candidates import SAFE, Candidate
from endcap.data.arrays import Float64Array
from endcap.errors import EndcapError
from endcap.evaluation.randomisation import randomisation_test
from endcap.models import MODELS
from endcap.models.base import Progress, Recommender
from endcap.models.parameters import parameters_of
from endcap.models.search_space import search_space, widened
from endcap.tuning.aim import Ndcg
from endcap.tuning.attempt import attempt, deadline
from endcap.tuning.folds import Fold
from endcap.tuning.search import search

GOES_ON: Final = 0.75
"""Models with at least this share of the leader's NDCG by defaults are tuned: tuning seldom brings more."""
TUNED_AT_ONCE: Final = 5
"""The time that is left is divided by so many leaders, at most: the best of them matter most."""
PATIENCE: Final = 30
"""After so many trials without a gain a leader's search ends."""
MOST_BLENDED: Final = 5
BLENDED_FROM: Final = 0.7
"""Of the best NDCG: a model that alone is behind may know what the others don't."""
LEVEL: Final = 0.05
_FIRST_LOOK: Final = 0.35  # of the time: for all candidates with their defaults
_LONGEST_FIT: Final = 0.15  # of the time: what takes longer with its defaults can't be tuned, nor fitted on everything
_TUNED_UNTIL: Final = 0.8  # of the time; the rest is for blends
_HALVINGS: Final = 20  # of the shoppers, to take the luck out of the best trial
_BLEND_TAKES: Final = 2.5  # times what its parts took, at least: they are fitted, and asked in several ways


@dataclass(frozen=True)
class Contestant:
    """A model with parameters, and how it did."""

    name: str
    parameters: dict[str, Any]
    """Those that differ from the defaults."""
    reason: str
    """Why it was tried."""
    values: Float64Array | None
    """Every shopper's NDCG, fold after fold, of tuned models without the luck of the best trial; None where it couldn't
    be run."""
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
    earlier: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """Parameters by model that an earlier contest of the same shop found: the search begins with them, too."""
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
        """Try a candidate with its defaults, and with what was found earlier; what takes too long is left out."""
        self.progress(f"first look: {candidate.name}", share * _FIRST_LOOK)
        name, fixed = candidate.name, self.fixed.get(candidate.name, {})
        found = self.measure(name, fixed, candidate.reason, self._most(name))
        known = self._known(name)
        if found.values is None or not known:
            return found
        again = self.measure(name, {**fixed, **known}, candidate.reason, self._most(name))
        if again.values is None or again.ndcg <= found.ndcg:
            return found
        return dataclasses.replace(again, by_defaults=found.by_defaults, trials=2)

    def _most(self, name: str) -> float | None:
        """Return how many seconds the first look at a model may take; None, as for the safe ones: any."""
        if self.seconds <= 0 or name in SAFE:
            return None
        return max(0.0, self.seconds * min(_LONGEST_FIT, _TUNED_UNTIL - self.spent()))

    def _known(self, name: str) -> dict[str, Any]:
        """Return what was found earlier of the parameters that are searched today."""
        space = search_space(type(new_model(name, {})))
        return {
            parameter: value
            for parameter, value in self.earlier.get(name, {}).items()
            if parameter not in self.fixed.get(name, {})
            and parameter in space
            and widened(space[parameter], value) == space[parameter]
        }

    def measure(self, name: str, parameters: dict[str, Any], reason: str, most: float | None = None) -> Contestant:
        """Fit and measure a model on all folds, in `most` seconds at most."""
        until = None if most is None else time.perf_counter() + most
        check = deadline(until, f"it takes more than the {most or 0:.0f} seconds that the budget leaves for it")
        done = attempt(lambda: new_model(name, parameters), self.folds, Ndcg(self.k), check=check)
        return Contestant(name, parameters, reason, done.values, done.seconds, done.figure, note=done.note)

    def _tuned(self, done: list[Contestant]) -> list[Contestant]:
        """Tune the leaders, the best first, each with a part of the time that is left; so quick ones leave more."""
        ranked = sorted((one for one in done if one.values is not None), key=lambda one: -one.ndcg)
        leaders = [one for one in ranked if one.ndcg >= GOES_ON * ranked[0].ndcg]
        for place, leader in enumerate(leaders):
            left = self.seconds * (_TUNED_UNTIL - self.spent()) / min(TUNED_AT_ONCE, len(leaders) - place)
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
        found = search(
            cls,
            self.folds,
            aim=Ndcg(self.k),
            fixed=fixed,
            seconds=seconds,
            patience=PATIENCE,
            first=[known] if (known := self._known(leader.name)) else [],
            seed=self.seed,
            progress=tell,
        )
        best = found.best
        if best is None or best.values is None or best.value <= leader.ndcg:
            return dataclasses.replace(leader, trials=len(found.tried))
        values = without_luck([one.values for one in found.whole if one.values is not None], self.seed)
        if values.mean() <= leader.ndcg:  # what was gained was luck
            return dataclasses.replace(leader, trials=len(found.tried))
        usual = parameters_of(new_model(leader.name, {}))
        chosen = {name: value for name, value in {**fixed, **best.parameters}.items() if value != usual[name]}
        return dataclasses.replace(
            leader, parameters=chosen, values=values, seconds=best.seconds, trials=len(found.tried)
        )

    def _blended(self, done: list[Contestant]) -> list[Contestant]:
        """Try the leaders together, as sums of their scores and of what their places are worth."""
        ranked = sorted((one for one in done if one.values is not None), key=lambda one: -one.ndcg)
        able = [one for one in ranked if one.ndcg >= BLENDED_FROM * ranked[0].ndcg][:MOST_BLENDED]
        left = self.seconds * (1 - self.spent())
        while len(able) > 1 and left < _BLEND_TAKES * (all_of_it := sum(one.seconds for one in able)):
            slowest = max(able, key=lambda one: one.seconds)
            able.remove(slowest if slowest.seconds > all_of_it / 2 else able[-1])
        return self._blend(able, left) if len(able) > 1 else []

    def _blend(self, parts: Sequence[Contestant], seconds: float) -> list[Contestant]:
        """Try models together, with equal and with learned weights; where these leave one model, it is none."""
        self.progress(f"blending {_listed([one.name for one in parts])}", min(1.0, self.spent()))
        start = time.perf_counter()
        models = [(one.name, one.parameters) for one in parts]
        found = []
        try:
            for done in blends(models, self.folds, self.k, self.seed, deadline(start + seconds)):
                parameters = {"models": done.models, "weights": done.weights, "method": done.method}
                took = time.perf_counter() - start
                if len(done.models) > 1:
                    reason = f"what {_listed([name for name, _ in done.models])} say together, by {done.method}"
                    figure = float(done.values.mean())
                    found.append(Contestant("Blend", parameters, reason, done.values, took, figure))
        except (MemoryError, EndcapError):
            pass  # what was measured before the time or the memory was used up counts
        return found


def without_luck(trials: Sequence[Float64Array], seed: int) -> Float64Array:
    """Return what the best of some trials is worth to each shopper, less the luck of having been picked.

    The best of many trials is the best partly by chance, on the very shoppers whom it was picked by, and the more so
    the more trials there were; a blend or a model that wasn't tuned has no such advantage. So the trial that is best
    for a random half of the shoppers is measured on the other half, many times over (Monte Carlo cross-validation of
    the choice itself: Cawley and Talbot, "On Over-fitting in Model Selection", JMLR 2010).

    Parameters
    ----------
    trials
        Every trial's NDCG of every shopper, shape (shoppers,) each.
    seed
        Of the halves.
    """
    table = np.stack(trials)
    n = table.shape[1]
    total, count = np.zeros(n), np.zeros(n)
    draws = np.random.default_rng([seed, 11])
    for _ in range(_HALVINGS):
        order = draws.permutation(n)
        for one, other in ((order[: n // 2], order[n // 2 :]), (order[n // 2 :], order[: n // 2])):
            total[other] += table[int(np.argmax(table[:, one].mean(axis=1))), other]
            count[other] += 1
    values: Float64Array = total / count
    return values


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]])


def new_model(name: str, parameters: dict[str, Any]) -> Recommender:
    """Return an unfitted model by the name of its class."""
    made: Recommender = getattr(importlib.import_module(MODELS[name]), name)(**parameters)
    return made


def told_apart(better: Contestant, other: Contestant, seed: int) -> bool:
    """Return whether one's lead over the other on the same shoppers is no chance (paired randomisation test, 5 %)."""
    if better.values is None or other.values is None:
        return better.values is not None
    return bool(randomisation_test((better.values - other.values)[None, :], seed=seed)[0] < LEVEL)
