"""Models side by side: trained on the past, tested on the future, always next to best-sellers, repeats and chance."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import polars as pl

from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.data.reading import as_events
from endcap.data.schema import TIME
from endcap.data.splits.in_order import have_order, split_in_order
from endcap.data.splits.split import checked_count
from endcap.errors import ParameterError
from endcap.evaluation.background import background_of, category_names
from endcap.evaluation.comparison import Comparison, Details
from endcap.evaluation.cutoffs import checked_cutoffs
from endcap.evaluation.fits import FITS
from endcap.evaluation.protocol import Protocol
from endcap.evaluation.segments import segment_table, segments_of
from endcap.evaluation.task import Task
from endcap.evaluation.trial import Trial, try_model
from endcap.models.base import Progress, Recommender
from endcap.models.parameters import parameters_of
from endcap.models.popular import Popular


def compare(
    models: Recommender | Iterable[Recommender] | Mapping[str, Recommender],
    events: Events | pl.DataFrame,
    *,
    test: str | float | timedelta = "4w",
    k: int | Sequence[int] = 10,
    exclude_seen: bool | None = None,
    items: pl.DataFrame | None = None,
    seed: int = 0,
    fits: int = FITS,
    protocol: Protocol | None = None,
    progress: Progress | None = None,
    **prepare: Any,
) -> Comparison:
    """Train models on all but the last weeks, and see how well they rank what shoppers took in those.

    Every model ranks the full catalogue for every user who has a history before the test window and events in it;
    the distinct items of those events are the right answers. What can't be found counts as missed: items that
    nobody had before stay among the right answers. Users without a history are counted and left out.

    Parameters
    ----------
    models
        One, several, or named ones; simpler ones first: of models that can't be told apart, the verdict names the
        first. They aren't touched: copies are fitted. `Popular`, `BuyAgain` and `Random` are added.
    events
        From `endcap.read_events`, with timestamps.
    test
        The length of the test window at the end, such as "4w", or a share of the events, such as 0.2. Events without
        timestamps take a share alone: that part of the pairs of a user and an item is held out at random, which
        flatters all models, for they know what others did later.
    k
        How many items are recommended; of several lengths, the first decides and `by_k` has them all.
    exclude_seen
        Whether what a user had before is neither recommended nor relevant. None: decided by the training data; no
        where at least 10 % of what shoppers take in its last window is something they took before.
    items
        The catalogue, from `endcap.read_items`: with its `product_type`, diversity and categories are measured.
    seed
        Of the bootstrap, the randomisation tests and the random lists. The same seed and data give the same intervals.
    fits
        How often a model that draws by chance (one with a `seed`) is fitted, each time with another seed. Its figures
        are the means, and what they vary by is in the intervals and the verdict, so that one lucky fit is no better
        model. With 1, the verdict is about these fitted models alone.
    protocol
        How models are asked, where that was decided before by `Protocol.of`; `exclude_seen` says nothing then.
    progress
        Called with a description and the share done, from 0 to 1.
    **prepare
        How events become interactions: the parameters of `Interactions.from_events`, such as `half_life="90d"`.

    Returns
    -------
    Comparison
        Tables of metrics and of paired differences with 95 % intervals, a verdict in words, and the fitted models.
        A model that can't be fitted (too little memory, unsuitable data) gets a row that says why.

    Raises
    ------
    ParameterError
        Where `fits` or a length in `k` is below 1.
    DataError
        Where events have no timestamp and `test` is a length of time, or nobody can be measured.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> from datetime import datetime, timedelta
    >>> days = [datetime(2026, 1, 1) + timedelta(days=d) for d in range(60)]
    >>> events = pl.DataFrame(
    ...     {
    ...         "user_id": [d % 4 for d in range(60)],
    ...         "item_id": [d % 7 for d in range(60)],
    ...         "timestamp": pl.Series(days, dtype=pl.Datetime("us")),
    ...     }
    ... )
    >>> comparison = ec.compare([ec.Popular()], events, test="2w", k=3)
    >>> comparison.details.users, comparison.details.exclude_seen
    (4, False)
    """
    decides, cutoffs = checked_cutoffs(k)
    checked_count("fits", fits, 1)
    tell = progress or (lambda _what, _share: None)
    tell("splitting by time", 0.0)
    events = as_events(events)
    past, future = split_in_order(events, test, seed=seed)
    protocol = protocol or Protocol.of(
        past,
        _last(future) - _last(past) if have_order(events) else None,
        exclude_seen=exclude_seen,
        event_weights=prepare.get("event_weights"),
    )
    contestants = _with_baselines(_named(models), seed)
    train = Interactions.from_events(past, log=any(m._needs_log for m in contestants.values()), **prepare)
    task = protocol.task(train, future, event_weights=prepare.get("event_weights"))
    background = background_of(task, train, cutoffs[-1], items)
    trials: dict[str, list[Trial] | str] = {}
    for place, (name, model) in enumerate(contestants.items()):

        def tell_of_model(what: str, done: float, name: str = name, place: int = place) -> None:
            tell(f"{name}: {what}", (place + 0.9 * done) / len(contestants))

        tell(name, place / len(contestants))
        trials[name] = try_model(model, train, task, cutoffs, background, tell_of_model, fits)
    tell("measuring how sure the differences are", 0.99)
    details = _details(events, past, future, train, task, decides, cutoffs, seed, protocol)
    done = {name: trial for name, trial in trials.items() if not isinstance(trial, str)}
    parts = segments_of(task, background, [] if items is None else category_names(items))
    segments = segment_table(done, task, parts, decides, seed) if done else None
    comparison = Comparison.of_trials(trials, details, segments)
    tell("done", 1.0)
    return comparison


def _named(models: Recommender | Iterable[Recommender] | Mapping[str, Recommender]) -> dict[str, Recommender]:
    """Return the models by name: their class, with what sets them apart where one class comes more than once."""
    if isinstance(models, Mapping):
        return dict(models)
    several = [models] if isinstance(models, Recommender) else list(models)
    for model in several:
        if not isinstance(model, Recommender):
            raise ParameterError(f"can't compare {model!r}; give models, such as endcap.Popular()")
    classes = Counter(type(m).__name__ for m in several)
    named: dict[str, Recommender] = {}
    for model in several:
        name = type(model).__name__
        if classes[name] > 1:
            usual = {f.name: f.default for f in dataclasses.fields(model)}  # type: ignore[arg-type]
            special = {p: v for p, v in parameters_of(model).items() if v != usual[p]}
            name += "(" + ", ".join(f"{p}={v!r}" for p, v in special.items()) + ")" if special else ""
        number, plain = 2, name
        while name in named:
            name, number = f"{plain} #{number}", number + 1
        named[name] = model
    return named


def _with_baselines(models: dict[str, Recommender], seed: int) -> dict[str, Recommender]:
    """Put best-sellers and own repeats in front where they aren't there, and chance at the end."""
    from endcap.evaluation.random_items import Random
    from endcap.models.buy_again import BuyAgain

    baselines: list[Recommender] = [Popular(), BuyAgain(), Random(seed=seed)]
    missing = {type(b).__name__: b for b in baselines if not any(type(m) is type(b) for m in models.values())}
    if missing.keys() & models.keys():
        kept = ", ".join(sorted(missing.keys() & models.keys()))
        raise ParameterError(f"the names of baselines are kept for them; name your model differently than {kept}")
    # From simple to less so: best-sellers, own repeats, what was given. Chance is no choice and comes last.
    first = {name: missing[name] for name in ("Popular",) if name in missing}
    own = {name: missing[name] for name in ("BuyAgain",) if name in missing}
    if not first:  # own repeats come behind the best-sellers that were given
        place = next(n for n, m in enumerate(models.values(), 1) if type(m) is Popular)
        first = dict(list(models.items())[:place])
    return {**first, **own, **models, **{name: m for name, m in missing.items() if name == "Random"}}


def _details(
    events: Events,
    past: Events,
    future: Events,
    train: Interactions,
    task: Task,
    k: int,
    cutoffs: tuple[int, ...],
    seed: int,
    protocol: Protocol,
) -> Details:
    return Details(
        k=k,
        cutoffs=cutoffs,
        train_events=len(past),
        train_users=train.shape[0],
        train_items=train.shape[1],
        train_end=_last(past) if have_order(events) else None,
        test_events=len(future),
        test_end=_last(future) if have_order(events) else None,
        users=len(task.queries),
        relevant=len(task.relevant.indices),
        cold_users=task.cold_users,
        repeating_users=task.repeating_users,
        cold_items=task.cold_items,
        cold_pairs=task.cold_pairs,
        exclude_seen=task.exclude_seen,
        exclude_seen_reason=protocol.reason,
        repeat_share=protocol.repeat_share,
        visitors=protocol.visitors,
        seed=seed,
    )


def _last(events: Events) -> datetime:
    return cast(datetime, events.frame[TIME].max())
