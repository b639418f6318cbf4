"""How a shop comes to its model: candidates, comparison, choice, tuning, and what is prepared for serving it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from endcap.config import FILE_NAME, Config, set_parameters
from endcap.data.durations import parse_duration
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.data.schema import TIME
from endcap.data.splits.in_order import have_order
from endcap.errors import DataError, ModelFileError, ParameterError, ShopError
from endcap.models import MODELS, RATING_PREDICTORS
from endcap.models.base import Progress, Recommender
from endcap.models.persistence import read_manifest
from endcap.recommend.prepared import Prepared
from endcap.shop.records import Records

if TYPE_CHECKING:
    from endcap.automatic.check import Check
    from endcap.automatic.choice import Choice
    from endcap.evaluation.comparison import Comparison
    from endcap.tuning.tuning import Tuning

SAFE_MODEL = "Popular"
"""What is used where the data don't allow to tell models apart."""
EVALUATED = ("Popular", "BuyAgain", "ItemKNN", "EASE", "ALS")
"""What is compared where the settings name no candidates: each of the common families once."""


@dataclass(frozen=True)
class Training:
    """What came of training."""

    version: str
    model: Recommender
    comparison: Comparison | None
    """How the model does on the newest events beside others; None where there was too little to compare on."""
    choice: Choice | None = None
    """How it was chosen on the past; None where it wasn't: it is the best of the comparison then."""
    remarks: list[str] = field(default_factory=list)
    promoted: bool = False
    """Whether `version` is in use now."""
    before: str | None = None
    """The version that was in use before; None where there was none."""
    reason: str = ""
    """Why it was put to use, or wasn't."""
    checks: list[Check] = field(default_factory=list)
    """What the gate looked at; empty for a shop's first model."""
    also_kept: str | None = None
    """The version that was found, where instead of it the parameters in use were fitted anew and put to use."""

    def to_dict(self) -> dict[str, Any] | None:
        """Return what JSON can hold of how the model was found; None where nothing could be compared."""
        if self.choice is not None:
            return self.choice.to_dict()
        return None if self.comparison is None else self.comparison.to_dict()


