"""Rules of two items within a session: who looked at this went on to that."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from endcap.data.arrays import CsrMatrix
from endcap.data.interactions import Interactions
from endcap.models.base import Progress
from endcap.models.parameters import Threads, parameters
from endcap.models.search_space import Range
from endcap.models.transitions import TransitionModel, count_transitions, largest_of_rows


@parameters
class SequentialRules(TransitionModel):
    """What came after the last item of the session, in all sessions of the past, soon after counting more.

    A rule from item a to item b weighs the sum, over all places where b came d <= `steps` events after a in the same
    session, of 1 / d. An item's score is the weight of the rule from the session's last item to it; with `last` above
    1, items further back count too, divided by how far back they are.

    Kamehkhosh, Jannach and Ludewig, "A comparison of frequent pattern techniques and a deep learning method for
    session-based recommendation" (RecTemp at RecSys 2017); Ludewig and Jannach, "Evaluation of session-based
    recommendation algorithms" (UMUAI 2018).

    Items of the session may be recommended again, as the published protocols have it; `exclude_seen=True` leaves out
    whatever is in the history.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> clicks = {"user_id": [1, 1, 1, 2, 2, 3, 3], "item_id": ["tent", "mat", "stove", "tent", "mat", "mat", "lamp"]}
    >>> model = ec.SequentialRules().fit(pl.DataFrame(clicks))
    >>> model.recommend(history=["tent"], k=2).select("item_id", "score").rows()
    [('mat', 2.0), ('stove', 0.5)]
    """

    steps: Annotated[int, Field(gt=0), Range(1, 20, log=True)] = 10
    """How many events apart two items may be."""
    last: Annotated[int, Field(gt=0), Range(1, 5)] = 1
    """How many of the session's last events count."""
    neighbours: Annotated[int, Field(gt=0), Range(50, 500, log=True)] = 200
    """How many rules are kept of each item."""
    threads: Threads = 0
    """How many threads to use; 0: all cores. The result doesn't depend on it."""

    _learned = ("weights_",)

    @property
    def _last(self) -> int:
        return self.last

    def _fit(self, data: Interactions, progress: Progress) -> None:
        progress("rules", 0.0)
        assert data.log is not None  # noqa: S101 - `_needs_log` has seen to it; this tells the type checker
        rules = count_transitions(data.log, data.shape[1], self.steps)
        self.weights_: CsrMatrix = largest_of_rows(rules, self.neighbours)
        progress("rules", 1.0)
