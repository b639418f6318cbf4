"""One shop: a folder with settings, events, catalogue and models, and what can be done with them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from endcap.config import FILE_NAME, Config, add_rules, set_parameters
from endcap.data.columns import OPTIONS
from endcap.data.durations import parse_duration
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.data.recipe import Rule, apply_recipe
from endcap.data.schema import ITEM, TIME, USER
from endcap.data.splits.in_order import have_order
from endcap.errors import DataError, IdTypeError, ParameterError, ShopError
from endcap.files import write_parquet, write_whole
from endcap.models import MODELS, RATING_PREDICTORS
from endcap.models.base import Progress, Recommender
from endcap.models.persistence import read_manifest
from endcap.recommend.prepared import Prepared
from endcap.recommend.reasons import add_reasons, reason_in_words
from endcap.recommend.variants import one_of_each_group, variants
from endcap.store.catalogue import Upsert
from endcap.store.event_store import Intake, by_file
from endcap.store.models import ModelRegistry
from endcap.store.store import Store

if TYPE_CHECKING:
    from endcap.automatic.check import Check
    from endcap.automatic.choice import Choice
    from endcap.doctor.diagnose import Diagnosis
    from endcap.evaluation.comparison import Comparison
    from endcap.monitor.attribution import Touch
    from endcap.report.exploration import Exploration
    from endcap.store.shoppers import Receipt
    from endcap.tuning.tuning import Tuning

SAFE_MODEL = "Popular"
"""What is used where the data don't allow to tell models apart."""
EVALUATED = ("Popular", "BuyAgain", "ItemKNN", "EASE", "ALS")
"""What is compared where the settings name no candidates: each of the common families once."""


@dataclass(frozen=True)
class Import:
    """What came of importing events."""

    summary: Events
    """What was read and what was set aside; its frame is empty, for the rows are in the store."""
    new: int
    """Rows that were not there before."""
    known: int
    """Rows that were there already, from an earlier import."""
    quarantine: Path | None = None
    """Where the rows that were set aside are, if there are any."""
    repeated: bool = False
    """Whether the very same files were imported before; then they were not read again."""


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


