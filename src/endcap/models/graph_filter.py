"""Spectral filtering of the graph of items: what is smooth on it is recommended, without any training."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from scipy import linalg, sparse
from threadpoolctl import threadpool_limits

from endcap.data.arrays import CsrMatrix, Float32Array, Float64Array, IndexLists, with_values
from endcap.data.interactions import Interactions
from endcap.models.base import Progress
from endcap.models.linear_model import LinearModel
from endcap.models.neighbours import item_neighbours
from endcap.models.parameters import Seed, Threads, parameters
from endcap.models.queries import Queries
from endcap.models.search_space import Range
from endcap.models.top_k import top_k_dense

_OVERSAMPLING, _ROUNDS = 32, 4  # of the randomised eigenvalue iteration
_COLUMNS = 64  # multiplied at once, so that an interruption is heard between


@parameters
class GraphFilter(LinearModel):
    """What is smooth on the graph of who took what is recommended: a filter, worked out at once, without training.

    With R the user x item matrix of ones, every entry divided by (items of the user)^user_exponent * (users of the
    item)^item_exponent, and scaled so that the largest eigenvalue of P = R'R is 1, the eigenvectors of P are patterns
    of taste, with eigenvalues from 1 (all of the shop) to 0 (noise). A pattern passes with the gain

        (eigenvalue + low_pass) * (1 - sharpening * eigenvalue)     for the largest `factors` of them
        eigenvalue                                                  for the rest,

    and what an item i of the history adds to the score of an item j is the filter's entry (i, j), times
    users(i)^-history_exponent * users(j)^item_exponent. The low-pass on top of P is that of Shen et al., "How Powerful
    is Graph Convolution for Recommendation?" (GF-CF, CIKM 2021), the sharpening that of Choi et al.,
    "Blurring-Sharpening Process Models for Collaborative Filtering" (BSPM, SIGIR 2023). What differs: both work in
    one normalised space, so that they need one set of eigenvectors; that space divides by less than the square root
    of a user's items, so that active users say more; sharpening is one step, and leaves the small eigenvalues as
    they are; and each item keeps only the `neighbours` largest entries of P and of the rest of the filter, which
    makes answers as fast as ItemKNN's.

    Weights of interactions aren't looked at, only whether there is one.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> bought = sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> model = ec.GraphFilter(factors=2).fit(bought)
    >>> model.recommend(2, k=1)["item_id"].to_list()
    [0]
    """

    factors: Annotated[int, Field(ge=1, le=4096), Range(32, 512, log=True)] = 256
    """How many patterns are amplified and sharpened. 64 were up to 8 % worse in recall."""
    low_pass: Annotated[float, Field(ge=0), Range(0.0, 1.0)] = 0.2
    """Added to the eigenvalues of these patterns: how much broad tastes count beside direct co-occurrence."""
    sharpening: Annotated[float, Field(ge=0), Range(0.0, 1.0)] = 0.8
    """How strongly the broadest patterns, above all best-sellers, are taken back; 0: not at all. At 1, what everybody
    has in common falls out. 0.9 was 1 to 3 % better on Gowalla, Online Retail and Ta-Feng and level on MovieLens, but
    with few, clear-cut tastes it takes these back, too."""
    user_exponent: Annotated[float, Field(ge=0, le=1), Range(0.0, 0.7)] = 0.35
    """How much less each item of a user with many items says. The papers' 0.5 was 2 to 4 % worse on Gowalla, Online
    Retail and Ta-Feng, and level on MovieLens."""
    history_exponent: Annotated[float, Field(ge=0, le=1)] = 0.35
    """How much less a popular item of the history says."""
    item_exponent: Annotated[float, Field(ge=0, le=1), Range(0.2, 0.8)] = 0.5
    """How much the graph holds back popular items, and how much of that they get back in the end. 0.4 was 1 % better
    on Gowalla and 5 % on Online Retail, 1 % worse on Ta-Feng and 10 % on MovieLens."""
    neighbours: Annotated[int, Field(gt=0)] = 300
    """How many items each item leads to, in each of the filter's two parts. 100 were 0 to 2 % worse, 1000 no better."""
    seed: Seed = 0
    """Of the random start of the eigenvectors."""
    threads: Threads = 0
    """How many threads to use where it doesn't change the result; 0: all cores."""

    _learned = ("weights_",)

    def _fit(self, data: Interactions, progress: Progress) -> None:
        m = data.shape[1]
        takers = np.maximum(np.bincount(data.matrix.indices, minlength=m), 1).astype(np.float64)
        lengths = np.diff(data.matrix.indptr)
        values = np.repeat(np.maximum(lengths, 1.0) ** -self.user_exponent, lengths)
        values *= takers[data.matrix.indices] ** -self.item_exponent
        graph = sparse.csr_array((values.astype(np.float32), data.matrix.indices, data.matrix.indptr), shape=data.shape)
        progress("spectrum", 0.0)
        with threadpool_limits(1, "blas"):  # the number of threads would change the last digits
            spectrum, axes = _largest_eigenvectors(graph, min(self.factors, m), self.seed, progress)
        graph.data /= np.float32(np.sqrt(spectrum[0]))
        spectrum /= spectrum[0]
        gain = (spectrum + self.low_pass) * (1 - self.sharpening * spectrum) - spectrum
        progress("filter", 0.5)
        left = (axes * (gain * takers[:, None] ** -self.history_exponent)).astype(np.float32)
        right = (axes * takers[:, None] ** self.item_exponent).astype(np.float32)
        self.weights_: CsrMatrix = self._filtered(graph, takers, left, right, progress)
        progress("filter", 1.0)

    def _filtered(
        self, graph: CsrMatrix, takers: Float64Array, left: Float32Array, right: Float32Array, progress: Progress
    ) -> CsrMatrix:
        """Return the largest entries of the filter: of P, and of left @ right.T, which is what it adds to P."""
        m = len(takers)
        norms = (takers**-self.item_exponent).astype(np.float32)
        direct = item_neighbours(graph, norms, self.neighbours, threads=self.threads)
        scale = (takers ** -(self.item_exponent + self.history_exponent)).astype(np.float32)
        direct.data *= np.repeat(scale, np.diff(direct.indptr))
        own = np.bincount(graph.indices, graph.data.astype(np.float64) ** 2, m)
        itself = (own * takers ** (self.item_exponent - self.history_exponent)).astype(np.float32)
        direct = (direct + sparse.diags_array(itself, format="csr")).tocsr()
        best = top_k_dense(left, right, min(self.neighbours, m), IndexLists.empty(m), threads=self.threads)
        rows = np.repeat(np.arange(m), best.items.shape[1])
        found = best.items.ravel() >= 0
        smooth = sparse.csr_array(
            (np.ones(found.sum(), np.float32), (rows[found], best.items.ravel()[found])), shape=(m, m)
        )
        kept = IndexLists.from_matrix((smooth + (direct > 0)).tocsr())
        rows = kept.rows()
        values = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), 100_000):
            progress("filter", 0.5 + 0.5 * start / len(rows))
            part = slice(start, start + 100_000)
            values[part] = np.einsum("pf,pf->p", left[rows[part]], right[kept.indices[part]])
        filtered = sparse.csr_array((values, kept.indices, kept.indptr), shape=(m, m))
        weights = (filtered + direct).tocsr()
        weights.sort_indices()
        return weights

    def _history_weights(self, queries: Queries) -> CsrMatrix:
        own = queries.histories
        return with_values(own, np.ones_like(own.data))


