"""One model tried on folds: fitted and measured until it is done, hopeless, or out of time or memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from endcap import native
from endcap.data.arrays import Float64Array
from endcap.errors import EndcapError
from endcap.evaluation.trial import why_not
from endcap.models.base import Progress
from endcap.tuning.aim import Aim


class TimeIsUpError(EndcapError):
    """The time that a fit may take is over."""


@dataclass(frozen=True)
class Attempt:
    """What came of it."""

    steps: tuple[float, ...]
    """The figure on each rung, then on the first fold, the first two, and so on, as far as it came."""
    values: Float64Array | None
    """The value of every case (shopper, rating), fold after fold; None where it was given up."""
    seconds: float
    """Wall-clock time of fitting and asking."""
    note: str = ""
    """Why it was given up."""
    out_of_time: bool = False

    @property
    def figure(self) -> float:
        """The figure over all folds; NaN where it was given up."""
        return float("nan") if self.values is None else self.steps[-1]


def attempt(
    make: Callable[[], Any],
    folds: Sequence[Any],
    aim: Aim,
    *,
    rungs: Sequence[Any] = (),
    check: Progress | None = None,
    give_up: Callable[[tuple[float, ...]], str] = lambda _steps: "",
) -> Attempt:
    """Fit new models on one fold after the other, and measure them.

    Parameters
    ----------
    make
        Returns a new, unfitted model.
    folds
        What the figure is over.
    aim
        What is measured.
    rungs
        Smaller folds that come before, and whose values aren't part of the figure.
    check
        Called while a model is fitted and asked; what it raises ends the attempt: see `deadline`.
    give_up
        Called with the steps so far while there are more to go; returns why to stop, or nothing.
    """
    start = time.perf_counter()
    parts: list[Float64Array] = []
    steps: tuple[float, ...] = ()
    note, out_of_time = "", False
    try:
        with heard_by_kernels(check):
            for place, fold in enumerate([*rungs, *folds]):
                found = aim.values(fold, make(), check)
                if place < len(rungs):
                    steps = (*steps, aim.figure(found))
                else:
                    parts.append(found)
                    steps = (*steps, aim.figure(np.concatenate(parts)))
                note = give_up(steps) if len(parts) < len(folds) else ""
                if note:
                    break
    except (MemoryError, EndcapError) as error:
        note, out_of_time = why_not(error), isinstance(error, TimeIsUpError)
    values = None if note else np.concatenate(parts)
    return Attempt(steps, values, time.perf_counter() - start, note, out_of_time)


def deadline(moment: float | None, why: str = "the time was up") -> Progress:
    """Return a progress that ends a fit after a moment (of `time.perf_counter`); None: never."""

    def check(_what: str, _share: float) -> None:
        if moment is not None and time.perf_counter() > moment:
            raise TimeIsUpError(why)

    return check


@contextmanager
def heard_by_kernels(check: Progress | None) -> Iterator[None]:
    """Have kernels that this thread calls ask `check` between their chunks, too: in fits of one step, in answers."""
    before = native.between_chunks(None if check is None else lambda: check("", 0.0))
    try:
        yield
    finally:
        native.between_chunks(before)
