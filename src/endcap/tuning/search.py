"""The search for a model's parameters: Optuna proposes, the newest weeks of the past decide."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final

from threadpoolctl import threadpool_limits

from endcap.data.arrays import Float64Array
from endcap.errors import ParameterError
from endcap.models.base import Progress
from endcap.models.parameters import parameters_of
from endcap.models.search_space import Options, Range, search_space, widened
from endcap.tuning.aim import Aim, Ndcg, ratio
from endcap.tuning.attempt import Attempt, TimeIsUpError, attempt, deadline
from endcap.tuning.journal import Journal
from endcap.tuning.proposals import Proposals

PATIENCE: Final = 15
"""After so many trials without a gain the search ends."""
_NOT_HALVED: Final = 4  # so many trials come past a rung whatever they did there


@dataclass(frozen=True)
class Tried:
    """One trial."""

    parameters: dict[str, Any]
    """What the search chose; the others are the model's defaults or given."""
    value: float
    """The figure over all folds that were run; NaN where the model couldn't be run, or didn't come past a rung."""
    seconds: float
    """Wall-clock time of fitting and asking."""
    values: Float64Array | None = None
    """The value of every case, fold after fold; None of a trial that was given up, or run before a restart."""
    note: str = ""
    """Why it was given up."""
    steps: tuple[float, ...] = ()
    """The figure on each rung, then on the first fold, the first two, and so on."""


@dataclass(frozen=True)
class Search:
    """What came of a search."""

    model: type[Any]
    aim: Aim = field(default_factory=Ndcg)
    tried: list[Tried] = field(default_factory=list)
    """All trials in order; the first one is that of the defaults."""
    resumed: int = 0
    """How many of them were run before the search was interrupted."""
    space: dict[str, Range | Options] = field(default_factory=dict)
    """What was searched: the model's space, with what it began with."""

    @property
    def whole(self) -> list[Tried]:
        """The trials that ran on all folds."""
        return [one for one in self.tried if not one.note]

    @property
    def best(self) -> Tried | None:
        """The trial with the best figure, the earliest of several; None where none could be run."""
        best = max if self.aim.higher_is_better else min
        return best(self.whole, key=lambda one: one.value, default=None)


def search(
    model: type[Any],
    folds: Sequence[Any],
    *,
    rungs: Sequence[Any] = (),
    aim: Aim | None = None,
    fixed: Mapping[str, Any] | None = None,
    usual: Mapping[str, Any] | None = None,
    seconds: float | None = None,
    trials: int | None = None,
    patience: int | None = PATIENCE,
    first: Sequence[Mapping[str, Any]] = (),
    seed: int = 0,
    parallel: int = 1,
    journal: Journal | None = None,
    progress: Progress | None = None,
) -> Search:
    """Look for the parameters with the best figure on the folds.

    The defaults are tried first, then what is given as `first`, then what Optuna's TPE sampler proposes (Bergstra et
    al., "Algorithms for hyper-parameter optimization", NeurIPS 2011) out of the model's search space. A trial that is
    clearly behind after a fold isn't run on the others; of those that were run on a rung, only the better half go on
    (successive halving: Jamieson and Talwalkar, AISTATS 2016, as trials come in: Li et al., MLSys 2020).

    Parameters
    ----------
    model
        A class of recommenders or of rating predictors.
    folds
        What decides, the most telling first: `endcap.tuning.folds.folds_in_time`.
    rungs
        Folds of a part of the shoppers, the smallest first, on which all trials are run first.
    aim
        What is measured; None: NDCG@10.
    fixed
        Parameters that aren't searched.
    usual
        Parameters that take the place of the defaults and are searched; the space is widened to hold them.
    seconds, trials
        The budget; one of them is needed. A fit that is still running when the time is up is stopped. Trials of the
        journal count, their time doesn't.
    patience
        After how many trials without a gain the search ends; None: only when the budget is used up.
    first
        Parameters to try before others, such as the last search's best.
    seed
        With the same seed, `parallel` and a budget of trials, the same parameters are tried.
    parallel
        How many trials are run at a time, each on its part of the cores. Worth it for models that learn on one thread.
    journal
        Where trials are kept; those that are there already aren't run again.
    progress
        Called with what is tried and the share of the budget that is used up.

    Raises
    ------
    ParameterError
        Without a budget.
    """
    if seconds is None and trials is None:
        raise ParameterError("a search needs a budget: give seconds, trials, or both")
    aim, start, given = aim or Ndcg(), time.perf_counter(), dict(fixed or {})
    space = {name: one for name, one in search_space(model).items() if name not in given}
    for name, value in (usual or {}).items():
        space[name] = widened(space[name], value) or space[name]
    proposals = Proposals(space, seed=seed, higher_is_better=aim.higher_is_better)
    earlier: list[Tried] = [] if journal is None else [_read(line, len(rungs)) for line in journal.trials]
    for before in earlier:
        proposals.know(before.parameters, before.steps, done=not before.note)
    found = Search(model, aim, list(earlier), len(earlier), space)
    known = {_key(before.parameters): before for before in earlier}
    before_all = parameters_of(model(**{**given, **(usual or {})}))
    defaults = {name: value for name, value in before_all.items() if name in space}
    queue: list[dict[str, Any]] = [{**defaults, **one} for one in ({}, *first)]
    queue = [one for one in queue if _key(one) not in known]
    running = _running(model, given, parallel)

    def run(parameters: dict[str, Any], stop: Event) -> Attempt:
        until = None if seconds is None or not found.tried else start + seconds
        in_time = deadline(until)

        def check(what: str, share: float) -> None:
            if stop.is_set():
                raise TimeIsUpError("stopped")
            in_time(what, share)

        return attempt(
            lambda: model(**given, **running, **parameters),
            folds,
            aim,
            rungs=rungs,
            check=check,
            give_up=lambda steps: _behind(steps, len(rungs), found),
        )

    while True:
        spent = max(
            0.0 if seconds is None else (time.perf_counter() - start) / seconds,
            0.0 if trials is None else len(found.tried) / trials,
        )
        stale = patience is not None and _since_gain(found) >= patience
        if (spent >= 1 and found.tried) or stale or (found.tried and not space):
            return found
        if progress is not None:
            best = found.best
            told = "" if best is None else f", best {aim.name} {best.value:.4f}"
            progress(f"{model.__name__}: trial {len(found.tried) + 1}{told}", min(spent, 1.0))
        # The first trial is the measure of the others, so it runs alone.
        size = 1 if not found.tried else parallel if trials is None else min(parallel, trials - len(found.tried))
        batch = [(queue.pop(0), None) if queue else _proposed(proposals) for _ in range(size)]
        fresh = list({_key(one): one for one, _ in batch if _key(one) not in known}.values())
        done = _at_once(run, fresh, parallel)
        for parameters, one in zip(fresh, done, strict=True):
            value = _value(one.steps, len(rungs))
            known[_key(parameters)] = Tried(parameters, value, one.seconds, one.values, one.note, one.steps)
        outcome = [known[_key(parameters)] for parameters, _ in batch]
        for tried, (_, trial) in zip(outcome, batch, strict=True):
            if trial is None:
                proposals.know(tried.parameters, tried.steps, done=not tried.note)
            else:
                proposals.tell(trial, tried.steps, done=not tried.note)
        found.tried.extend(outcome)
        if journal is not None and not any(one.out_of_time for one in done):
            journal.add(_plain(one) for one in outcome)


