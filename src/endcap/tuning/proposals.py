"""What Optuna does in a search: propose parameters by what is known of others, and say what mattered."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from endcap.models.search_space import Options, Range

if TYPE_CHECKING:
    import optuna

AT_RANDOM: Final = 6
"""Trials before the sampler begins to learn from them."""
ENOUGH_TO_TELL: Final = 10
"""With fewer trials nothing is said of what mattered."""


class Proposals:
    """A study of Optuna's in memory, with its TPE sampler.

    Its chance begins anew with every proposal, from the seed and how many trials there were. So a search that goes on
    with trials of an earlier one proposes what that would have proposed.
    """

    def __init__(self, space: Mapping[str, Range | Options], *, seed: int, higher_is_better: bool) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._distributions = {name: _distribution(one) for name, one in space.items()}
        self._seed = seed
        self._study = optuna.create_study(direction="maximize" if higher_is_better else "minimize")

    def ask(self) -> optuna.Trial:
        """Return a trial with parameters that are worth trying."""
        import optuna

        number = len(self._study.get_trials(deepcopy=False))
        chance = int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            self._study.sampler = optuna.samplers.TPESampler(
                seed=chance, multivariate=True, constant_liar=True, n_startup_trials=AT_RANDOM
            )
        return self._study.ask(self._distributions)

    def tell(self, trial: optuna.Trial, steps: tuple[float, ...], *, done: bool) -> None:
        """Say what came of a trial: its figure after each step, and whether it came to the end."""
        from optuna.trial import TrialState

        for step, figure in enumerate(steps):
            trial.report(figure, step)
        if done:
            self._study.tell(trial, steps[-1])
        else:
            self._study.tell(trial, state=TrialState.PRUNED if steps else TrialState.FAIL)

    def know(self, parameters: dict[str, Any], steps: tuple[float, ...], *, done: bool) -> None:
        """Take up a trial that wasn't proposed here, as `tell` does with one that was."""
        from optuna.trial import TrialState, create_trial

        state = TrialState.COMPLETE if done else TrialState.PRUNED if steps else TrialState.FAIL
        self._study.add_trial(
            create_trial(
                state=state,
                value=steps[-1] if done else None,
                params=parameters,
                distributions=self._distributions,
                intermediate_values=dict(enumerate(steps)),
            )
        )


def importance(space: Mapping[str, Range | Options], tried: list[tuple[dict[str, Any], float]]) -> dict[str, float]:
    """Return how much each parameter decided whether a trial was among the best tenth, as shares that sum to 1.

    By PED-ANOVA (Watanabe, Bansal and Hutter, "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in
    Arbitrary Subspaces", IJCAI 2023): how far the best trials' values of a parameter are from those of all.

    Parameters
    ----------
    space
        What was searched.
    tried
        Parameters and how good they were, higher being better. Nothing is told of fewer than ten.
    """
    if len(tried) < ENOUGH_TO_TELL or not space:
        return {}
    import optuna

    study = optuna.create_study(direction="maximize")
    distributions = {name: _distribution(one) for name, one in space.items()}
    for parameters, value in tried:
        study.add_trial(optuna.trial.create_trial(value=value, params=parameters, distributions=distributions))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where all were as good, it warns that nothing mattered
        found = optuna.importance.get_param_importances(
            study, evaluator=optuna.importance.PedAnovaImportanceEvaluator(), normalize=False
        )
    total = sum(found.values())
    return {name: value / total for name, value in found.items()} if total > 0 else {}


def _distribution(one: Range | Options) -> Any:
    from optuna import distributions

    if isinstance(one, Options):
        return distributions.CategoricalDistribution(one.values)
    if isinstance(one.low, int) and isinstance(one.high, int):
        return distributions.IntDistribution(one.low, one.high, log=one.log)
    return distributions.FloatDistribution(one.low, one.high, log=one.log)
