"""Whether a new model finds what shoppers took in the newest weeks as well as the one in use does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from endcap.automatic.check import Check
from endcap.automatic.foresight import foresight, shoppers_told_apart
from endcap.data.arrays import Float64Array
from endcap.errors import EndcapError
from endcap.evaluation.bootstrap import percentile_interval, resampled_means
from endcap.evaluation.comparison import Comparison
from endcap.evaluation.task import Task
from endcap.models.base import Recommender
from endcap.tuning.folds import Fold

MOST_LOST: Final = 0.25
"""Of the NDCG once recorded: a shop's customers don't change so much between two trainings, but spoilt data do that."""
AGAINST_CHAMPION: Final = "against the model in use"


@dataclass(frozen=True)
class Accuracy:
    """How good a model was when it was put to use."""

    ndcg: float
    low: float
    high: float
    """The ends of the 95 % interval."""
    k: int
    exclude_seen: bool
    foresight: float | None = None
    """How far it told shoppers apart: see `endcap.automatic.foresight`; None: not measured."""
    foresight_low: float | None = None
    """The lower end of its 95 % interval."""
    visitors: bool = False
    """Whether visitors were asked, and not known shoppers: see `endcap.evaluation.protocol`."""

    @classmethod
    def of(cls, values: Float64Array, k: int, task: Task, seed: int, ahead: Float64Array | None = None) -> Accuracy:
        """Summarise every shopper's NDCG on a task."""
        low, high = percentile_interval(resampled_means(values[:, None], seed=seed))
        ends, told_apart = (float(low[0]), float(high[0])), _told_apart(ahead, seed)
        return cls(float(values.mean()), *ends, k, task.exclude_seen, *told_apart, task.visitors)

    @classmethod
    def in_comparison(cls, comparison: Comparison, name: str, ahead: Float64Array | None = None) -> Accuracy | None:
        """Return a model's figures; None where it couldn't be run."""
        row = next(comparison.table.filter(model=name).iter_rows(named=True))
        if row["ndcg"] is None:
            return None
        details = comparison.details
        figures, told_apart = (row["ndcg"], row["ndcg_low"], row["ndcg_high"]), _told_apart(ahead, details.seed)
        return cls(*figures, details.k, details.exclude_seen, *told_apart, details.visitors)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Accuracy:
        """Return what `to_dict` made."""
        return cls(**stored)

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.ndcg:.4f} ({self.low:.4f} to {self.high:.4f})"


def against_champion(new: Float64Array, old: Float64Array | str, margin: float, seed: int) -> Check:
    """Return whether a model is as good on the newest weeks as the one in use, when both learn from the same past.

    Parameters
    ----------
    new, old
        Every shopper's NDCG, shape (users,); the old model's may be a text: why it couldn't be run.
    margin
        What may be lost for certain, as a share of the old model's NDCG: the lower end of the 95 % interval of the
        paired difference (bootstrap over shoppers) must lie above that loss.
    seed
        Of the bootstrap.
    """
    if isinstance(old, str):
        return Check(AGAINST_CHAMPION, True, f"what is in use can't be fitted to compare with: {old}", "model")
    low, high = percentile_interval(resampled_means((new - old)[:, None], seed=seed))
    allowed = margin * float(old.mean())
    told = (
        f"NDCG {new.mean():.4f} against {old.mean():.4f} on {len(new):,} shoppers of the newest weeks: "
        f"{new.mean() - old.mean():+.4f} ({low[0]:+.4f} to {high[0]:+.4f}); at most {allowed:.4f} may be lost"
    )
    return Check(AGAINST_CHAMPION, bool(low[0] >= -allowed), told, "model")


def against_record(now: Accuracy, recorded: Accuracy) -> Check:
    """Return whether the newest weeks can still be foretold about as well as when the model in use was put to use.

    No longer so are data that were shuffled or filled with junk, on which a new and the old way of learning do equally
    badly.
    """
    lost = 1 - now.ndcg / recorded.ndcg if recorded.ndcg > 0 else 0.0
    passed = lost <= MOST_LOST or now.high >= recorded.low
    change = f"{lost:.0%} less" if lost > 0 else "no less"
    told = f"NDCG {now} against {recorded} when the model in use was put to use: {change}"
    return Check("against the record", passed, told)


def accuracy_checks(
    fold: Fold,
    asked: Fold,
    new: Recommender,
    champion: Recommender,
    recorded: Accuracy | None,
    *,
    k: int,
    margin: float,
    seed: int,
) -> tuple[list[Check], Accuracy | None]:
    """Return the checks above, and the accuracy of the champion's parameters now (None: can't be fitted).

    Parameters
    ----------
    fold
        The newest weeks as the new model was chosen for them.
    asked
        The same weeks as the champion's record was made: by its rule on seen items, of shoppers or of visitors.
    new
        Fitted on the past of `fold`.
    champion
        The parameters of the model in use, unfitted; it is fitted on that past.
    recorded
        The record; None where there is none.
    """
    old: Float64Array | str
    try:
        old = fold.ndcg(champion, k)
    except (EndcapError, MemoryError) as error:
        old = str(error) or "not enough memory"
    checks = [against_champion(fold.ask(new, k), old, margin, seed)]
    fitted = [new] if isinstance(old, str) else [new, champion]
    if recorded is not None:
        best = max((asked.ask(one, recorded.k) for one in fitted), key=lambda values: float(np.mean(values)))
        checks.append(against_record(Accuracy.of(best, recorded.k, asked.task, seed), recorded))
        if recorded.foresight is not None:
            same = new if isinstance(old, str) else champion  # of the record's kind, where that can be fitted
            told_apart = foresight(same, asked.task, seed)
            certain = recorded.foresight_low is not None and recorded.foresight_low > 0
            checks.append(shoppers_told_apart(told_apart, recorded.foresight, seed, was_certain=certain))
    if isinstance(old, str):
        return checks, None
    return checks, Accuracy.of(old, k, fold.task, seed, foresight(champion, fold.task, seed))


def _told_apart(ahead: Float64Array | None, seed: int) -> tuple[float | None, float | None]:
    """Return the mean foresight of all shoppers, and the lower end of its interval."""
    if ahead is None:
        return None, None
    return float(ahead.mean()), float(percentile_interval(resampled_means(ahead[:, None], seed=seed))[0][0])
