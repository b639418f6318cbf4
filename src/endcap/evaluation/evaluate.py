"""How good one fitted model is on events it hasn't seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.errors import NotFittedError
from endcap.evaluation.background import background_of
from endcap.evaluation.catalogue_metrics import catalogue_coverage
from endcap.evaluation.cutoffs import checked_cutoffs
from endcap.evaluation.interval_table import interval_table
from endcap.evaluation.task import Task, make_task
from endcap.evaluation.trial import measure
from endcap.models.base import Recommender


@dataclass(frozen=True)
class Evaluation:
    """What `endcap.evaluate` returns."""

    table: pl.DataFrame
    """`k, metric, value, low, high`: the means over users with their 95 % bootstrap intervals, at each length; what
    can't be measured on these data is left out."""
    coverage: float
    """The share of the catalogue that is in anybody's list of the first length given."""
    task: Task
    """Who was asked, and how many couldn't be."""
    seconds: float
    """Wall-clock time of recommending."""


def evaluate(
    model: Recommender,
    test: Events | pl.DataFrame,
    *,
    given: Events | pl.DataFrame | None = None,
    k: int | Sequence[int] = 10,
    exclude_seen: bool | None = None,
    items: pl.DataFrame | None = None,
    seed: int = 0,
) -> Evaluation:
    """Measure how well a fitted model ranks what its users took after its training data end.

    Parameters
    ----------
    model
        Fitted on the past.
    test
        Events of the future; with none of the training data's.
    given
        What users had before they are asked, instead of their training data: for visitors that the model wasn't
        trained on, as `split_by_user` has them.
    k
        How many items are recommended; several lengths are measured in one pass.
    exclude_seen
        Whether what a user had before is neither recommended nor relevant. None: as `model.recommend` does it: yes,
        except for `BuyAgain`.
    items
        The catalogue, from `endcap.read_items`: with its `product_type`, diversity is measured.
    seed
        Of the bootstrap.

    Returns
    -------
    Evaluation
        The metrics' means over the users who have a history and something to be found in `test`.

    Raises
    ------
    DataError
        Where nobody can be measured.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> past = pl.DataFrame({"user_id": [1, 2, 2, 3, 3], "item_id": [7, 7, 8, 7, 9]})
    >>> future = pl.DataFrame({"user_id": [1, 2], "item_id": [8, 9]})
    >>> model = ec.Popular().fit(past)
    >>> ec.evaluate(model, future, k=1).table.filter(pl.col("metric") == "hit_rate")["value"].item()
    1.0
    """
    if "interactions_" not in model.__dict__:
        raise NotFittedError(f"{type(model).__name__} is not fitted yet; call fit on the training events first")
    events = as_events(test)
    if exclude_seen is None:
        exclude_seen = not model._recommends_seen
    before = None if given is None else as_events(given)
    task = make_task(model.interactions_, events, exclude_seen=exclude_seen, given=before)
    decides, cutoffs = checked_cutoffs(k)
    background = background_of(task, model.interactions_, cutoffs[-1], items)
    trial = measure(model, task, cutoffs, background)
    table = interval_table(trial.values, cutoffs, seed)
    coverage = catalogue_coverage(trial.recommended[:, :decides], task.n_items)
    return Evaluation(table, coverage, task, trial.recommend_seconds)
