"""Top-k in plain NumPy: what the kernels must match."""

import numpy as np
import pytest


def best_columns(scores, k, exclude, candidates=None):
    """Return items and scores of the k best columns of each row, ties to the lower position, -1 and 0 after them."""
    scores = np.array(scores, np.float32)
    scores[exclude.rows(), exclude.indices] = -np.inf
    n, m = scores.shape
    if candidates is not None:
        scores[:, np.setdiff1d(np.arange(m), candidates)] = -np.inf
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k].astype(np.int32)
    best = np.take_along_axis(scores, order, axis=1)
    items, values = np.full((n, k), -1, np.int32), np.zeros((n, k), np.float32)
    items[:, : min(k, m)] = np.where(best > -np.inf, order, -1)
    values[:, : min(k, m)] = np.where(best > -np.inf, best, 0)
    return items, values


@pytest.fixture(name="best_columns", scope="session")
def best_columns_fixture():
    """The function above."""
    return best_columns
