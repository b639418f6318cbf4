"""What parameters are chosen by: the newest weeks of the past, several times over where shoppers are few."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

import numpy as np
import polars as pl

from endcap.data.arrays import Float64Array
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.data.schema import TIME, USER
from endcap.data.splits import Split, split_by_time, split_k_fold
from endcap.errors import DataError
from endcap.evaluation.metrics import USER_METRICS, Background, ranking_metrics
from endcap.evaluation.protocol import Protocol
from endcap.evaluation.task import Task
from endcap.models.base import Progress, Recommender

ENOUGH_SHOPPERS: Final = 3000
"""With so many measured shoppers in two folds or more, no earlier window is added: NDCG@10 of two models that agree on
most shoppers is then certain to some 2 %."""
LEAST_FOLDS: Final = 2
"""One window may be a holiday; what is best in two is more likely to last."""
MOST_FOLDS: Final = 4
MOST_SHOPPERS: Final = 10_000
"""More are not measured in one fold: a sample of so many is as good, and quicker."""
BY_CHANCE: Final = 0.2
"""Of the pairs of a shopper and a product: what is held out of events without times."""
_PARTS: Final = 10
"""In so many parts the past of events without times is hidden in turn: models that are chosen by it then learn from
nearly as much as in the end, which decides where some gain more from the last events than others."""
RUNGS: Final = ((2_000_000, 1 / 16), (200_000, 1 / 4))
"""From so many events on, trials are first run on this part of the shoppers."""


@dataclass(frozen=True)
class Fold:
    """A stretch of the past, and what followed it."""

    train: Interactions
    task: Task

    @classmethod
    def of(cls, past: Events, following: Events, protocol: Protocol, *, log: bool = True, **prepare: Any) -> Fold:
        """Prepare events as `Interactions.from_events` does, and the task that those after them set."""
        train = Interactions.from_events(past, log=log, **prepare)
        return cls(train, protocol.task(train, following, event_weights=prepare.get("event_weights")))

    def ndcg(self, model: Recommender, k: int, progress: Progress | None = None) -> Float64Array:
        """Fit a model, and return the NDCG@k of every shopper of the task, shape (users,)."""
        return self.ask(model.fit(self.train, progress=progress), k)

    def ask(self, model: Recommender, k: int) -> Float64Array:
        """Return the same of a model that is fitted on `train` already."""
        top, _ = model.answer(self.task.queries, k, exclude_seen=self.task.exclude_seen)
        values = ranking_metrics(top.items, self.task.relevant, (k,), Background(self.task.n_items))
        ndcg: Float64Array = values[:, 0, USER_METRICS.index("ndcg")]
        return ndcg


def folds_of(past: Events, test: timedelta | float, protocol: Protocol, **how: Any) -> list[Fold]:
    """Return `folds_in_time`, or `folds_by_chance` where it isn't known what came after what."""
    if isinstance(test, timedelta):
        return folds_in_time(past, test, protocol, **how)
    return folds_by_chance(past, protocol, **how)


def rungs_of(past: Events, test: timedelta | float, protocol: Protocol, *, seed: int = 0, **how: Any) -> list[Fold]:
    """Return the first fold of parts of the shoppers, the smallest part first; none where events are few.

    With half of the trials ended on a quarter of the shoppers, a search takes little more than half of its time
    (successive halving). Parameters are those of `folds_of`.
    """
    shares = [share for events, share in RUNGS if len(past) >= events]
    parts = [replace(past, frame=of_some_users(past.frame, share, seed)) for share in shares]
    return [folds_of(part, test, protocol, most=1, seed=seed, **how)[0] for part in parts]


def folds_by_chance(
    past: Events,
    protocol: Protocol,
    *,
    shoppers: int = ENOUGH_SHOPPERS,
    most: int = MOST_FOLDS,
    sample: int = MOST_SHOPPERS,
    seed: int = 0,
    **prepare: Any,
) -> list[Fold]:
    """Return the past, a tenth of its pairs of a shopper and a product held out at random, another one in each fold.

    Parameters are those of `folds_in_time`.

    Raises
    ------
    DataError
        Where there is not one fold with a shopper to measure.
    """
    folds: list[Fold] = []
    measured = 0
    for split in split_k_fold(past, _PARTS, seed=seed):
        if len(folds) >= most or (len(folds) >= LEAST_FOLDS and measured >= shoppers):
            break
        folds.append(_fold(split, protocol, sample, [seed, len(folds)], prepare))
        measured += len(folds[-1].task.queries)
    return folds


def folds_in_time(
    past: Events,
    window: timedelta,
    protocol: Protocol,
    *,
    shoppers: int = ENOUGH_SHOPPERS,
    most: int = MOST_FOLDS,
    sample: int = MOST_SHOPPERS,
    seed: int = 0,
    **prepare: Any,
) -> list[Fold]:
    """Return the past, parted again and again into what was and what came within `window`: the latest fold first.

    Folds are added, each a window earlier, until there are two and `shoppers` are measured, or half of the time is used
    up.

    Parameters
    ----------
    past
        Events with timestamps; those of the final test are not among them.
    window
        How long what is to be foretold lasts, as in the final test.
    protocol
        Who is asked, and what counts.
    shoppers, most, sample
        With so many measured shoppers there is no further fold; so many folds at most; so many shoppers of each.
    seed
        Of the sample.
    **prepare
        How events become interactions: the parameters of `Interactions.from_events`.

    Raises
    ------
    DataError
        Where there is not one fold with a shopper to measure.
    """
    times = past.frame[TIME]
    start, end = cast(datetime, times.min()), cast(datetime, times.max())
    folds: list[Fold] = []
    measured, upto = 0, past
    while len(folds) < most and (len(folds) < LEAST_FOLDS or measured < shoppers):
        try:
            split = split_by_time(upto, test=window)
            fold = _fold(split, protocol, sample, [seed, len(folds)], prepare)
        except DataError:
            if folds:
                break
            raise
        folds.append(fold)
        measured += len(fold.task.queries)
        upto = split.train
        if cast(datetime, upto.frame[TIME].max()) - window < start + (end - start) / 2:
            break
    return folds


def _fold(split: Split, protocol: Protocol, sample: int, seed: list[int], prepare: dict[str, Any]) -> Fold:
    fold = Fold.of(split.train, split.test, protocol, **prepare)
    shoppers = len(fold.task.queries)
    if shoppers <= sample:
        return fold
    return replace(fold, task=fold.task.take(np.sort(np.random.default_rng(seed).permutation(shoppers)[:sample])))


def of_some_users(table: pl.DataFrame, share: float, seed: int) -> pl.DataFrame:
    """Return the rows of a random part of the users; of a smaller share, a part of those of a larger one."""
    users = table[USER].unique().sort()
    chosen = np.random.default_rng([seed, 1]).permutation(len(users))[: max(1, round(share * len(users)))]
    return table.filter(pl.col(USER).is_in(users.gather(np.sort(chosen)).implode()))
