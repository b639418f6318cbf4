"""Models of implicit as recommenders. What they learned is read from them; answers come from the kernels here."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from endcap.data.arrays import BoolArray, CsrMatrix, Float32Array, IndexLists, Int32Array, TopK
from endcap.data.interactions import Interactions
from endcap.models.adapters.not_saved import NotSaved
from endcap.models.base import Progress
from endcap.models.factor_model import FactorModel
from endcap.models.linear_model import LinearModel
from endcap.models.parameters import parameters
from endcap.models.queries import Queries


@parameters
class ImplicitFactors(NotSaved, FactorModel):
    """A factor model of implicit: ALS, BPR or logistic matrix factorisation; see `endcap.adapt`.

    A visitor's vector is what ALS works out from the history (`recalculate_user`). BPR and LMF can't: their visitors
    are shown best-sellers.
    """

    model: Any
    """The model of implicit."""

    _learned = ("item_factors_", "known_factors_")

    def _fit(self, data: Interactions, progress: Progress) -> None:
        self.fitted_ = copy.deepcopy(self.model)
        # Where the model was fitted before, implicit would go on from there, on other users and items.
        self.fitted_.user_factors = self.fitted_.item_factors = None
        with threadpool_limits(1, "blas"):
            self.fitted_.fit(_as_peer(data.matrix), show_progress=False)
        self.item_factors_ = np.ascontiguousarray(self.fitted_.item_factors, np.float32)
        self.known_factors_: Float32Array = np.ascontiguousarray(self.fitted_.user_factors, np.float32)

    def _user_factors(self, queries: Queries) -> Float32Array:
        factors = np.zeros((len(queries), self.item_factors_.shape[1]), np.float32)
        known = queries.rows >= 0
        factors[known] = self.known_factors_[queries.rows[known]]
        visitors = np.flatnonzero(~known)
        if len(visitors) and self._folds_in:
            with threadpool_limits(1, "blas"):
                histories = _as_peer(queries.take(visitors).histories)
                factors[visitors] = self.fitted_.recalculate_user(np.arange(len(visitors)), histories)
        return factors

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        top = super()._top_k(queries, k, exclude, candidates)
        top.items[self._strangers(queries)] = -1
        return top

    def _top_k_among(self, queries: Queries, k: int, exclude: IndexLists, candidates: IndexLists) -> TopK:
        top = super()._top_k_among(queries, k, exclude, candidates)
        top.items[self._strangers(queries)] = -1
        return top

    @property
    def _folds_in(self) -> bool:
        from implicit.cpu.matrix_factorization_base import MatrixFactorizationBase

        return type(self.fitted_).recalculate_user is not MatrixFactorizationBase.recalculate_user

    def _strangers(self, queries: Queries) -> BoolArray:
        strangers: BoolArray = queries.rows < 0
        return strangers & (not self._folds_in)


@parameters
class ImplicitItemItem(NotSaved, LinearModel):
    """An item-item model of implicit: cosine, TF-IDF or BM25; see `endcap.adapt`."""

    model: Any
    """The model of implicit."""

    _learned = ("weights_",)

    def _fit(self, data: Interactions, progress: Progress) -> None:
        self.fitted_ = copy.deepcopy(self.model)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of conversions that it makes itself
            self.fitted_.fit(_as_peer(data.matrix).astype(np.float64), show_progress=False)
        weights = sparse.csr_array(self.fitted_.similarity, dtype=np.float32)
        weights.sort_indices()
        self.weights_: CsrMatrix = weights


def _as_peer(matrix: CsrMatrix) -> Any:
    """Return a matrix as implicit takes it."""
    parts = matrix.data, matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    return sparse.csr_matrix(parts, shape=matrix.shape)