def _proposed(proposals: Proposals) -> tuple[dict[str, Any], Any]:
    trial = proposals.ask()
    return dict(trial.params), trial


def _at_once(
    run: Callable[[dict[str, Any], Event], Attempt], batch: list[dict[str, Any]], parallel: int
) -> list[Attempt]:
    """Run attempts side by side; an interruption ends them all."""
    stop = Event()
    if parallel == 1 or len(batch) < 2:
        return [run(one, stop) for one in batch]
    with (
        threadpool_limits(limits=max(1, (os.cpu_count() or 1) // parallel)),
        ThreadPoolExecutor(parallel) as executor,
    ):
        try:
            return list(executor.map(lambda one: run(one, stop), batch))
        except BaseException:
            stop.set()
            raise


def _running(model: type[Any], given: Mapping[str, Any], parallel: int) -> dict[str, Any]:
    """Return how many threads each of several trials may take, where the model lets itself be told."""
    if parallel == 1 or "threads" in given or not hasattr(model(**given), "threads"):
        return {}
    return {"threads": max(1, (os.cpu_count() or 1) // parallel)}


def _behind(steps: tuple[float, ...], rungs: int, found: Search) -> str:
    """Return why a trial isn't worth more time, or nothing."""
    place = len(steps) - 1
    best = found.best
    if best is not None and ratio(found.aim, steps[-1], best.steps[place]) < found.aim.hopeless:
        return "behind on the first folds"
    if place < rungs:
        others = [one.steps[place] for one in found.tried if len(one.steps) > place]
        better = sum(ratio(found.aim, other, steps[-1]) > 1 for other in others)
        if len(others) >= _NOT_HALVED and better > len(others) / 2:
            return "in the worse half on a part of the shoppers"
    return ""


def _value(steps: tuple[float, ...], rungs: int) -> float:
    return steps[-1] if len(steps) > rungs else float("nan")


def _since_gain(found: Search) -> int:
    """Return how many trials there were since the best figure last rose by more than a little."""
    best: float | None = None
    since = 0
    for one in found.tried:
        gained = not one.note and (best is None or ratio(found.aim, one.value, best) > 1 + found.aim.gain)
        since = 0 if gained else since + 1
        best = one.value if gained else best
    return since


def _key(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True)


def _plain(one: Tried) -> dict[str, Any]:
    return {"parameters": one.parameters, "steps": one.steps, "seconds": one.seconds, "note": one.note}


def _read(line: dict[str, Any], rungs: int) -> Tried:
    steps = tuple(line["steps"])
    return Tried(line["parameters"], _value(steps, rungs), line["seconds"], None, line["note"], steps)
