"""Gradient descent over observed pairs and drawn negatives, which `BPR`, `WARP` and `LogisticMF` have in common."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

import numpy as np

from endcap import native
from endcap.data.arrays import CsrMatrix, Float32Array, Float64Array, IndexLists, Int32Array
from endcap.data.interactions import Interactions
from endcap.models.base import Progress
from endcap.models.factor_model import FactorModel
from endcap.models.queries import Queries
from endcap.models.rating_kernels import padded

_START: Final = 0.1
"""The expected length of the random vectors at the start."""
_FIRST_SQUARE: Final = 1.0
"""Where a row's sum of squared gradients starts: first steps are then those of plain gradient descent."""
_FOLD_IN_EPOCHS: Final = 10
"""Passes over a history for its user's vector. On gowalla, ml1m, amazon_beauty and online_retail ten rank as well as
the vectors that were learned together with the items."""
_BLOCK: Final = 128
"""A block has this many users and items at least, ..."""
_MOST_BLOCKS: Final = 64
"""... unless there would be more blocks than this."""


class RankingFactors(FactorModel):
    """Vectors learned by stochastic gradient descent, a loss each.

    An epoch takes a step for every observed pair. Users and items are cut into blocks, the items anew in each epoch,
    and pairs are worked off in rounds in which no two blocks share a user or an item (Gemulla, Nijkamp, Haas and
    Sismanis, "Large-Scale Matrix Factorization with Distributed Stochastic Gradient Descent", KDD 2011). Negatives are
    drawn from the pair's block of items, by random numbers that are a function of seed, epoch and pair. So the
    result is the same on any number of threads. The learning rate of each vector falls with what it has learned
    (Adagrad: Duchi, Hazan and Singer, JMLR 2011, with one sum of squares a vector).

    In the end every user's vector is learned again from zero with the items left as they are, just as that of a visitor
    with the same history. Each of these steps is made for one of the user's own items: what they add to a score is
    what `explain` tells.
    """

    factors: int
    epochs: int
    learning_rate: float
    regularization: float
    seed: int
    threads: int

    user_factors_: Float32Array
    """Shape (users, factors)."""

    _learned: ClassVar[tuple[str, ...]] = ("item_factors_", "user_factors_")
    _loss: ClassVar[Literal["bpr", "warp", "logistic"]]

    def _draws(self) -> int:
        """Return how many negatives are drawn for a pair (`warp`: at most)."""
        return 1

    def _weights(self, matrix: CsrMatrix) -> Float32Array:
        """Return what each pair counts."""
        return np.ones(matrix.nnz, np.float32)

    def _fit(self, data: Interactions, progress: Progress) -> None:
        n, m = data.shape
        lists, weights = IndexLists.from_matrix(data.matrix), self._weights(data.matrix)
        random = np.random.default_rng(self.seed)
        users, items = (self._start(random, rows) for rows in (n, m))
        user_squares, item_squares = (np.full(rows, _FIRST_SQUARE, np.float32) for rows in (n, m))
        blocks = int(np.clip(min(n, m) // _BLOCK, 1, _MOST_BLOCKS))
        # Blocks of users hold about as many pairs each.
        bounds = np.searchsorted(lists.indptr, np.arange(blocks + 1) * data.nnz // blocks)
        bounds[0], bounds[-1] = 0, n
        for epoch in range(self.epochs):
            progress("factors", epoch / self.epochs)
            native.ranking_sgd(
                lists.indptr,
                lists.indices,
                weights,
                users,
                items,
                user_squares,
                item_squares,
                random.permutation(m).astype(np.int32),
                bounds,
                self._loss,
                self._draws(),
                self.learning_rate,
                self.regularization,
                self.regularization,
                self._key(epoch),
                self.threads,
            )
        progress("users", 1.0)
        self.item_factors_ = np.ascontiguousarray(items[:, : self.factors])
        self.user_factors_ = self._fold_in(data.matrix)

    def _start(self, random: np.random.Generator, rows: int) -> Float32Array:
        factors = random.standard_normal((rows, self.factors), np.float32)
        return padded(factors * np.float32(_START / np.sqrt(self.factors)))

    def _key(self, epoch: int) -> int:
        return int(np.random.SeedSequence([self.seed, epoch]).generate_state(1, np.uint64)[0])

    def _fold_in(
        self, histories: CsrMatrix, targets: Int32Array | None = None, contributions: Float64Array | None = None
    ) -> Float32Array:
        """Return the users' vectors; with targets, fill `contributions` to the score of each one's target."""
        items = padded(self.item_factors_)
        users = np.zeros((histories.shape[0], items.shape[1]), np.float32)
        lists = IndexLists.from_matrix(histories)
        native.ranking_fold_in(
            lists.indptr,
            lists.indices,
            self._weights(histories),
            items,
            _FIRST_SQUARE,
            _FOLD_IN_EPOCHS,
            self._loss,
            self._draws(),
            self.learning_rate,
            self.regularization,
            self._key(self.epochs),
            users,
            targets,
            contributions,
            self.threads,
        )
        return np.ascontiguousarray(users[:, : self.factors])

    def _user_factors(self, queries: Queries) -> Float32Array:
        known = queries.rows
        if len(known) and (known >= 0).all():
            return self.user_factors_[known]
        return self._fold_in(queries.histories)

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        histories = IndexLists.from_matrix(queries.histories)
        contributions = np.zeros(len(histories.indices))
        self._fold_in(queries.histories, np.ascontiguousarray(items, np.int32), contributions)
        return histories.rows().astype(np.int32), histories.indices, contributions
