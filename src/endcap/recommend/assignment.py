"""Who sees which variant: drawn by a hash of the shopper's id, so the same shopper always sees the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from endcap.data.vocabulary import Id
from endcap.errors import ParameterError
from endcap.recommend.experiments import HELD_OUT, HOLDOUT, Experiment, Experiments
from endcap.recommend.surfaces import Surface


@dataclass(frozen=True, slots=True)
class Assigned:
    """The variant that a shopper sees."""

    experiment: str
    variant: str
    surface: Surface
    """What the surface says for this shopper."""
    model: str = ""
    """The version that answers; empty: the one in use."""


def draw(salt: str, shopper: Id) -> tuple[float, float]:
    """Return two numbers of a shopper, each uniform in [0, 1), independent of each other and of other salts.

    They are the halves of BLAKE2b (Saarinen and Aumasson, RFC 7693) of salt and id. A number and the same number as
    text are one id, as they are in the store.

    Examples
    --------
    >>> from endcap.recommend.assignment import draw
    >>> [round(one, 3) for one in draw("diverse-home", "customer-42")]
    [0.582, 0.339]
    >>> draw("diverse-home", 42) == draw("diverse-home", "42")
    True
    """
    digest = blake2b(f"{salt}\0{shopper}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
    first, second = (int.from_bytes(half) >> 11 for half in (digest[:8], digest[8:]))
    return first / 2**53, second / 2**53  # 53 bits: all that a float has, so that none is rounded to 1


class Assignment:
    """The experiments that are running, ready to be asked for each request.

    A shopper of the hold-out is in no experiment. Salts differ, so what a shopper sees on one surface says nothing of
    what the same shopper sees on another.

    Parameters
    ----------
    experiments
        As declared.
    surfaces
        Of the shop, by name.

    Raises
    ------
    ParameterError
        Where an experiment has fewer than two variants or names a surface that there isn't, or two that are running
        share one. The message names the section and the remedy.
    """

    def __init__(self, experiments: Experiments, surfaces: Mapping[str, Surface]) -> None:
        self._holdout = experiments.holdout
        self._held_out = {
            (name, given): _held_out(surface, given) for name, surface in surfaces.items() for given in (False, True)
        }
        self._by_surface: dict[str, tuple[str, Experiment]] = {}
        self._variants: dict[tuple[str, str], list[tuple[float, Assigned]]] = {}
        for name, experiment in experiments.all().items():
            _check(name, experiment, surfaces)
            if experiment.running:
                self._add(name, experiment, surfaces)

    def _add(self, name: str, experiment: Experiment, surfaces: Mapping[str, Surface]) -> None:
        for place in experiment.surfaces:
            if place in self._by_surface:
                raise ParameterError(
                    f"[experiments.{name}] and [experiments.{self._by_surface[place][0]}] both run on the surface "
                    f"{place!r}; end one of them first: running = false"
                )
            self._by_surface[place] = name, experiment
            until, steps = 0.0, []
            for variant, share in experiment.shares.items():
                until += share
                declared = experiment.variants[variant]
                steps.append((until, Assigned(name, variant, declared.of(surfaces[place]), declared.model)))
            self._variants[name, place] = steps

    def of(self, shopper: Id | None, surface: str, *, given: bool = False) -> Assigned | None:
        """Return what a shopper sees instead of the surface as it is; None where nothing, or nobody is named.

        `given` says whether products are given that are to be put into an order.
        """
        if shopper is None:
            return None
        if self._holdout and draw(HOLDOUT, shopper)[0] < self._holdout:
            return self._held_out.get((surface, given))
        running = self._by_surface.get(surface)
        if running is None:
            return None
        name, experiment = running
        is_in, which = draw(experiment.salt or name, shopper)
        if is_in >= experiment.share:
            return None
        steps = self._variants[name, surface]
        return next((assigned for until, assigned in steps if which < until), steps[-1][1])

    def models(self) -> dict[str, str]:
        """Return the versions of the model that variants ask for, each with the section that does."""
        assigned = [one for steps in self._variants.values() for _, one in steps if one.model]
        return {one.model: f"[experiments.{one.experiment}.variants.{one.variant}]" for one in assigned}

    def sections(self) -> dict[str, Surface]:
        """Return what each variant makes of its surface, by the section that declares it."""
        return {
            f"[experiments.{one.experiment}.variants.{one.variant}]": one.surface
            for steps in self._variants.values()
            for _, one in steps
        }


def _held_out(surface: Surface, given: bool) -> Assigned:
    """Return a surface with nothing personal, by its other rules: best-sellers, or a list in the order it came in."""
    changes = {"sources": ["as-given" if given else "best-sellers"], "boost": {}, "diversity": 0.0}
    return Assigned(HOLDOUT, HELD_OUT, surface.model_copy(update=changes))


def _check(name: str, experiment: Experiment, surfaces: Mapping[str, Surface]) -> None:
    where = f"[experiments.{name}]"
    if name == HOLDOUT:
        raise ParameterError(f"{where}: the hold-out has no section; write [experiments] holdout = 0.05")
    if len(experiment.variants) < 2:
        raise ParameterError(f"{where} has {len(experiment.variants)} variants; compare at least two")
    if not experiment.surfaces:
        raise ParameterError(f"{where} names no surface; there are {', '.join(surfaces)}")
    for place in experiment.surfaces:
        if place not in surfaces:
            raise ParameterError(f"{where} surface = {place!r}: no such surface; there are {', '.join(surfaces)}")
