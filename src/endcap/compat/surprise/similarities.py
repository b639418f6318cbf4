"""Similarity matrices, for scripts that want one; the algorithms here do without."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Matrix = npt.NDArray[np.float64]


def cosine(n_x: int, yr: Any, min_support: int) -> Matrix:
    """Return the cosine of all pairs over what they have both rated, shape (n_x, n_x); 1 on the diagonal.

    Parameters
    ----------
    n_x
        How many are compared.
    yr
        `Trainset.ir` to compare users, `Trainset.ur` to compare items: key to a list of (inner id, rating).
    min_support
        With fewer ratings in common the similarity is 0.

    Examples
    --------
    >>> from endcap.compat.surprise import similarities
    >>> similarities.cosine(2, {0: [(0, 3), (1, 4)], 1: [(0, 1)]}, 1).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    x = _matrix(n_x, yr)
    count, _, squares, products = _sums(x)
    return _finished(products, np.sqrt(squares * squares.T), count, min_support)


def msd(n_x: int, yr: Any, min_support: int) -> Matrix:
    """Return 1 / (1 + mean squared difference) of all pairs; see `cosine`."""
    count, _, squares, products = _sums(_matrix(n_x, yr))
    difference = np.maximum(squares + squares.T - 2 * products, 0)
    return _finished(count, difference + count, count, min_support)


def pearson(n_x: int, yr: Any, min_support: int) -> Matrix:
    """Return the correlation of all pairs over what they have both rated; see `cosine`."""
    count, totals, squares, products = _sums(_matrix(n_x, yr))
    spread = np.maximum(count * squares - totals**2, 0)
    return _finished(count * products - totals * totals.T, np.sqrt(spread * spread.T), count, min_support)


def pearson_baseline(
    n_x: int, yr: Any, min_support: int, global_mean: float, x_biases: Any, y_biases: Any, shrinkage: float = 100
) -> Matrix:
    """Return the shrunk cosine of all pairs of what baselines leave of ratings; see `cosine`.

    Parameters
    ----------
    n_x, yr, min_support
        As for `cosine`; `min_support` is 2 at least.
    global_mean, x_biases, y_biases
        The baselines: the mean of all ratings, and the biases of both sides.
    shrinkage
        Similarities are multiplied with (n - 1) / (n - 1 + shrinkage), n being how many ratings are in common.
    """
    x = _matrix(n_x, yr)
    rows = np.repeat(np.arange(n_x), np.diff(x.indptr))
    x.data -= global_mean + np.asarray(x_biases)[rows] + np.asarray(y_biases)[x.indices]
    count, _, squares, products = _sums(x)
    min_support = max(2, min_support)
    sim = _finished(products, np.sqrt(squares * squares.T), count, min_support)
    enough = count >= min_support
    np.fill_diagonal(enough, False)
    sim[enough] *= (count[enough] - 1) / (count[enough] - 1 + shrinkage)
    return sim


def _matrix(n_x: int, yr: Any) -> Any:
    """Return the ratings with a row for each of those compared; the last rating of a pair that appears twice."""
    entries = {(x, y): rating for y, ratings in yr.items() for x, rating in ratings}
    places = np.array(list(entries), np.int64).reshape(-1, 2)
    values = np.array(list(entries.values()), np.float64)
    columns = int(places[:, 1].max()) + 1 if len(places) else 0
    return sparse.csr_array((values, (places[:, 0], places[:, 1])), shape=(n_x, columns))


def _sums(x: Any) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """Return, over what row a and row b have in common: how many, the sum and squares of a's, and the products."""
    ones = sparse.csr_array((np.ones_like(x.data), x.indices, x.indptr), shape=x.shape)
    count = (ones @ ones.T).toarray()
    totals = (x @ ones.T).toarray()
    squares = (x.power(2) @ ones.T).toarray()
    return count, totals, squares, (x @ x.T).toarray()


def _finished(above: Matrix, below: Matrix, count: Matrix, min_support: int) -> Matrix:
    sim = np.zeros_like(above)
    np.divide(above, below, out=sim, where=(count >= min_support) & (below > 0))
    sim = np.clip(np.triu(sim, 1), -1, 1)
    sim += sim.T
    np.fill_diagonal(sim, 1)
    return sim
