"""A shop's settings: what `endcap.toml` may say, and what each setting is when it says nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from endcap.data.durations import parse_duration
from endcap.data.recipe import Rule
from endcap.data.schema import EVENT_WEIGHTS
from endcap.errors import ParameterError, ShopError
from endcap.files import write_whole
from endcap.recommend.assignment import Assignment
from endcap.recommend.experiments import Experiments
from endcap.recommend.surfaces import BUILT_IN, Surface

FILE_NAME = "endcap.toml"
NONE = "none"
"""What a model's parameter is in the file where it is None."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Columns(_Section):
    """Which column of the source files is which; empty: recognised by its name, or not there."""

    user: str = ""
    item: str = ""
    time: str = ""
    event: str = ""
    quantity: str = ""
    price: str = ""
    rating: str = ""
    transaction: str = ""
    session: str = ""
    event_id: str = ""
    anonymous: str = ""

    def given(self) -> dict[str, Any]:
        """Return the columns that are named, as arguments of `endcap.read_events`."""
        return {name: value for name, value in self.model_dump().items() if value}


class Prepare(_Section):
    """How events become one weight for each shopper and product."""

    event_weights: dict[str, float] = Field(default_factory=lambda: dict(EVENT_WEIGHTS))
    """How much one event of each kind says, a purchase being 1."""
    quantity: Literal["ignore", "log", "linear"] = "ignore"
    """Whether several pieces in one line count more."""
    half_life: str = ""
    """After how long an event counts half, such as "90d"; empty: age doesn't matter."""
    min_user_events: int = Field(default=1, ge=1)
    """Shoppers with fewer events are left out of training."""
    min_item_events: int = Field(default=1, ge=1)
    """Products with fewer events are left out of training."""

    def arguments(self) -> dict[str, Any]:
        """Return the settings as arguments of `Interactions.from_events`."""
        return {**self.model_dump(), "half_life": self.half_life or None}


class Train(_Section):
    """How the candidates are compared."""

    test: str = "auto"
    """The newest events that models are tested on, such as "4w"; auto: a fifth of the time there is, four weeks at
    most."""
    k: int = Field(default=10, ge=1)
    """The length of the lists that are compared."""
    minutes: float = Field(default=5, ge=0)
    """How long trying and tuning models may take; 0: the candidates are compared as they are. Fitting the
    chosen one comes on top."""
    candidates: list[str] = []
    """The models that are tried; none named: those that suit the data where there is time to tune, else Popular,
    BuyAgain, ItemKNN, EASE and ALS."""
    margin: float = Field(default=0.02, ge=0, lt=1)
    """A new model replaces the one in use only where it surely loses no more than this share of its NDCG on the newest
    events."""
    keep: int = Field(default=10, ge=1)
    """How many versions of the model are kept; the one in use, the one before it and pinned ones always are."""
    golden: list[str] = []
    """Shoppers whose recommendations by the old and the new model are shown side by side."""


class Serve(_Section):
    """How `endcap serve` answers."""

    origins: list[str] = []
    """Web pages that may ask the server directly (CORS), such as "https://shop.example"."""
    rate: float = Field(default=0, ge=0)
    """Requests a second that one key, or one address without a key, may make; 0: any."""
    most_bytes: int = Field(default=2_000_000, ge=1000)
    """The longest request; 1,000 events take some 300,000 bytes."""
    keep_answers: str = "180d"
    """For how long it is kept what was recommended to whom and what came of it; empty: for good. What is older is no
    part of `endcap performance` and of experiments' results. Events stay, whatever their age."""


class Limits(_Section):
    """From which figure on a monitor warns, and from which it raises an alarm."""

    warn: float
    alarm: float


Limited = Limits | Literal[False]


class Monitors(_Section):
    """What is watched while the shop is served; false turns a monitor off."""

    webhook: str = Field(default="", pattern=r"^(https?://[^\s/]+.*)?$")
    """Where to post JSON when an alarm begins and when it ends: "https://..."; empty: nowhere."""
    events: Limited = Limits(warn=0.5, alarm=0.1)
    """Events of the last three hours, of each kind, as a share of those of the same hours of past weeks; below."""
    unknown_items: Limited = Limits(warn=0.05, alarm=0.25)
    """The share of a day's events that name a product which the catalogue doesn't have; above."""
    fallbacks: Limited = Limits(warn=0.5, alarm=0.9)
    """The share of a day's answers, on a surface that begins with the shop's model, that others had to fill; above."""
    short_answers: Limited = Limits(warn=0.05, alarm=0.25)
    """The share of a day's answers with fewer products than were asked for; above."""
    empty_answers: Limited = Limits(warn=0.005, alarm=0.05)
    """The share of a day's answers without a product; above."""
    score_drift: Limited = Limits(warn=0.1, alarm=0.25)
    """How much the model's scores of the last day differ from those before: population stability index; above."""
    coverage: Limited = Limits(warn=0.7, alarm=0.4)
    """Different products in the last day's answers, as a share of those in as many answers before; below."""
    model_age: Limited = Limits(warn=7, alarm=30)
    """Days since the model in use was trained, where events came in since; above."""
    click_through: Limited = Limits(warn=0.8, alarm=0.5)
    """The click-through of the model in use, as a share of what its evaluation let expect; below, for certain."""

    @field_validator("*", mode="before")
    @classmethod
    def _complete(cls, value: Any, info: ValidationInfo) -> Any:
        """Let one of two limits be given, or true; the others are the usual ones."""
        usual = cls.model_fields[str(info.field_name)].default
        if not isinstance(usual, Limits):
            return value
        if value is True:
            return usual
        return {**usual.model_dump(), **value} if isinstance(value, Mapping) else value


