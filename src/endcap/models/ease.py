"""EASE: a linear model of every item by all others, in closed form."""

from __future__ import annotations

import warnings
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from scipy import linalg

from endcap.data.arrays import Float32Array, Int32Array
from endcap.data.durations import parse_duration
from endcap.data.interactions import Interactions
from endcap.errors import ParameterError, ReducedModelWarning
from endcap.models.base import Progress
from endcap.models.memory import available_memory
from endcap.models.parameters import Threads, parameters
from endcap.models.part_of_catalogue import PartOfCatalogue
from endcap.models.ridge_model import RidgeModel
from endcap.models.search_space import Options, Range
from endcap.models.symmetric import Symmetric

_BYTES_A_PAIR = 6
"""Bytes of memory that a fit needs for each pair of items: a triangle to invert and the full matrix of weights."""


@parameters
class EASE(RidgeModel):
    """Every item as a weighted sum of all others, with the weights that a least-squares problem has in closed form.

    Finds the item x item matrix B with a zero diagonal that minimises |X - X B|^2 + regularization |B|^2 for the
    user x item matrix X:

        P = (X'X + regularization I)^-1,    B_ij = -P_ij / P_jj  for i != j

    (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019). Among the most accurate models where
    there are far more users than items; needs about n^3 operations and 6 n^2 bytes for n items while it is fitted,
    4 n^2 bytes afterwards.

    The zero diagonal says nothing of whether a shopper takes an own item again; for that, `self_weight` is put in its
    place once B is known. It changes nothing where seen items are left out.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> bought = sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> model = ec.EASE(regularization=1).fit(bought)
    >>> model.recommend(2, k=1)["item_id"].to_list()
    [0]
    """

    regularization: Annotated[float, Field(gt=0), Range(10.0, 5000.0, log=True)] = 500.0
    """How strongly weights are drawn to zero. Of 100, 300, 1000 and 3000, the NDCG@10 of new items was best, or level
    with the best, with 300 on Gowalla and Online Retail, with 1000 on MovieLens 1M and Complete Journey, and with
    3000 on Ta-Feng (5,000 items at most of each)."""
    weighting: Annotated[Literal["binary", "log", "linear"], Options("binary", "log", "linear")] = "log"
    """How an interaction's weight w enters X: as 1, log2(1 + w), or w. Where everything happens once, "binary" and
    "log" are the same; else "log" was better for repeats on Complete Journey, Online Retail and Ta-Feng, and for new
    items on the first and the last."""
    self_weight: Annotated[float, Field(ge=0), Range(0.0, 2.0)] = 1.0
    """How much an item of the history speaks for itself. It matters only with `exclude_seen=False`: there, 1 was the
    best or close to it on Complete Journey, Online Retail and Ta-Feng, and 0, Steck's model, far behind."""
    half_life: Annotated[str | None, Options(None, "30d", "90d", "365d")] = "90d"
    """An item of the history counts half when the shopper last took it so long ago; None, or where events have no time:
    age doesn't matter. X is not changed by it."""
    max_items: Annotated[int, Field(gt=0)] | None = 20_000
    """Most items to train on: those that most users had to do with. Others are only recommended as best-sellers are,
    where nothing better is known. 20,000 take about half a minute and 2.4 GB on two cores; None: as many as half of the
    available memory allows, however long it takes."""
    threads: Threads = 0
    """0: all cores. The result doesn't depend on it."""

    _learned = ("weights_", "catalogue_")

    def _fit(self, data: Interactions, progress: Progress) -> None:
        if self.half_life is not None:
            parse_duration(self.half_life)
        self.catalogue_: Int32Array = self._choose_items(data)
        matrix = self._weighed(data.matrix)
        part = self._part
        progress("products of items", 0.0)
        gram = Symmetric.gram(matrix if part is None else part.columns(matrix), threads=self.threads)
        gram.add_to_diagonal(self.regularization)
        try:
            gram.invert(threads=self.threads, progress=lambda share: progress("inverse", share))
        except linalg.LinAlgError:
            raise ParameterError(
                f"EASE: regularization={self.regularization:g} is too small for these data in single precision; "
                "raise it"
            ) from None
        self.weights_: Float32Array = gram.scaled_square((-1 / gram.diagonal()).astype(np.float32))
        np.fill_diagonal(self.weights_, self.self_weight)
        progress("inverse", 1.0)

    def _choose_items(self, data: Interactions) -> Int32Array:
        m, memory = data.shape[1], available_memory()
        most = max(1, int((memory / 2 / _BYTES_A_PAIR) ** 0.5)) if self.max_items is None else self.max_items
        if (needed := _BYTES_A_PAIR * min(m, most) ** 2) > memory:
            raise ParameterError(
                f"EASE over {min(m, most):,} items needs {needed / 1e9:.1f} GB, and {memory / 1e9:.1f} GB are free; "
                "lower max_items, or take SparseEASE"
            )
        if m <= most:
            return np.arange(m, dtype=np.int32)
        chosen = np.sort(self.popularity_[:most])
        covered = np.isin(data.matrix.indices, chosen).mean()
        reason = "more than half of the memory there is" if self.max_items is None else f"max_items={most:,}"
        note = (
            f"EASE over all {m:,} items would need {_BYTES_A_PAIR * m**2 / 1e9:.1f} GB and about {m**3:.1e} operations "
            f"({reason}); trained on the {most:,} items that most users had to do with, "
            f"{covered:.0%} of the interactions. SparseEASE takes them all"
        )
        self.notes_ = (note,)
        warnings.warn(note, ReducedModelWarning, stacklevel=4)
        return chosen

    @property
    def _part(self) -> PartOfCatalogue | None:
        m = self.interactions_.shape[1]
        return None if len(self.catalogue_) == m else PartOfCatalogue(self.catalogue_, m)
