"""Matrix factorisation for implicit feedback by alternating least squares."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

import numpy as np
import polars as pl
from pydantic import Field
from scipy import linalg
from threadpoolctl import threadpool_limits

from endcap import native
from endcap.data.arrays import BoolArray, CsrMatrix, Float32Array, Float64Array, Int32Array, with_values
from endcap.data.features import Features, ids_of, over_more_ids
from endcap.data.interactions import Interactions
from endcap.data.schema import ITEM, USER
from endcap.models.base import Progress
from endcap.models.confidence import Confidence, counted, scale_to_mean
from endcap.models.factor_model import FactorModel
from endcap.models.feature_prior import FeaturePrior
from endcap.models.parameters import Seed, Threads, parameters
from endcap.models.queries import Queries
from endcap.models.search_space import Range

_STEP: Final = 16
"""Kernels want the number of factors as a multiple of this; the rest is filled with zeros, which stay zero."""


@parameters
class ALS(FactorModel):
    """Users and items as vectors whose inner product says how likely they belong together.

    Learned from implicit feedback (purchases, views), where what wasn't observed is a weak "no" (Hu, Koren and
    Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008). With s_ui = x_u . y_i, minimises

        sum over observed (u, i) of c_ui (1 - s_ui)^2  +  unobserved_weight * sum over all others of s_ui^2
            +  sum_u lambda_u |x_u|^2  +  sum_i lambda_i |y_i|^2

        c_ui     = unobserved_weight + alpha * g(w_ui) / (mean of g over the training data)
        lambda_u = regularization * (n_u + unobserved_weight * number of items) ^ frequency_scaling
        lambda_i = regularization * (n_i + unobserved_weight * number of users) ^ frequency_scaling

    where w_ui is the interaction's weight, g is chosen by `confidence`, and n_u, n_i count the pairs of a user or an
    item. The regularisation is that of Rendle, Krichene, Zhang and Koren, "Revisiting the Performance of iALS on Item
    Recommendation Benchmarks" (RecSys 2022). Hu et al.'s own objective (and that of the package `implicit`) is
    `unobserved_weight=1, frequency_scaling=0, confidence="linear"`, with alpha times the mean weight for their alpha.

    With a table of features, |y_i|^2 becomes |y_i - W f_i|^2: an item's vector is drawn to what its features f_i make
    probable, W being learned by ridge regression after each epoch (Agarwal and Chen, "Regression-Based Latent Factor
    Models", KDD 2009, with point estimates). An item that nobody had yet gets W f_i; users likewise.

    An epoch solves for all users, then for all items, which is a least-squares problem of its own for each of them:
    with a few steps of conjugate gradients (Takacs, Pilaszy and Tikk, RecSys 2011), or exactly. In the end the users
    are solved for exactly, so a known user is answered just like a visitor with the same history.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> bought = sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> model = ec.ALS(factors=2, seed=1).fit(bought)
    >>> model.recommend(2, k=1)["item_id"].to_list()
    [0]
    """

    factors: Annotated[int, Field(ge=1, le=4096), Range(16, 256, log=True)] = 64
    """Length of the vectors: more capture finer tastes, at the price of time and, on little data, of noise."""
    epochs: Annotated[int, Field(ge=1), Range(4, 32, log=True)] = 16
    """How often users and items are solved for."""
    regularization: Annotated[float, Field(gt=0), Range(0.0003, 0.3, log=True)] = 0.003
    """How strongly the vectors are drawn to zero. Default: with that of `unobserved_weight`, near the best on data of
    five kinds (gowalla, ml1m, tafeng, online_retail, completejourney; docs/models/als.md)."""
    frequency_scaling: Annotated[float, Field(ge=0, le=1), Range(0.0, 1.0)] = 1.0
    """How much more strongly those with many interactions are drawn to zero; 0: all alike, 1: in proportion."""
    unobserved_weight: Annotated[float, Field(gt=0), Range(0.01, 1.0, log=True)] = 0.2
    """The confidence that a pair that wasn't observed is a "no". The parameter that matters most: sparse data over a
    large catalogue want less (gowalla 0.01), dense data and groceries more (0.5 to 1)."""
    alpha: Annotated[float, Field(gt=0), Range(0.2, 20.0, log=True)] = 1.0
    """The mean confidence of observed pairs, above that of unobserved ones."""
    confidence: Confidence = "log"
    """How weights count: g(w) = 1, log2(1 + w), or w."""
    solver: Literal["cg", "cholesky"] = "cg"
    """Conjugate gradients (fast), or the exact solution of each step by Cholesky factorisation."""
    cg_steps: Annotated[int, Field(ge=1)] = 2
    """Steps of conjugate gradients in each half of an epoch, from the vectors of the epoch before. They are
    preconditioned: two come as far as three plain ones (on gowalla and ml1m)."""
    feature_regularization: Annotated[float, Field(gt=0)] = 1.0
    """How strongly the weights of features are drawn to zero, in numbers of average items (users). From 0.1 to
    10 it hardly matters on ml1m and amazon_beauty (docs/models/als.md)."""
    seed: Seed = 0
    """Of the random vectors at the start."""
    threads: Threads = 0
    """0: all cores. The result doesn't depend on it."""

    _learned = ("item_factors_", "spectrum_", "user_factors_", "weight_scale_")

    def fit(
        self,
        data: Any,
        *,
        item_features: pl.DataFrame | None = None,
        user_features: pl.DataFrame | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Learn from interactions and, where given, from what is known of items and users.

        Parameters
        ----------
        data, progress
            As for every recommender.
        item_features
            A table with a column `item_id`, such as `endcap.read_items` returns: categories, brands, prices, ...;
            `endcap.data.features.Features.from_table` says how columns count. Items in it without interactions become
            part of the model: they can be recommended, and asked for similar ones.
        user_features
            The same with `user_id`. Users in it without interactions are recommended what their features make probable.

        Returns
        -------
        Self
            The model itself, fitted. Where fitting fails or is interrupted, it is as it was before.

        Raises
        ------
        DataError
            Where a table has no column of ids, an id twice, or a column that can't be a feature.
        """
        interactions = Interactions.coerce(data)
        given = {USER: user_features, ITEM: item_features}
        ids = {name: None if table is None else ids_of(table, name) for name, table in given.items()}
        if any(found is not None for found in ids.values()):
            interactions = over_more_ids(interactions, ids[USER], ids[ITEM])
        sides = {USER: interactions.users, ITEM: interactions.items}
        self._features = {
            name: Features.from_table(table, sides[name], name) for name, table in given.items() if table is not None
        }
        try:
            return super().fit(interactions, progress=progress)
        finally:
            del self._features

    def _prior(self, side: str, entries: CsrMatrix, ridge: Float32Array, width: int) -> FeaturePrior | None:
        features = self._features.get(side)
        if features is None:
            return None
        observed = np.diff(entries.indptr) > 0
        return FeaturePrior(features.matrix, ridge, observed, width, self.feature_regularization)

    def _fit(self, data: Interactions, progress: Progress) -> None:
        n, m = data.shape
        scale = scale_to_mean(data.matrix.data, self.confidence, self.alpha)
        self.weight_scale_: Float32Array = np.array([scale], np.float32)
        by_user = self._confident(data.matrix)
        by_item = by_user.T.tocsr()
        user_ridge, item_ridge = self._ridge(by_user, m), self._ridge(by_item, n)
        start = np.random.default_rng(self.seed).standard_normal((m, self.factors), np.float32)
        start *= 0.1 / np.sqrt(self.factors)
        items = _padded(start)
        users = _aligned((n, items.shape[1]))
        del start
        user_prior = self._prior(USER, by_user, user_ridge, items.shape[1])
        item_prior = self._prior(ITEM, by_item, item_ridge, items.shape[1])
        priors = [prior for prior in (user_prior, item_prior) if prior]
        for epoch in range(self.epochs):
            progress("factors", epoch / self.epochs)
            self._half(items, by_user, user_ridge, users, user_prior, priors)
            self._half(users, by_item, item_ridge, items, item_prior, priors)
        self._turn(items, *(prior.weights for prior in priors))
        spectrum = _column_norms(items)
        means = user_prior.means(unobserved=True) if user_prior else None
        self._exact(items, spectrum, by_user, user_ridge, users, means)
        if item_prior:
            items[~item_prior.observed] = item_prior.means(unobserved=True)[~item_prior.observed]
        self.spectrum_: Float32Array = spectrum[: self.factors]
        self.item_factors_ = _without_padding(items, self.factors)
        self.user_factors_: Float32Array = _without_padding(users, self.factors)
        progress("factors", 1.0)

    def _half(
        self,
        y: Float32Array,
        entries: CsrMatrix,
        ridge: Float32Array,
        x: Float32Array,
        prior: FeaturePrior | None,
        priors: list[FeaturePrior],
    ) -> None:
        """Solve for x, the rows of `entries`, given y, its columns; then for the weights of x's features."""
        turned = [p.weights for p in priors]
        # Rows without interactions stay at zero here: the other side shall not learn from guesses.
        means = prior.means if prior else None
        if self.solver == "cholesky":
            self._turn(y, *turned)
            self._exact(y, _column_norms(y), entries, ridge, x, means and means(unobserved=False))
        else:
            self._turn(y, x, *turned)
            native.als_cg(
                y,
                *_csr(entries),
                self.unobserved_weight,
                ridge,
                _column_norms(y),
                means and means(unobserved=False),
                self.cg_steps,
                x,
                self.threads,
            )
        if prior:
            prior.learn(x)

    def _exact(
        self,
        y: Float32Array,
        spectrum: Float32Array,
        entries: CsrMatrix,
        ridge: Float32Array,
        x: Float32Array,
        prior: Float32Array | None = None,
    ) -> None:
        native.als_cholesky(y, *_csr(entries), self.unobserved_weight, ridge, spectrum, prior, x, self.threads)

    def _turn(self, y: Float32Array, *others: Float32Array) -> None:
        """Turn y to the axes of its Gram matrix, the longest first, and others alike, so that no product changes.

        The solvers need this.
        """
        gram = _aligned((y.shape[1],) * 2)
        native.gram(y, gram, self.threads)
        f = self.factors
        with threadpool_limits(1, "blas"):  # the number of threads would change the last digits
            _, axes = linalg.eigh(gram[:f, :f].astype(np.float64), check_finite=False, driver="evd", overwrite_a=True)
        turn = _aligned(gram.shape)
        turn[:f, :f] = axes[:, ::-1]
        for factors in (y, *others):
            native.multiply_in_place(factors, turn, self.threads)

    def _confident(self, matrix: CsrMatrix) -> CsrMatrix:
        """Return the matrix with confidences (above that of unobserved pairs) for weights; positions are shared."""
        extra = counted(matrix.data, self.confidence) * self.weight_scale_[0]
        np.maximum(extra, 1e-12, out=extra)
        return with_values(matrix, extra)

    def _ridge(self, entries: CsrMatrix, others: int) -> Float32Array:
        counts = np.diff(entries.indptr) + self.unobserved_weight * others
        ridge: Float32Array = (self.regularization * counts**self.frequency_scaling).astype(np.float32)
        return ridge

    def _answerable(self, queries: Queries) -> BoolArray:
        # A user with features has a vector without having done anything.
        known = queries.rows >= 0
        found = super()._answerable(queries)
        found[known] |= self.user_factors_[queries.rows[known]].any(axis=1)
        return found

    def _user_factors(self, queries: Queries) -> Float32Array:
        known = queries.rows
        if len(known) and (known >= 0).all():
            return self.user_factors_[known]
        entries = self._confident(queries.histories)
        items = _padded(self.item_factors_)
        spectrum = _padded(self.spectrum_[None])[0]
        users = _aligned((len(queries), items.shape[1]))
        self._exact(items, spectrum, entries, self._ridge(entries, len(items)), users)
        return _without_padding(users, self.factors)

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        # Section 5 of Hu et al.: the score y_i . A_u^-1 sum of c_uj y_j is a sum over the own items j.
        histories = queries.histories
        extra = self._confident(histories).data.astype(np.float64)
        ridge = self._ridge(histories, len(self.item_factors_))
        contribution = np.zeros(histories.nnz)
        for q, (begin, end) in enumerate(zip(histories.indptr[:-1], histories.indptr[1:], strict=True)):
            own = self.item_factors_[histories.indices[begin:end]].astype(np.float64)
            system = (own.T * extra[begin:end]) @ own
            system[np.diag_indices(self.factors)] += self.unobserved_weight * self.spectrum_ + ridge[q]
            towards = linalg.solve(system, self.item_factors_[items[q]].astype(np.float64), assume_a="pos")
            contribution[begin:end] = (self.unobserved_weight + extra[begin:end]) * (own @ towards)
        query = np.repeat(np.arange(len(queries), dtype=np.int32), np.diff(histories.indptr))
        return query, histories.indices.astype(np.int32, copy=False), contribution


def _column_norms(y: Float32Array) -> Float32Array:
    """Return the squared length of each column."""
    norms: Float32Array = np.einsum("if,if->f", y, y)
    return norms


def _csr(entries: CsrMatrix) -> tuple[np.ndarray, np.ndarray, Float32Array]:
    return (
        entries.indptr.astype(np.int64, copy=False),
        entries.indices.astype(np.int32, copy=False),
        entries.data,
    )


def _aligned(shape: tuple[int, ...]) -> Float32Array:
    """Return zeros that begin on a cache line, which vector loads are faster from."""
    size = int(np.prod(shape)) * 4
    room = np.zeros(size + 64, np.uint8)
    start = -room.ctypes.data % 64
    return room[start : start + size].view(np.float32).reshape(shape)


def _padded(y: Float32Array) -> Float32Array:
    if y.shape[1] % _STEP == 0 and y.ctypes.data % 64 == 0:
        return y
    wide = _aligned((len(y), -(-y.shape[1] // _STEP) * _STEP))
    wide[:, : y.shape[1]] = y
    return wide


def _without_padding(x: Float32Array, factors: int) -> Float32Array:
    return x if x.shape[1] == factors else np.ascontiguousarray(x[:, :factors])