class Trained(Records):
    """A shop's models: how they are found, fitted and put to use."""

    def candidates(self) -> list[Recommender]:
        """Return the models to compare, unfitted, with the shop's parameters."""
        return [self.new_model(name) for name in self.config.train.candidates or EVALUATED]

    def new_model(self, name: str) -> Recommender:
        """Return an unfitted model by the name of its class, with the shop's parameters."""
        model: Recommender = self._new(name, MODELS)
        return model

    def _new(self, name: str, homes: Mapping[str, str]) -> Any:
        if name not in homes:
            raise ShopError(f"{self.folder / FILE_NAME} names the model {name!r}; there are {', '.join(sorted(homes))}")
        cls = getattr(importlib.import_module(homes[name]), name)
        try:
            return cls(**self.config.models.get(name, {}))
        except ParameterError as error:
            raise ShopError(f"{self.folder / FILE_NAME}, [models.{name}]: {error}") from error

    def interactions(self, *, log: bool = False) -> Interactions:
        """Return all events, prepared as the settings say; with their order where `log`."""
        return Interactions.from_events(self.events, log=log, **self.config.prepare.arguments())

    def compare(self, *, progress: Progress | None = None) -> Comparison:
        """Train the candidates on the past and test them on the newest events."""
        from endcap.evaluation.compare import compare

        return compare(
            self.candidates(),
            self.events,
            test=self._test_window(),
            k=self._lengths(),
            items=self.items,
            progress=progress,
            **self.config.prepare.arguments(),
        )

    def train(
        self,
        *,
        minutes: float | None = None,
        force: bool = False,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Training:
        """Find the model that suits the events, fit it on all of them, and put it to use where the gate lets it pass.

        `minutes` is what trying and tuning may take; None: as the settings say; 0: the best of the candidates with
        their parameters is taken, as `compare` finds it. With `force`, it is put to use whatever the gate says.

        Raises
        ------
        DataError
            Where there are no events to learn from; the model in use stays.
        ShopError
            Where another training of this shop is running.
        """
        with self.models.training():
            return self._train(minutes, force, seed, progress)

    def _train(self, minutes: float | None, force: bool, seed: int, progress: Progress | None) -> Training:
        from endcap.promotion import put_to_use, refuse_no_events

        refuse_no_events(self)
        train = self.config.train
        minutes = train.minutes if minutes is None else minutes
        for name in train.candidates:  # a mistake in the settings is told before the work begins
            self.new_model(name)
        for name in self.config.models:
            self._new(name, MODELS | RATING_PREDICTORS)
        choice, comparison, remarks, model = None, None, [], self.new_model(SAFE_MODEL)
        try:
            if minutes > 0:
                choice = self._choose(minutes, seed, progress)
                model, comparison, remarks = choice.chosen.model(), choice.comparison, choice.remarks
            else:
                comparison = self.compare(progress=progress)
                model = self.new_model(comparison.winner)
        except DataError as error:
            remarks.append(f"the models can't be compared: {error}; {SAFE_MODEL} is the safe choice")
        model.fit(self.interactions(log=model._needs_log), progress=progress)
        return put_to_use(self, Training("", model, comparison, choice, remarks), force=force, seed=seed)

    def prepared(self, version: str) -> Prepared:
        """Return what surfaces need besides a version's model; made where it isn't there yet."""
        folder = self.models.folder / version / "serving"
        found = Prepared.read(folder)
        if found is None:
            model = self.models.load(version)
            newest = model.interactions_.newest
            events = self.events
            if events.has_time:  # what came in since isn't the model's
                events = replace(events, frame=events.frame.filter(pl.col(TIME).cast(pl.Int64) <= newest))
            log = Interactions.from_events(events, log=True, **self.config.prepare.arguments())
            hides = self._exclude_seen(version)
            hides = not model._recommends_seen if hides is None else hides
            found = Prepared.make(model, events, log, self.store.events.last_until(newest), hides)
            found.write(folder)
        return found

    def is_prepared(self, version: str) -> bool:
        """Return whether what surfaces need besides a version's model was made already."""
        return Prepared.read(self.models.folder / version / "serving") is not None

    def _choose(self, minutes: float, seed: int, progress: Progress | None) -> Choice:
        from endcap.automatic.choice import choose

        return choose(
            self.events,
            test=self._test_window(),
            minutes=minutes,
            k=self._lengths(),
            candidates=self.config.train.candidates,
            fixed=self.config.models,
            earlier=self._tuned_before(),
            items=self.items,
            seed=seed,
            progress=progress,
            **self.config.prepare.arguments(),
        )

    def _tuned_before(self) -> dict[str, dict[str, Any]]:
        """Return the parameters by model that earlier choices found, of each model the newest."""
        found: dict[str, dict[str, Any]] = {}
        for version in self.models.versions():
            try:
                found |= self.models.manifest(version)["metrics"].get("tuned", {})
            except ModelFileError:  # a damaged version is no reason not to train a new one
                continue
        return found

    def tune(
        self,
        name: str,
        *,
        minutes: float | None = None,
        trials: int | None = None,
        seed: int = 0,
        resume: bool = False,
        progress: Progress | None = None,
    ) -> Tuning:
        """Search parameters of a model by the name of its class, beginning with the shop's; see `endcap.tune`.

        A rating predictor is tuned on the events that have a rating: on the newest fifth of them, or a random one.

        The trials are kept in the folder `tuning`; with `resume` the search goes on with those that are there.
        """
        from endcap.tuning.tune import tune

        model = type(self._new(name, MODELS | RATING_PREDICTORS))
        rates = name in RATING_PREDICTORS
        storage = self.folder / "tuning" / f"{name}.jsonl"
        if not resume:
            storage.unlink(missing_ok=True)
        return tune(
            model,
            self.events,
            minutes=minutes,
            trials=trials,
            test=None if rates else self._test_window(),
            k=self.config.train.k,
            start=self.config.models.get(name, {}),
            storage=storage,
            seed=seed,
            progress=progress,
            **({} if rates else self.config.prepare.arguments()),
        )

    def set_parameters(self, name: str, parameters: Mapping[str, Any]) -> None:
        """Write parameters of a model into `endcap.toml`; nothing is written where there are none."""
        if parameters:
            set_parameters(self.folder, name, parameters)
            self.config = Config.read(self.folder)

    def _test_window(self) -> timedelta | float:
        """Return how long the newest weeks are; of events without times, which share is held out by chance."""
        from endcap.tuning.folds import BY_CHANCE

        test = self.config.train.test
        if not have_order(self.events):
            return BY_CHANCE
        return test_window(self.events) if test == "auto" else parse_duration(test)

    def _lengths(self) -> list[int]:
        """Return the lengths of lists to measure, the one that decides first."""
        k = self.config.train.k
        return sorted({5, 20, k}, key=lambda length: length != k)

    @cached_property
    def model(self) -> Recommender:
        """The model in use."""
        return self.models.load()

    def _exclude_seen(self, version: str | None = None) -> bool | None:
        manifest = read_manifest(self.models.folder / (version or self.models.champion()))
        exclude_seen = manifest["metrics"].get("exclude_seen")
        return exclude_seen if isinstance(exclude_seen, bool) else None


def test_window(events: Events) -> timedelta:
    """Return how long the newest stretch of events to test on is: a fifth of all time, four weeks at most.

    Raises
    ------
    DataError
        Where the events have no time, or all have the same.
    """
    if not events.has_time:
        raise DataError("the events have no timestamp, so past and future can't be told apart")
    times = events.frame[TIME]
    span = timedelta(microseconds=int(times.cast(pl.Int64).max() or 0) - int(times.cast(pl.Int64).min() or 0))  # type: ignore[arg-type]
    if span <= timedelta(0):
        raise DataError("all events have the same timestamp, so past and future can't be told apart")
    return min(span / 5, timedelta(weeks=4))
