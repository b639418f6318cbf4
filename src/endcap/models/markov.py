"""A Markov chain of first order: what comes directly after the last item."""

from __future__ import annotations

import numpy as np

from endcap.data.arrays import CsrMatrix
from endcap.data.interactions import Interactions
from endcap.models.base import Progress
from endcap.models.parameters import Threads, parameters
from endcap.models.transitions import TransitionModel, count_transitions


@parameters
class Markov(TransitionModel):
    """How likely each item comes directly after the last item of the session.

    An item's score is the share of all events after the last item, within sessions, that were with it: the maximum
    likelihood estimate of a Markov chain of first order. The simplest model of order; what doesn't beat it has learned
    nothing from sequences. As a baseline in Rendle, Freudenthaler and Schmidt-Thieme, "Factorizing personalized Markov
    chains for next-basket recommendation" (WWW 2010).

    Items of the session may be recommended again; `exclude_seen=True` leaves out whatever is in the history.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> clicks = {"user_id": [1, 1, 1, 2, 2, 3, 3], "item_id": ["tent", "mat", "stove", "tent", "mat", "mat", "lamp"]}
    >>> model = ec.Markov().fit(pl.DataFrame(clicks))
    >>> model.recommend(history=["tent", "mat"], k=2).select("item_id", "score").rows()
    [('lamp', 0.5), ('stove', 0.5)]
    """

    threads: Threads = 0
    """How many threads to use; 0: all cores. The result doesn't depend on it."""

    _learned = ("weights_",)

    def _fit(self, data: Interactions, progress: Progress) -> None:
        progress("transitions", 0.0)
        assert data.log is not None  # noqa: S101 - `_needs_log` has seen to it; this tells the type checker
        self.weights_: CsrMatrix = count_transitions(data.log, data.shape[1], steps=1)
        sums = np.asarray(self.weights_.sum(axis=1)).ravel()
        self.weights_.data /= np.repeat(sums, np.diff(self.weights_.indptr)).astype(np.float32)
        progress("transitions", 1.0)