class Shop:
    """A shop that is there already; `create` makes one.

    Raises
    ------
    ShopError
        Where the folder isn't a shop or its settings can't be read.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.config = Config.read(self.folder)
        self.models = ModelRegistry(self.folder / "models")
        self.set_aside: list[int] = []

    @classmethod
    def create(cls, folder: str | Path, config: Config) -> Shop:
        """Make a shop in a folder, which may exist but not be a shop yet.

        Raises
        ------
        ShopError
            Where the folder is a shop already.
        """
        folder = Path(folder)
        if (folder / FILE_NAME).exists():
            raise ShopError(f"{folder} is a shop already; add events with: endcap import ORDERS --shop {folder}")
        config.write(folder)
        return cls(folder)

    # -- events and catalogue ------------------------------------------------------------------------------

    @cached_property
    def store(self) -> Store:
        """Where events, products and shoppers are kept; opened when first used."""
        return Store(self.folder, self.config.store)

    def import_events(
        self, sources: Any, *, deduplicate: bool = False, format: str | None = None, query: str | None = None
    ) -> Import:
        """Read files of events, keep the good rows that are new, and set the others aside in the folder `quarantine`.

        Files are read in batches, so they may be larger than memory. All of it is kept, or nothing where this fails.
        """
        from endcap.data.event_reader import EventReader, IdsAreTextError
        from endcap.store.fingerprints import fingerprint

        given = self.config.columns.given()
        columns = {column: given.get(option) for column, option in OPTIONS.items()}
        reader = EventReader(sources, columns, deduplicate=deduplicate, format=format, query=query)
        mark = fingerprint(reader.sources, [sorted(given.items()), deduplicate, format])
        before = None if mark is None else self.store.events.find(mark)
        if before is not None:
            names = tuple(one.name for one in reader.sources)
            summary = Events(pl.DataFrame(), mapping=reader.mapping, sources=names, rows_read=before.rows)
            return Import(summary, 0, before.events, repeated=True)
        if reader.is_text_file:  # text knows no types: the shop's ids say what these are
            kinds = self.store.events.id_types()
            reader.text_ids |= {column for column, kind in kinds.items() if kind == pl.String}
        source = ", ".join(one.name for one in reader.sources)
        while True:
            with suppress(IdsAreTextError):
                batches = by_file(reader.batches())
                files = len(reader.sources)
                done = self.store.events.add(batches, reader.finish, source=source, files=files, fingerprint=mark)
                return self._imported(done)

    def add_events(self, events: Events) -> Import:
        """Keep events that were read already; those that are there from an earlier import stay as they are."""
        summary = replace(events, frame=events.frame.clear())
        done = self.store.events.add([(events.frame, 0)], lambda: summary, source=", ".join(events.sources))
        return self._imported(done)

    def _imported(self, done: Intake) -> Import:
        self._read_anew()
        quarantine = None
        if len(done.summary.quarantine):
            quarantine = self.folder / "quarantine" / f"import-{done.number:06}.csv"
            write_whole(quarantine, done.summary.quarantine.write_csv().encode())
        return Import(done.summary, done.new, done.known, quarantine)

    def import_items(self, source: Any, *, format: str | None = None, query: str | None = None) -> Upsert:
        """Read a catalogue: new products are added, known ones take the new values, the others stay."""
        from endcap.data.items import read_items

        items = source if isinstance(source, pl.DataFrame) else read_items(source, format=format, query=query)
        done = self.store.catalogue.add_items(items, source="" if items is source else str(source))
        self.read_catalogue_anew()
        return done

    def import_users(self, source: Any, *, format: str | None = None, query: str | None = None) -> Upsert:
        """Read what is known of shoppers: as `import_items` does for products."""
        from endcap.data.users import read_users

        users = source if isinstance(source, pl.DataFrame) else read_users(source, format=format, query=query)
        return self.store.catalogue.add_users(users, source="" if users is source else str(source))

    def import_offers(self, source: Any) -> int:
        """Read what products cost, and whether they were to be had, from when on; return how many rows were news."""
        from endcap.data.offers import read_offers

        return self.store.catalogue.add_offers(read_offers(source))

    def import_identities(self, source: Any) -> int:
        """Read a table of `anonymous_id, user_id`: visitors, and who they turned out to be; return how many were news.

        The visitors' history becomes the users'; the stored rows stay as they came in.
        """
        from endcap.data.users import read_identities

        news = self.store.shoppers.merge_all(read_identities(source))
        self._read_anew()
        return news

    def forget(self, user: str | int) -> Receipt:
        """Remove all that is stored of a shopper; models that were trained before are to be trained again."""
        receipt = self.store.shoppers.forget(user)
        self._read_anew()
        return receipt

    def _read_anew(self) -> None:
        for name in ("events", "_aliases"):
            self.__dict__.pop(name, None)

    def export(self, folder: str | Path) -> dict[str, int]:
        """Write all that the store holds as Parquet files that the imports read back; return the rows of each file."""
        tables = {
            "events": self.store.events.read_all(),
            "items": self.items,
            "offers": self.store.catalogue.offers(),
            "users": self.store.catalogue.users(),
            "identities": self.store.shoppers.identities(),
        }
        written = {}
        for name, table in tables.items():
            if table is not None and len(table):
                write_parquet(Path(folder) / f"{name}.parquet", table)
                written[f"{name}.parquet"] = len(table)
        return written

    @cached_property
    def events(self) -> Events:
        """All events of the shop, as training and reports use them: the one place where they are read.

        Visitors' ids are replaced by those of the users they turned out to be. What the rules under `[[clean]]` set
        aside isn't among them; `set_aside` counts it.
        """
        stored = self.store.events.read()
        merged = self.store.shoppers.merged(stored.frame)
        kept, self.set_aside = apply_recipe(merged, self.config.clean)
        return replace(stored, frame=kept)

    def diagnose(self) -> Diagnosis:
        """Return what is wrong with the events and the catalogue, and what they are good for."""
        from endcap.doctor.diagnose import diagnose

        return diagnose(self.events, self.items)

    def clean(self, rules: Sequence[Rule]) -> list[Rule]:
        """Add cleaning rules to `endcap.toml`, and return those that are new. Nothing is taken out of the store."""
        new = add_rules(self.folder, rules)
        self.config = Config.read(self.folder)
        self._read_anew()
        return new

    @cached_property
    def items(self) -> pl.DataFrame | None:
        """The products as they are now, or None."""
        return self.store.catalogue.items()

    def read_catalogue_anew(self) -> None:
        """Look for products that others wrote."""
        self.__dict__.pop("items", None)

    def titles(self, ids: pl.Series) -> dict[Any, str]:
        """Return the products' titles by id; ids without one are left out."""
        if self.items is None or "title" not in self.items.columns:
            return {}
        found = self.items.filter(pl.col(ITEM).is_in(ids.unique().implode()), pl.col("title").is_not_null())
        return dict(found.select(ITEM, "title").iter_rows())

    # -- models --------------------------------------------------------------------------------------------

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
            items=self.items,
            seed=seed,
            progress=progress,
            **self.config.prepare.arguments(),
        )

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

    # -- answers -------------------------------------------------------------------------------------------

    def recommend(
        self,
        users: list[str] | list[int] | list[str | int] | None = None,
        *,
        history: list[Any] | None = None,
        k: int = 10,
        repeats: bool | None = None,
    ) -> pl.DataFrame:
        """Return what to show to some shoppers, to a visitor, or (None) to everyone, with titles and reasons.

        Of the variants of a product (its `item_group_id` in the catalogue) the best is shown; none of what a shopper
        had before, where that may not come back.

        `repeats` says whether what a shopper had before may come back; None: what the comparison was made with.
        """
        exclude_seen = self._exclude_seen() if repeats is None else not repeats
        if history is not None:
            seen = self._hides_seen(exclude_seen, lambda: pl.DataFrame({ITEM: history}))
            return self._with_titles(
                one_of_each_group(
                    lambda n: self.model.recommend(history=history, k=n, exclude_seen=exclude_seen),
                    self._variants,
                    k,
                    seen=seen,
                )
            )
        asked = self._as_merged(users) if users else None
        wanted = users if asked is None else asked[USER].unique(maintain_order=True).to_list()
        best = one_of_each_group(
            lambda n: self.model.recommend(wanted, k=n, exclude_seen=exclude_seen),
            self._variants,
            k,
            seen=self._hides_seen(exclude_seen, lambda: self.events.frame.select(USER, ITEM)),
        )
        table = add_reasons(self.model, best)
        counts = self.events.frame.group_by(USER, ITEM).agg(times=pl.len())
        table = table.join(counts, on=[USER, ITEM], how="left", maintain_order="left")
        table = self._with_titles(table).drop("times")
        return (
            table
            if asked is None
            else asked.join(table, on=USER, maintain_order="left_right").drop(USER).rename({"asked": USER})
        )

    @property
    def _variants(self) -> pl.DataFrame | None:
        return variants(self.items)

    def _hides_seen(self, exclude_seen: bool | None, own: Callable[[], pl.DataFrame]) -> pl.DataFrame | None:
        """Return what shoppers had where that may not come back and there are variants; None elsewhere."""
        hidden = not self.model._recommends_seen if exclude_seen is None else exclude_seen
        return own() if hidden and self._variants is not None else None

    def _as_merged(self, users: Sequence[Any]) -> pl.DataFrame | None:
        """Return who is `asked` for and the `user_id` it was merged into; None where that is the same for all."""
        now = [self._aliases.get(user, user) for user in users]
        return None if now == list(users) else pl.DataFrame({"asked": users, USER: now})

    @cached_property
    def _aliases(self) -> dict[Any, Any]:
        return dict(self.store.shoppers.aliases(self.store.events.read_all()).iter_rows())

    def similar(self, item: str | int, *, k: int = 10) -> pl.DataFrame:
        """Return the products most like one product, with titles; of variants one, and none of the product itself."""
        own = pl.DataFrame({ITEM: [item]})
        return self._with_titles(
            one_of_each_group(lambda n: self.model.similar_items(item, k=n), self._variants, k, seen=own)
        )

    def explain(self, user: str | int, item: str | int) -> pl.DataFrame:
        """Return which of the shopper's own products led to a product, with titles."""
        return self._with_titles(self.model.explain(user, item))

    def bought(self, user: str | int) -> pl.DataFrame:
        """Return what one shopper had to do with, the most often first: `item_id, title, times`."""
        own = self.events.frame.filter(pl.col(USER) == user)
        return self._with_titles(own[ITEM].value_counts(name="times").sort("times", ITEM, descending=[True, False]))

    def write_report(
        self, path: Path, comparison: Comparison | None = None, *, shoppers: Sequence[str | int] = ()
    ) -> Path:
        """Write a page about the shop's data, the comparison and, by the model in use, some shoppers."""
        from endcap.report.page import Example, write_report

        examples = []
        for shopper in shoppers:
            bought = self.bought(shopper).head(6)
            repeats_count = self._exclude_seen() is False
            examples.append(
                Example(
                    f"Shopper {shopper}",
                    list(zip(_names(bought), bought["times"], strict=True)),
                    _with_reasons(self.recommend([shopper])),
                    _with_reasons(self.recommend([shopper], k=5, repeats=False)) if repeats_count else (),
                )
            )
        return write_report(
            path,
            title=self.config.name,
            events=self.events,
            items=self.items,
            comparison=comparison,
            examples=examples,
        )

    def explore(self, *, progress: Progress | None = None) -> Exploration:
        """Return what the shop's events look like, and what they suggest to try."""
        from endcap.report.exploration import explore

        return explore(self.events, self.items, progress=progress)

    def performance(self, since: int, *, window: timedelta, touch: Touch = "last") -> pl.DataFrame:
        """Return what came of the recommendations since a time in microseconds, by surface and model."""
        from endcap.monitor.attribution import attribute
        from endcap.monitor.moments import as_user
        from endcap.monitor.performance import performance

        events = self.store.events.read_since(since)
        if "event_id" not in events.columns or TIME not in events.columns:
            events = pl.DataFrame(schema={"event_id": pl.String, TIME: pl.Datetime("us"), USER: pl.String,
                                          ITEM: pl.String, "event": pl.String})  # fmt: skip
        # a visitor who clicked, then logged in and bought, is one shopper
        aliases = self.store.shoppers.aliases(events)
        before = since - window // timedelta(microseconds=1)
        feedback = as_user(self.store.answers.feedback(before, impressions=False), aliases)
        credited = attribute(feedback, as_user(events, aliases), window=window, touch=touch)
        products = None if self.items is None else len(self.items)
        shown = self.store.answers.shown(since)
        return performance(self.store.answers.given(since), credited, shown, products=products)

    def typical_shoppers(self) -> list[str | int]:
        """Return two shoppers to show: one who buys as much as most do, and one who buys a lot."""
        counts = self.events.frame[USER].value_counts().sort("count", USER)
        return [counts[USER][int(share * (len(counts) - 1))] for share in (0.5, 0.9)]

    def _exclude_seen(self, version: str | None = None) -> bool | None:
        manifest = read_manifest(self.models.folder / (version or self.models.champion()))
        exclude_seen = manifest["metrics"].get("exclude_seen")
        return exclude_seen if isinstance(exclude_seen, bool) else None

    def _with_titles(self, table: pl.DataFrame) -> pl.DataFrame:
        """Put the products' titles after their ids, and say reasons in words."""
        own = table["because_of"].explode() if "because_of" in table.columns else table[ITEM].head(0)
        titles = self.titles(pl.concat([table[ITEM], own.drop_nulls().cast(table[ITEM].dtype)]))
        if titles:
            names = table[ITEM].replace_strict(titles, default=None, return_dtype=pl.String)
            table = table.with_columns(names.alias("title"))
            table = table.select([c for name in table.columns if name != "title" for c in _after(name)])
        if "reason" in table.columns:
            words = [
                reason_in_words(
                    row["reason"],
                    row["because_of"],
                    titles,
                    row["times"],
                    every=row.get("every_days"),
                    ago=row.get("days_ago"),
                )
                for row in table.iter_rows(named=True)
            ]
            table = table.with_columns(pl.Series("reason_text", words, dtype=pl.String))
        return table


def _names(table: pl.DataFrame) -> list[str]:
    """Return the products' titles, or their ids where they have none."""
    ids = table[ITEM].cast(pl.String)
    return (table["title"].fill_null(ids) if "title" in table.columns else ids).to_list()


def _with_reasons(table: pl.DataFrame) -> list[tuple[str, str]]:
    return list(zip(_names(table), table["reason_text"], strict=True))


def _after(name: str) -> tuple[str, ...]:
    return (name, "title") if name == ITEM else (name,)


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


def as_id(text: str, *, is_text: bool) -> str | int:
    """Return an id given as text in the type that the data has."""
    if is_text:
        return text
    try:
        return int(text)
    except ValueError:
        raise IdTypeError(f"ids are numbers here, and {text!r} is none") from None
