"""Experiments: which variants of a surface are compared, as `endcap.toml` declares them."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from endcap.recommend.surfaces import Surface

HOLDOUT: Final = "holdout"
"""The name of the comparison of the whole system with best-sellers."""
HELD_OUT: Final = "held-out"
SERVED: Final = "served"
Metric = Literal["revenue", "conversion", "clicks"]
"""What of a shopper is compared: the money spent, whether anything was bought, whether a recommendation was clicked;
all of it since the shopper first saw the variant."""


class Variant(Surface):
    """What differs for some shoppers: anything a surface may say, `[experiments.NAME.variants.VARIANT]`.

    Only what is written there differs; the rest is as the surface says.
    """

    weight: float = Field(default=1.0, gt=0)
    """How many shoppers see it, in proportion to the other variants."""
    model: str = ""
    """The version of the model that answers, such as "20261124-125516-ItemKNN"; empty: the one in use."""

    def of(self, surface: Surface) -> Surface:
        """Return the surface as the variant has it."""
        own = self.model_fields_set & Surface.model_fields.keys()
        return surface.model_copy(update={name: getattr(self, name) for name in own})


class Experiment(BaseModel):
    """One experiment, `[experiments.NAME]`; the variant that is named first is the control."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    surface: str | list[str]
    """Where: a surface, or several."""
    share: float = Field(default=1.0, gt=0, le=1)
    """Of the shoppers, so many are in it; the others see the surface as it is. It may grow: who is in it stays, and
    keeps the variant."""
    variants: dict[str, Variant]
    """At least two."""
    metric: Metric = "revenue"
    """What the verdict is about."""
    lift: float = Field(default=0.02, gt=0, le=10)
    """The smallest change of the metric worth knowing, as a share of the control's."""
    salt: str = ""
    """What shoppers are drawn by; empty: the experiment's name. Another one draws anew."""
    running: bool = True
    """False: it is over, everyone sees the surface as it is, and the results stay."""
    since: date | None = None
    """What was shown before this day (UTC) isn't counted."""
    tuned_for: int = Field(default=10_000, ge=100)
    """At so many shoppers the intervals are narrowest; to be settled before the start."""

    @property
    def surfaces(self) -> tuple[str, ...]:
        """The surfaces by name."""
        return (self.surface,) if isinstance(self.surface, str) else tuple(self.surface)

    @property
    def control(self) -> str:
        """The variant that the others are compared with."""
        return next(iter(self.variants))

    @property
    def shares(self) -> dict[str, float]:
        """Which share of the shoppers in it each variant is meant to have."""
        whole = sum(variant.weight for variant in self.variants.values())
        return {name: variant.weight / whole for name, variant in self.variants.items()}


class Experiments(BaseModel):
    """All of `[experiments]`: the hold-out, and each experiment by its name."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)
    __pydantic_extra__: dict[str, Experiment] = Field(init=False)

    holdout: float = Field(default=0.0, ge=0, le=0.5)
    """This share of the shoppers is shown best-sellers on every surface, for good: what the whole system is worth
    shows against them. 0.05 is usual."""
    holdout_since: date | None = None
    """What was shown before this day (UTC) isn't counted; to be set when `holdout` is changed."""

    def all(self) -> dict[str, Experiment]:
        """Return the experiments by name, in the order in which they are declared, without the hold-out."""
        return dict(self.__pydantic_extra__ or {})

    def found(self, name: str) -> Experiment | None:
        """Return an experiment by its name; the hold-out is one, too, as far as its results go."""
        if name != HOLDOUT:
            return self.all().get(name)
        if not self.holdout:
            return None
        return Experiment(
            surface=[],
            variants={HELD_OUT: Variant(weight=self.holdout), SERVED: Variant(weight=1 - self.holdout)},
            since=self.holdout_since,
        )

    def names(self) -> list[str]:
        """Return the names of all that has results, the hold-out first where there is one."""
        return [*([HOLDOUT] if self.holdout else []), *self.all()]