class Config(_Section):
    """All of `endcap.toml`."""

    name: str = "shop"
    store: str = ""
    """Where events, products and shoppers are kept: "postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE"; empty: in
    SQLite, in the file store.sqlite of this folder."""
    columns: Columns = Field(default_factory=Columns)
    prepare: Prepare = Field(default_factory=Prepare)
    train: Train = Field(default_factory=Train)
    clean: list[Rule] = []
    """Which events are set aside when they are read for training; the store keeps them. `endcap doctor --clean` adds
    the rules that it proposes."""
    serve: Serve = Field(default_factory=Serve)
    monitors: Monitors = Field(default_factory=Monitors)
    surfaces: dict[str, Surface] = {}
    """The places of the shop where products are recommended, [surfaces.NAME]; one of the name of a built-in one takes
    its place."""
    experiments: Experiments = Field(default_factory=Experiments)
    """What is tried out on shoppers, [experiments.NAME], and the hold-out."""
    models: dict[str, dict[str, Any]] = Field(default_factory=lambda: {"EASE": {"max_items": 10_000}})
    """Parameters by model, such as [models.ALS] factors = 128. EASE's time grows with the cube of its products: 10,000
    keep a training within some ten seconds on two cores."""

    def all_surfaces(self) -> dict[str, Surface]:
        """Return the built-in surfaces, and those that the settings add or change."""
        return BUILT_IN | self.surfaces

    def assignment(self) -> Assignment:
        """Return who sees which variant of the experiments that are running.

        Raises
        ------
        ParameterError
            Where an experiment doesn't fit the surfaces, or another experiment.
        """
        return Assignment(self.experiments, self.all_surfaces())

    @field_validator("models")
    @classmethod
    def _nones(cls, models: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Take the text "none" for None, which TOML has no word for."""
        return {
            model: {name: None if value == NONE else value for name, value in parameters.items()}
            for model, parameters in models.items()
        }

    @classmethod
    def read(cls, folder: Path) -> Config:
        """Return the settings of a shop's folder.

        Raises
        ------
        ShopError
            Where the file is missing or holds what can't be; the message names the file and the setting.
        """
        file = folder / FILE_NAME
        try:
            config = cls.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
            test = "" if config.train.test == "auto" else config.train.test
            for duration in (config.prepare.half_life, test, config.serve.keep_answers):
                if duration:
                    parse_duration(duration)
            config.assignment()
        except FileNotFoundError:
            raise ShopError(
                f"{folder} is not a shop: it has no {FILE_NAME}; make one: endcap init {folder} ORDERS"
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ShopError(f"{file} is not valid TOML: {error}") from error
        except ParameterError as error:
            raise ShopError(f"{file}: {error}") from error
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise ShopError(f"{file}: {name} = {first['input']!r} won't do: {first['msg']}") from error
        return config

    def write(self, folder: Path) -> None:
        """Write the settings, each with its meaning as a comment."""
        document = tomlkit.document()
        document.add(tomlkit.comment("The settings of this shop, written by `endcap init`. Change what you like."))
        document["name"] = self.name
        for line in str(type(self).model_fields["store"].description).splitlines():
            document.add(tomlkit.comment(line))
        document["store"] = self.store
        for section in (self.columns, self.prepare, self.train):
            document[type(section).__name__.lower()] = _commented(section)
        document.add(tomlkit.nl())
        document.add(tomlkit.comment("A model's parameters, where they should differ from the defaults:"))
        document.add(tomlkit.comment("[models.ALS]"))
        document.add(tomlkit.comment("factors = 128"))
        for model, parameters in self.models.items():
            document.setdefault("models", tomlkit.table(is_super_table=True))[model] = {
                name: NONE if value is None else value for name, value in parameters.items()
            }
        write_whole(folder / FILE_NAME, tomlkit.dumps(document).encode())


def add_rules(folder: Path, rules: Sequence[Rule]) -> list[Rule]:
    """Write cleaning rules into `endcap.toml`, behind those that are there; return the ones that are new.

    Everything else in the file, comments included, stays as it is.
    """
    there = Config.read(folder).clean
    new = [rule for rule in rules if rule not in there]
    if new:
        document = tomlkit.parse((folder / FILE_NAME).read_text(encoding="utf-8"))
        tables = document.setdefault("clean", tomlkit.aot())
        for rule in new:
            table = tomlkit.table()
            table.update(rule.model_dump(exclude_defaults=True))
            tables.append(table)
        write_whole(folder / FILE_NAME, tomlkit.dumps(document).encode())
    return new


def set_parameters(folder: Path, model: str, parameters: Mapping[str, Any]) -> None:
    """Write some parameters of a model into `endcap.toml`, under [models.MODEL]; its others stay.

    Everything else in the file, comments included, stays as it is. None is written as "none".
    """
    document = tomlkit.parse((folder / FILE_NAME).read_text(encoding="utf-8"))
    table = document.setdefault("models", tomlkit.table(is_super_table=True)).setdefault(model, tomlkit.table())
    for name, value in parameters.items():
        table[name] = NONE if value is None else value
    write_whole(folder / FILE_NAME, tomlkit.dumps(document).encode())


def _commented(section: _Section) -> Any:
    table = tomlkit.table()
    table.comment(str(section.__doc__))
    for name, field in type(section).model_fields.items():
        if field.description:
            for line in field.description.splitlines():
                table.add(tomlkit.comment(line))
        value = getattr(section, name)
        if isinstance(value, dict):
            inline = tomlkit.inline_table()
            inline.update(value)
            value = inline
        table[name] = value
    return table