def _largest_eigenvectors(
    graph: CsrMatrix, count: int, seed: int, progress: Progress
) -> tuple[Float64Array, Float32Array]:
    """Return the largest eigenvalues of graph.T @ graph, and their vectors as columns, by subspace iteration.

    Halko, Martinsson and Tropp, "Finding Structure with Randomness" (2011), algorithm 4.4.
    """
    m = graph.shape[1]
    width = min(count + _OVERSAMPLING, m)
    back = graph.T.tocsr()
    basis = np.random.default_rng(seed).standard_normal((m, width), np.float32)
    for turn in range(_ROUNDS + 1):
        parts = []
        for c in range(0, width, _COLUMNS):
            progress("spectrum", 0.5 * (turn + c / width) / (_ROUNDS + 1))
            parts.append(back @ (graph @ np.ascontiguousarray(basis[:, c : c + _COLUMNS])))
        basis, _ = linalg.qr(np.hstack(parts), mode="economic", check_finite=False, overwrite_a=True)
    image = np.hstack([graph @ basis[:, c : c + _COLUMNS] for c in range(0, width, _COLUMNS)])
    small = (image.T @ image).astype(np.float64)
    spectrum, turned = linalg.eigh(small, check_finite=False)
    largest = np.argsort(-spectrum, kind="stable")[:count]
    return np.maximum(spectrum[largest], 0), (basis @ turned[:, largest].astype(np.float32)).astype(np.float32)
