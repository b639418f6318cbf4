"""The choice itself: of those as good as the best the simplest, never one that best-sellers may beat."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import polars as pl

from endcap.automatic.candidates import SAFE, Candidate, propose
from endcap.automatic.contest import Contest, Contestant, told_apart
from endcap.automatic.traits import Traits
from endcap.data.events import Events
from endcap.data.splits.in_order import split_in_order
from endcap.errors import DataError
from endcap.evaluation.compare import compare
from endcap.evaluation.comparison import Comparison
from endcap.evaluation.protocol import Protocol
from endcap.models.base import Progress
from endcap.tuning.aim import Ndcg
from endcap.tuning.folds import folds_of

AS_GOOD: Final = 0.97
"""Of the best NDCG: simplicity isn't worth more, however unsure the rest is."""
CHOSEN_BY_CHANCE: Final = (
    "the events have no times, so the choice was made, and measured, on parts drawn by chance: what shoppers take "
    "next, and whether they take the same again, can't be told; with times the choice is better"
)
CHOSEN_BY_VISITORS: Final = (
    "hardly anyone comes back, or shoppers get a new id with every visit; so the models were asked to tell from the "
    "first half of what new visitors did what they did in the second"
)


@dataclass(frozen=True)
class Choice:
    """What was chosen, out of what, and how sure that is."""

    chosen: Contestant
    contestants: list[Contestant]
    """All that were tried, in the order of the candidates, blends at the end."""
    traits: Traits
    comparison: Comparison
    """The chosen model, the runner-up and the baselines on the test window, which nothing was chosen by."""
    runner_up: Contestant | None
    """The best of the other models on the past; None where nothing else could be run."""
    remarks: list[str]
    """What a user should know of how it was chosen."""

    def table(self) -> pl.DataFrame:
        """Return the contestants, best first: `model, ndcg, by_defaults, trials, seconds, parameters, reason, note`."""
        rows = [
            {
                "model": one.name,
                "ndcg": None if one.values is None else one.ndcg,
                "by_defaults": None if one.values is None else one.by_defaults,
                "trials": one.trials,
                "seconds": one.seconds,
                "parameters": _in_words(one.parameters),
                "reason": one.reason,
                "note": one.note,
            }
            for one in self.contestants
        ]
        return pl.DataFrame(rows, schema_overrides=_SCHEMA).sort("ndcg", descending=True, nulls_last=True)

    def tuned(self) -> dict[str, dict[str, Any]]:
        """Return the parameters by model that were better than the defaults: what the next choice begins with."""
        return {one.name: one.parameters for one in self.contestants if one.parameters and one.name != "Blend"}

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold: the choice, the contest, and the comparison on the test window."""
        return {
            **self.comparison.to_dict(),
            "chosen": self.chosen.name,
            "parameters": self.chosen.parameters,
            "runner_up": None if self.runner_up is None else self.runner_up.name,
            "tuned": self.tuned(),
            "contest": self.table().to_dicts(),
            "remarks": self.remarks,
        }


_SCHEMA: Final = {"ndcg": pl.Float64, "by_defaults": pl.Float64, "seconds": pl.Float64}


def choose(
    events: Events,
    *,
    test: timedelta | float,
    minutes: float = 5,
    k: int | Sequence[int] = 10,
    candidates: Sequence[str] = (),
    fixed: Mapping[str, dict[str, Any]] | None = None,
    earlier: Mapping[str, dict[str, Any]] | None = None,
    items: pl.DataFrame | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    **prepare: Any,
) -> Choice:
    """Find the model that suits a shop's events.

    The newest `test` of time is put aside. On windows of the same length before it, the candidates that the data
    suggest are tried with their defaults; the leaders are tuned, the best of them blended, as far as the time reaches.
    Of the models within a standard error of the best there, and with 97 % of its NDCG, the simplest is chosen (Breiman
    et al., "Classification and Regression Trees", 1984, have that rule); and a safe one (best-sellers, own repeats)
    where the best can't be told apart from that. In the end the chosen model, the runner-up and the safe ones are
    measured on the time put aside, once; nothing is chosen by it.

    Parameters
    ----------
    events
        With timestamps, or without.
    test
        How long the newest stretch of time is on which the choice is measured; of events without timestamps, which
        share of the pairs is held out at random, once for the measuring and again and again for the choice.
    minutes
        What trying and tuning may take; 0: no tuning, whatever the defaults take.
    k
        The length of the lists; of several, the first decides.
    candidates
        Names of models to try; none: those that the data suggest.
    fixed
        Parameters by model that aren't searched.
    earlier
        Parameters by model that an earlier choice found (`Choice.tuned`): they are tried after the defaults, and the
        search goes on from both.
    items
        The catalogue, for the metrics that need it.
    seed
        Of samples and searches. What is tried within a time depends on the machine.
    progress
        Called with what is being done and the share of the time.
    **prepare
        How events become interactions: the parameters of `Interactions.from_events`.

    Raises
    ------
    DataError
        Where there is too little to measure anything on.
    """
    tell = progress or (lambda _what, _share: None)
    tell("parting the past from the newest weeks", 0.0)
    past, _ = split_in_order(events, test, seed=seed)
    protocol = Protocol.of(past, test, event_weights=prepare.get("event_weights"))
    folds = folds_of(past, test, protocol, seed=seed, **prepare)
    traits = Traits.of(folds[0].train, protocol)
    given = [Candidate(name, "named in the settings") for name in candidates] or propose(traits)
    decides = k if isinstance(k, int) else k[0]
    contest = Contest(folds, dict(fixed or {}), decides, minutes * 60, seed, tell, earlier or {})
    contestants = contest.run(given)
    chosen, why = pick(contestants, seed)
    runner_up = max(
        (one for one in contestants if one.name != chosen.name and one.values is not None),
        key=lambda one: one.ndcg,
        default=None,
    )
    tell("measuring the choice on the newest weeks", 1.0)
    finalists = {one.name: one.model() for one in (runner_up, chosen) if one is not None}
    comparison = compare(  # one fit each: the time for trying is over
        finalists, events, test=test, k=k, items=items, seed=seed, fits=1, protocol=protocol, **prepare
    )
    remarks = [CHOSEN_BY_VISITORS] if protocol.visitors else []
    if not isinstance(test, timedelta):
        remarks = [CHOSEN_BY_CHANCE]
    return Choice(chosen, contestants, traits, comparison, runner_up, [why, *remarks])


def pick(contestants: Sequence[Contestant], seed: int) -> tuple[Contestant, str]:
    """Return the contestant to take, the simplest first in the list given, and why in a sentence."""
    able = [one for one in contestants if one.values is not None]
    if not able:
        raise DataError("no model could be run: " + "; ".join(f"{one.name}: {one.note}" for one in contestants))
    best = max(able, key=lambda one: one.ndcg)
    on = f"on {0 if best.values is None else len(best.values):,} shoppers of the past"
    for safe in (one for name in SAFE for one in able if one.name == name and one is not best):
        if not told_apart(best, safe, seed):
            return safe, (
                f"{best.name} is ahead of {safe.name} by {best.ndcg - safe.ndcg:.4f} NDCG {on}, which may be chance: "
                f"these data are too few to tell models apart, and {safe.name} is the safe choice"
            )
    simplest = next(one for one in able if one is best or _as_good(one, best))
    if simplest is best:
        return best, f"{best.name} has the best NDCG {on}: {best.ndcg:.4f}"
    name = f"another {simplest.name}" if simplest.name == best.name else simplest.name
    return simplest, (
        f"{best.name} has the best NDCG {on}, {best.ndcg:.4f}, but is ahead of {name} with {simplest.ndcg:.4f}, which "
        "is simpler, by too little to count"
    )


def _as_good(one: Contestant, best: Contestant) -> bool:
    """Return whether the best one's lead over another is small, and no gain or within a standard error."""
    if one.values is None or best.values is None:
        return False
    lead = best.values - one.values  # on the same shoppers
    unsure = max(float(lead.std()) / math.sqrt(len(lead)), Ndcg.gain * best.ndcg)
    return one.ndcg >= AS_GOOD * best.ndcg and float(lead.mean()) <= unsure


def _in_words(parameters: dict[str, Any]) -> str:
    return ", ".join(
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}" for name, value in parameters.items()
    )
