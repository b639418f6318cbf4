"""The search for a model's parameters: Optuna proposes, the newest weeks of the past decide."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from endcap.data.arrays import Float64Array
from endcap.errors import EndcapError, ParameterError
from endcap.models.base import Progress, Recommender
from endcap.models.parameters import parameters_of
from endcap.models.search_space import Range, search_space
from endcap.tune.folds import Fold

if TYPE_CHECKING:
    import optuna

PATIENCE: Final = 15
"""After so many trials without a gain the search ends."""
_AT_RANDOM: Final = 6  # trials before the sampler begins to learn from them
_GAIN: Final = 1e-3  # of the best value: what counts as one
_HOPELESS: Final = 0.9  # of the best value: below that on the first folds, a trial isn't tried on the others


@dataclass(frozen=True)
class Tried:
    """One trial."""

    parameters: dict[str, Any]
    """What the search chose; the others are the model's defaults or given."""
    value: float
    """The mean NDCG over all shoppers of the folds that were run; NaN where the model couldn't be run."""
    seconds: float
    """Wall-clock time of fitting and asking."""
    values: Float64Array | None = None
    """Every shopper's NDCG, fold after fold; None of a trial that was given up."""
    note: str = ""
    """Why it was given up."""


@dataclass(frozen=True)
class Search:
    """What came of a search."""

    model: type[Recommender]
    tried: list[Tried] = field(default_factory=list)
    """All trials in order; the first one is that of the defaults."""

    @property
    def whole(self) -> list[Tried]:
        """The trials that ran on all folds."""
        return [one for one in self.tried if one.values is not None]

    @property
    def best(self) -> Tried | None:
        """The trial with the highest value; None where none could be run."""
        return max(self.whole, key=lambda one: one.value, default=None)


class TimeIsUpError(EndcapError):
    """The time that a fit may take is over."""


def search(
    model: type[Recommender],
    folds: Sequence[Fold],
    *,
    k: int = 10,
    fixed: Mapping[str, Any] | None = None,
    seconds: float | None = None,
    trials: int | None = None,
    patience: int | None = PATIENCE,
    first: Sequence[Mapping[str, Any]] = (),
    seed: int = 0,
    study: optuna.Study | None = None,
    progress: Progress | None = None,
) -> Search:
    """Look for the parameters with the best NDCG on the folds.

    The defaults are tried first, then what is given as `first`, then what Optuna's TPE sampler proposes (Bergstra et
    al., "Algorithms for hyper-parameter optimization", NeurIPS 2011) out of the model's search space. A trial that is
    clearly behind after a fold isn't run on the others.

    Parameters
    ----------
    model
        A class of recommenders.
    folds
        What decides, the most telling first: `endcap.tune.folds.folds_in_time`.
    k
        The length of the lists.
    fixed
        Parameters that aren't searched.
    seconds, trials
        The budget; one of them is needed. A fit that is still running when the time is up is stopped.
    patience
        After how many trials without a gain the search ends; None: only when the budget is used up.
    first
        Parameters to try before others, such as the last search's best.
    seed
        With the same seed and a budget of trials, the same parameters are tried.
    study
        An Optuna study to go on with; None: a new one, in memory.
    progress
        Called with what is tried and the share of the budget that is used up.

    Raises
    ------
    ParameterError
        Without a budget.
    """
    if seconds is None and trials is None:
        raise ParameterError("a search needs a budget: give seconds, trials, or both")
    start, given = time.perf_counter(), dict(fixed or {})
    space = {name: one for name, one in search_space(model).items() if name not in given}
    study = study or new_study(seed)
    defaults = {name: value for name, value in parameters_of(model(**given)).items() if name in space}
    for one in (defaults, *first):
        study.enqueue_trial({name: value for name, value in one.items() if name in space}, skip_if_exists=True)
    found = Search(model)
    since_gain = 0
    while True:
        spent = max(
            0.0 if seconds is None else (time.perf_counter() - start) / seconds,
            0.0 if trials is None else len(found.tried) / trials,
        )
        if spent >= 1 or (patience is not None and since_gain >= patience) or (found.tried and not space):
            return found
        best = found.best
        if progress is not None:
            told = "" if best is None else f", best NDCG@{k} {best.value:.4f}"
            progress(f"{model.__name__}: trial {len(found.tried) + 1}{told}", spent)
        trial = study.ask(_distributions(space))
        until = None if seconds is None or not found.tried else start + seconds
        tried = _try(model, {**given, **trial.params}, trial.params, folds, k, until, best)
        _tell(study, trial, tried)
        since_gain = 0 if best is None or tried.value > best.value * (1 + _GAIN) else since_gain + 1
        found.tried.append(tried)


def new_study(seed: int, **options: Any) -> optuna.Study:
    """Return an Optuna study that looks for the highest value with the TPE sampler."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=_AT_RANDOM)
    return optuna.create_study(direction="maximize", sampler=sampler, **options)


def _distributions(space: Mapping[str, Any]) -> dict[str, Any]:
    from optuna import distributions

    made: dict[str, Any] = {}
    for name, one in space.items():
        if not isinstance(one, Range):
            made[name] = distributions.CategoricalDistribution(one.values)
        elif isinstance(one.low, int) and isinstance(one.high, int):
            made[name] = distributions.IntDistribution(one.low, one.high, log=one.log)
        else:
            made[name] = distributions.FloatDistribution(one.low, one.high, log=one.log)
    return made


def _try(
    model: type[Recommender],
    parameters: dict[str, Any],
    chosen: dict[str, Any],
    folds: Sequence[Fold],
    k: int,
    until: float | None,
    best: Tried | None,
) -> Tried:
    """Fit and measure on one fold after the other, as long as there is hope and time."""
    start = time.perf_counter()
    parts: list[Float64Array] = []
    note = ""
    try:
        for fold in folds:
            parts.append(fold.ndcg(model(**parameters), k, _until(until)))
            if len(parts) < len(folds) and _hopeless(np.concatenate(parts), best):
                note = "behind on the first folds"
                break
    except MemoryError as error:
        note = f"not enough memory{f': {error}' if str(error) else ''}"
    except EndcapError as error:
        note = str(error)
    seconds = time.perf_counter() - start
    values = np.concatenate(parts) if parts else None
    value = float("nan") if values is None else float(values.mean())
    return Tried(chosen, value, seconds, None if note else values, note)


def _hopeless(so_far: Float64Array, best: Tried | None) -> bool:
    """Return whether the best trial is far ahead on the same shoppers."""
    if best is None or best.values is None:
        return False
    return bool(so_far.mean() < _HOPELESS * best.values[: len(so_far)].mean())


def _until(moment: float | None) -> Progress:
    """Return a progress that ends a fit when its time is up."""

    def check(_what: str, _share: float) -> None:
        if moment is not None and time.perf_counter() > moment:
            raise TimeIsUpError("the time was up")

    return check


def _tell(study: optuna.Study, trial: optuna.Trial, tried: Tried) -> None:
    from optuna.trial import TrialState

    if np.isnan(tried.value):
        study.tell(trial, state=TrialState.FAIL)
    elif tried.values is None:
        trial.report(tried.value, 0)
        study.tell(trial, state=TrialState.PRUNED)
    else:
        study.tell(trial, tried.value)
