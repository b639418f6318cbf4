"""A model put to the test: fitted, asked, measured, timed."""

from __future__ import annotations

import copy
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from endcap.data.arrays import Float64Array, Int32Array
from endcap.data.interactions import Interactions
from endcap.errors import EndcapError, ReducedModelWarning
from endcap.evaluation.fits import with_other_seed
from endcap.evaluation.metrics import Background, ranking_metrics
from endcap.evaluation.task import Task
from endcap.models.base import Progress, Recommender


@dataclass(frozen=True)
class Trial:
    """What came of one fit of a model."""

    model: Recommender
    """Fitted."""
    recommended: Int32Array
    """Shape (users, longest cutoff): positions, best first, -1 for an empty place."""
    cutoffs: tuple[int, ...]
    """The lengths that were measured, ascending."""
    values: Float64Array
    """Shape (users, cutoffs, metrics): `metrics.USER_METRICS` of every user, NaN where there is none."""
    fallback: float
    """The share of recommendations that are best-sellers, put where the model had no evidence."""
    fit_seconds: float
    """Wall-clock time."""
    recommend_seconds: float
    """Wall-clock time for all users of the task."""
    notes: tuple[str, ...]
    """What a user should know, such as that only part of the catalogue was taken."""

    def at(self, k: int) -> Float64Array:
        """Return the values at one of the cutoffs, shape (users, metrics)."""
        values: Float64Array = self.values[:, self.cutoffs.index(k)]
        return values


def try_model(
    model: Recommender,
    train: Interactions,
    task: Task,
    cutoffs: tuple[int, ...],
    background: Background,
    progress: Progress,
    fits: int = 1,
) -> list[Trial] | str:
    """Fit copies of `model` and measure each, or return why that can't be done.

    A model that draws by chance is fitted `fits` times, each with another seed, the first with its own; another one
    once.
    """
    others = [one for one in (with_other_seed(model, fit) for fit in range(1, fits)) if one is not None]
    copies = [copy.copy(model), *others]
    trials = []
    for number, fresh in enumerate(copies):

        def tell(what: str, done: float, number: int = number) -> None:
            which = f" (fit {number + 1} of {len(copies)})" if len(copies) > 1 else ""
            progress(what + which, (number + done) / len(copies))

        trial = _try_once(fresh, train, task, cutoffs, background, tell)
        if isinstance(trial, str):
            return trial
        trials.append(trial)
    return trials


def _try_once(
    fresh: Recommender,
    train: Interactions,
    task: Task,
    cutoffs: tuple[int, ...],
    background: Background,
    progress: Progress,
) -> Trial | str:
    notes: list[str] = []
    try:
        with _reductions_noted(notes.append):
            fit_start = time.perf_counter()
            fresh.fit(train, progress=progress)
            fit_seconds = time.perf_counter() - fit_start
        return measure(fresh, task, cutoffs, background, fit_seconds, (*fresh.notes_, *notes))
    except (MemoryError, EndcapError) as error:
        return why_not(error)


def why_not(error: MemoryError | EndcapError) -> str:
    """Return in words why a model couldn't be run."""
    if isinstance(error, MemoryError):
        return f"not enough memory{f': {error}' if str(error) else ''}"
    return str(error)


def measure(
    model: Recommender,
    task: Task,
    cutoffs: tuple[int, ...],
    background: Background,
    fit_seconds: float = 0.0,
    notes: tuple[str, ...] = (),
) -> Trial:
    """Ask a fitted model for lists of the longest cutoff, and measure them at each."""
    start = time.perf_counter()
    top, fallback = model.answer(task.queries, cutoffs[-1], exclude_seen=task.exclude_seen)
    recommend_seconds = time.perf_counter() - start
    return Trial(
        model=model,
        recommended=top.items,
        cutoffs=cutoffs,
        values=ranking_metrics(top.items, task.relevant, cutoffs, background),
        fallback=float(fallback.sum() / max(1, np.count_nonzero(top.items >= 0))),
        fit_seconds=fit_seconds,
        recommend_seconds=recommend_seconds,
        notes=tuple(dict.fromkeys(notes)),
    )


@contextmanager
def _reductions_noted(note: Callable[[str], None]) -> Iterator[None]:
    """Hand warnings of reduced models to `note`; let all others through."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ReducedModelWarning)
        yield
    for warning in caught:
        if issubclass(warning.category, ReducedModelWarning):
            note(str(warning.message))
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
