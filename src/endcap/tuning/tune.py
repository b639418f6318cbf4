"""`endcap.tune`: the parameters that suit the data, and what they are worth."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.data.schema import TIME
from endcap.data.splits.in_order import have_order, split_in_order
from endcap.errors import DataError, ParameterError
from endcap.evaluation.protocol import Protocol
from endcap.models.base import Progress, Recommender
from endcap.models.baseline import Baseline
from endcap.models.buy_again import BuyAgain
from endcap.models.popular import Popular
from endcap.models.rating_predictor import RatingPredictor
from endcap.models.search_space import Options, Range, search_space, widened
from endcap.tuning.aim import Aim, Ndcg, Rmse
from endcap.tuning.final import DEFAULTS, TUNED, measure_once
from endcap.tuning.folds import BY_CHANCE, Fold, folds_of, rungs_of
from endcap.tuning.journal import Journal
from endcap.tuning.rating_folds import RatingData, RatingFold
from endcap.tuning.search import search
from endcap.tuning.tuning import Tuning

MINUTES: Final = 5.0
PATIENCE: Final = 50
"""After so many trials without a gain a search within a time ends; one of a number of trials runs them all."""


def tune(
    model: type[Recommender] | type[RatingPredictor],
    data: Any,
    *,
    minutes: float | None = None,
    trials: int | None = None,
    test: str | float | timedelta | None = None,
    k: int = 10,
    fixed: Mapping[str, Any] | None = None,
    start: Mapping[str, Any] | None = None,
    exclude_seen: bool | None = None,
    storage: str | Path | None = None,
    parallel: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
    **prepare: Any,
) -> Tuning:
    """Find the parameters of a model that suit the data, and measure once what they are worth.

    Nested in time: the newest part of the data, the test, is put aside. The search fits models on what came before,
    again and again without the newest stretch of that, and measures them there. In the end the defaults and the best
    parameters are fitted on everything before the test and measured on it, once. Trials that are clearly behind are
    ended early; on large data all begin on a part of the shoppers.

    Parameters
    ----------
    model
        A class with a search space: of recommenders, for the NDCG; of rating predictors, for the RMSE.
    data
        Events for recommenders. For rating predictors events or a table with `user_id, item_id,
        rating`, `Ratings`, or a sparse matrix; without timestamps, all parts are random.
    minutes
        How long the search may take; the measuring at the end comes on top. None: 5, or without an end where `trials`
        are given.
    trials
        How many to run, those of an earlier run in `storage` included.
    test
        The newest part: a length of time ("4w") or a share, which is a random part of the pairs where there are no
        timestamps. None: four weeks of events, a fifth of ratings and of events without timestamps. Each part of the
        past that the search measures on is as long; without timestamps it is a tenth.
    k
        The length of recommenders' lists.
    fixed
        Parameters that aren't searched, such as `{"factors": 64}`.
    start
        Parameters that take the place of the defaults: tried first, and compared with in the end. Those that aren't
        searched, or can't be values of the search, are fixed.
    exclude_seen
        For recommenders, whether what a user had before is neither recommended nor relevant. None: decided by the
        data before the test, as `endcap.compare` does.
    storage
        A file that keeps the trials: where it is there, the search goes on with them, also after a kill. It is refused
        where the data, the model or the settings were others.
    parallel
        How many trials are run at a time, each on its part of the cores. Worth it for models that learn on one
        thread, such as `SVD`; others use all cores anyway.
    seed
        With the same seed, data and number of `trials`, the same parameters are tried, whether or not the search was
        interrupted. How many trials fit in a time depends on the machine.
    progress
        Called with what is tried and the share of the budget that is used up.
    **prepare
        How events become interactions: the parameters of `Interactions.from_events`.

    Returns
    -------
    Tuning
        The best parameters, the gain over the defaults with its interval, how optimistic the search was, what
        mattered, and a verdict in words. "The defaults were as good" is a verdict, too.

    Raises
    ------
    ParameterError
        Where the model has nothing to search, or a parameter won't do.
    DataError
        Where there is too little to measure on, no trial could be run, or `storage` is of another search.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> users, items = [1, 1, 1, 2, 2, 2, 3, 3, 3, 3], [1, 2, 3, 1, 2, 4, 1, 2, 3, 4]
    >>> table = pl.DataFrame({"user_id": users, "item_id": items, "rating": [1, 2, 3, 2, 3, 4, 5, 4, 3, 4]})
    >>> tuning = ec.tune(ec.Baseline, table, trials=4)
    >>> sorted(tuning.parameters)
    ['item_regularization', 'user_regularization']
    """
    begin = time.perf_counter()
    given = dict(fixed or {})
    space = _space(model, given)
    first = {name: value for name, value in (start or {}).items() if name in space and widened(space[name], value)}
    given |= {name: value for name, value in (start or {}).items() if name not in first and name not in given}
    _checked(parallel=parallel, trials=1 if trials is None else trials)
    model(**{**given, **first})  # a mistake is told before the work begins
    tell = progress or (lambda _what, _share: None)
    tell("putting the test aside", 0.0)
    aim: Aim
    parts: _EventParts | _RatingParts
    if issubclass(model, RatingPredictor):
        aim, parts = Rmse(), _RatingParts(data, 0.2 if test is None else test, seed)
    else:
        aim, parts = Ndcg(k), _EventParts(data, test, exclude_seen, seed, prepare)
    folds, rungs = parts.folds(), parts.rungs()
    mark = _mark(model, folds, [aim.name, given, first, parts.how(), len(rungs), seed])
    if minutes is None and trials is None:
        minutes = MINUTES
    found = search(
        model,
        folds,
        rungs=rungs,
        aim=aim,
        fixed=given,
        usual=first,
        seconds=None if minutes is None else minutes * 60,
        trials=trials,
        patience=PATIENCE if trials is None else None,
        seed=seed,
        parallel=parallel,
        journal=None if storage is None else Journal(storage, mark),
        progress=progress,
    )
    best = found.best
    if best is None:
        raise DataError(f"no trial of {model.__name__} could be run: {found.tried[0].note}")
    if found.tried[0].note:
        raise DataError(f"{model.__name__} can't be run with what to compare with: {found.tried[0].note}")
    tell("measuring on the test, once", 1.0)
    models = {DEFAULTS: model(**given, **found.tried[0].parameters), **parts.simple()}
    if best is not found.tried[0]:
        models[TUNED] = model(**given, **best.parameters)
    final = measure_once(models, parts.last(), aim, seed)
    how = (*parts.how(), f"{aim.name} by bootstrap over {final.users:,} users of the test, 1,000 resamples.")
    return Tuning(found, given, final, how, seed, time.perf_counter() - begin)


class _EventParts:
    """Events, parted for recommenders."""

    def __init__(self, data: Any, test: Any, exclude_seen: bool | None, seed: int, prepare: dict[str, Any]) -> None:
        events = as_events(data)
        self._test = test if test is not None else "4w" if have_order(events) else BY_CHANCE
        self._past, self._future = split_in_order(events, self._test, seed=seed)
        self._prepare, self._seed = prepare, seed
        self._window: timedelta | float = BY_CHANCE
        if have_order(events):
            self._window = _last(self._future) - _last(self._past)
        self._protocol = Protocol.of(
            self._past,
            self._window,
            exclude_seen=exclude_seen,
            event_weights=prepare.get("event_weights"),
        )
        self._folds = folds_of(self._past, self._window, self._protocol, seed=seed, **prepare)

    def folds(self) -> list[Fold]:
        return self._folds

    def rungs(self) -> list[Fold]:
        return rungs_of(self._past, self._window, self._protocol, seed=self._seed, **self._prepare)

    def last(self) -> Fold:
        return Fold.of(self._past, self._future, self._protocol, **self._prepare)

    def simple(self) -> dict[str, Any]:
        return {"Popular": Popular()} | ({} if self._protocol.exclude_seen else {"BuyAgain": BuyAgain()})

    def how(self) -> list[str]:
        shoppers = sum(len(fold.task.queries) for fold in self._folds)
        if not isinstance(self._window, timedelta):
            return [
                f"Searched on {len(self._folds)} parts of the past with {shoppers:,} shoppers, hidden in turn.",
                f"Tested on {len(self._future):,} events drawn by chance, which the search never saw.",
                f"Seen items: {self._protocol.reason}.",
            ]
        days = self._window / timedelta(days=1)
        return [
            f"Searched on {len(self._folds)} stretches of {days:.0f} days up to {_last(self._past):%Y-%m-%d} with "
            f"{shoppers:,} shoppers, each foretold from what came before it.",
            f"Tested on {len(self._future):,} events after {_last(self._past):%Y-%m-%d}, which the search never saw.",
            f"Seen items: {self._protocol.reason}.",
        ]


class _RatingParts:
    """Ratings, parted for rating predictors."""

    def __init__(self, data: Any, test: Any, seed: int) -> None:
        self._data, self._seed = RatingData.of(data, test, seed), seed

    def folds(self) -> list[RatingFold]:
        return self._data.folds(self._seed)

    def rungs(self) -> list[RatingFold]:
        return self._data.rungs(self._seed)

    def last(self) -> RatingFold:
        return self._data.last()

    def simple(self) -> dict[str, Any]:
        return {"Baseline": Baseline()}

    def how(self) -> list[str]:
        kind = "the newest" if self._data.in_time else "random"
        size = len(self._data.past)
        return [
            f"Searched on {size:,} ratings, of which {kind} parts were hidden in turn.",
            f"Tested on {len(self._data.test):,} ratings, {kind} ones, which the search never saw.",
        ]


def _space(model: Any, fixed: dict[str, Any]) -> dict[str, Range | Options]:
    """Return which parameters to search, and where."""
    if not isinstance(model, type) or not issubclass(model, (Recommender, RatingPredictor)):
        raise ParameterError(f"tune takes the class of a model, such as endcap.ALS, not {model!r}")
    left = {name: one for name, one in search_space(model).items() if name not in fixed}
    if not left:
        raise ParameterError(f"{model.__name__} has nothing to search" + (" besides what is fixed" if fixed else ""))
    return left


def _checked(**counts: int) -> None:
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ParameterError(f"{name}={value!r} won't do: give 1 or more")


def _mark(model: type, folds: list[Any], settings: list[Any]) -> str:
    """Return what tells this search from others: the data that decide, and all that changes what is found."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(json.dumps([model.__name__, settings], sort_keys=True, default=str).encode())
    for fold in folds:
        digest.update(fold.train.fingerprint().encode())
    return digest.hexdigest()


def _last(events: Events) -> datetime:
    return cast(datetime, events.frame[TIME].max())
