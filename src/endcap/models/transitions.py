"""What followed what: counting within sessions, for models that go by the last events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from endcap.data.arrays import CsrMatrix
from endcap.data.event_log import EventLog
from endcap.models.linear_model import LinearModel
from endcap.models.session_index import CurrentSessions, session_starts

if TYPE_CHECKING:
    from endcap.models.queries import Queries


class TransitionModel(LinearModel):
    """A linear model of the last events of the current session."""

    _needs_log = True
    _recommends_seen = True

    @property
    def _last(self) -> int:
        """How many of the session's last events count."""
        return 1

    def _history_weights(self, queries: Queries) -> CsrMatrix:
        assert queries.log is not None  # noqa: S101 - `_needs_log` has seen to it; this tells the type checker
        current = CurrentSessions.of_log(queries.log, self._last)
        values = (1 / current.steps).astype(np.float32)
        return sparse.csr_array((values, current.items, current.indptr), shape=queries.histories.shape)


def count_transitions(log: EventLog, items: int, steps: int) -> CsrMatrix:
    """Return how often an item came after another within a session, d steps later counting 1 / d.

    Parameters
    ----------
    log
        The sessions.
    items
        How many items there are.
    steps
        How far apart two events may be.

    Returns
    -------
    CsrMatrix
        Shape (items, items): from the row's item to the column's, sorted by position.
    """
    session = np.zeros(len(log), np.int32)
    session[session_starts(log)[1:]] = 1
    session = np.cumsum(session)
    total = sparse.csr_array((items, items), dtype=np.float32)
    for step in range(1, min(steps, len(log) - 1) + 1):
        within = session[step:] == session[:-step]
        if not within.any():
            break
        first, then = log.items[:-step][within], log.items[step:][within]
        total = total + sparse.csr_array((np.full(len(first), 1 / step, np.float32), (first, then)), shape=total.shape)
    total.sort_indices()
    return total


def largest_of_rows(matrix: CsrMatrix, k: int) -> CsrMatrix:
    """Return the k largest entries of each row of a CSR matrix, ties to the lower column, sorted by position."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, rows))
    rank = np.arange(len(order)) - matrix.indptr[rows]
    kept = np.sort(order[rank < k])
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows[kept], minlength=matrix.shape[0]))])
    return sparse.csr_array((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)
