"""Neighbours."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np

from endcap.compat.surprise.prediction_algorithms.algo_base import AlgoBase
from endcap.compat.surprise.prediction_algorithms.predictor import PredictorAlgorithm
from endcap.data.arrays import BoolArray, CsrMatrix, Float32Array, Int32Array
from endcap.errors import ParameterError
from endcap.models.knn import KNN
from endcap.models.rating_kernels import Lists

_SIMILARITIES = ("cosine", "msd", "pearson", "pearson_baseline")


class _Neighbours(PredictorAlgorithm):
    _centre: ClassVar[Literal["none", "mean", "zscore", "baseline"]]
    _impossible = "User and/or item is unknown."
    model: _GivenKNN

    def __init__(
        self,
        k: int = 40,
        min_k: int = 1,
        sim_options: dict[str, Any] | None = None,
        verbose: bool = True,
        bsl_options: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(sim_options=sim_options, bsl_options=bsl_options)
        self.k, self.min_k, self.verbose = k, min_k, verbose

    def _make(self) -> KNN:
        options = self.sim_options
        name = options.get("name", "msd").lower()
        if name not in _SIMILARITIES:
            raise ParameterError(f"sim_options: name={name!r} won't do: there are {', '.join(_SIMILARITIES)}")
        model = _GivenKNN(
            k=self.k,
            # With nobody there is no mean to take; Surprise takes 0 neighbours for 1 too, or divides by zero.
            min_k=max(self.min_k, 1),
            by="user" if options["user_based"] else "item",
            centre=self._centre,
            similarity=name,
            min_support=max(options.get("min_support", 1), 1),
            shrinkage=options.get("shrinkage", 100),
        )
        model._algo = self
        return model

    def _answer(self, users: Int32Array, items: Int32Array) -> tuple[Float32Array, BoolArray, list[dict[str, Any]]]:
        estimates, counts = self.model._estimate_and_count(users, items)
        unknown = counts < 0
        impossible = unknown if self._centre != "baseline" else np.zeros_like(unknown)
        details: list[dict[str, Any]] = [{"actual_k": count} for count in counts.tolist()]
        for place in np.flatnonzero(unknown):
            details[place] = {"reason": self._impossible} if impossible[place] else {}
        if self._centre == "none":
            too_few = ~unknown & (counts < self.model.min_k)
            for place in np.flatnonzero(too_few):
                details[place] = {"reason": "Not enough neighbors."}
            impossible = impossible | too_few
        return estimates, impossible, details

    @cached_property
    def sim(self) -> Any:
        """The similarities of all, shape (inner ids, inner ids): only worked out where a script asks for them."""
        return self.compute_similarities()

    def fit(self, trainset: Any) -> Any:
        """Learn from a trainset."""
        self.__dict__.pop("sim", None)
        return super().fit(trainset)


class _GivenKNN(KNN):
    """`KNN` with the baselines that an algorithm computes, made for many small questions."""

    _algo: AlgoBase

    def _biases(self, ratings: CsrMatrix) -> tuple[Float32Array, Float32Array]:
        return self._algo.compute_baselines()

    def _compared(self) -> tuple[Lists, Lists, int]:
        if self._given is not None:
            return super()._compared()
        if "_kept_compared" not in self.__dict__:
            self._kept_compared = super()._compared()
        return self._kept_compared

    def _averaged(self) -> Lists:
        if self._given is not None:
            return super()._averaged()
        if "_kept_averaged" not in self.__dict__:
            self._kept_averaged = super()._averaged()
        return self._kept_averaged


class KNNBasic(_Neighbours):
    """What similar users said of the item, or the user of similar items (`endcap.KNN`).

    Parameters
    ----------
    k, min_k
        How many neighbours at most, and at least.
    sim_options, bsl_options
        See `AlgoBase`.
    verbose
        Has no effect: nothing is printed.

    Examples
    --------
    >>> from endcap.compat.surprise import KNNBasic, Trainset
    >>> ratings = [("a", 1, 5.0, None), ("a", 2, 4.0, None), ("b", 1, 1.0, None), ("b", 2, 2.0, None)]
    >>> ratings += [("c", 1, 5.0, None)]
    >>> KNNBasic(k=1).fit(Trainset.of(ratings, (1, 5))).predict("c", 2)
    Prediction(uid='c', iid=2, r_ui=None, est=4.0, details={'actual_k': 1, 'was_impossible': False})
    """

    _centre = "none"


class KNNWithMeans(_Neighbours):
    """`KNNBasic` on what the mean of each user (or item) leaves of ratings; parameters as there."""

    _centre = "mean"


class KNNWithZScore(_Neighbours):
    """`KNNWithMeans` divided by the deviation of each user (or item); parameters as there."""

    _centre = "zscore"


class KNNBaseline(_Neighbours):
    """`KNNBasic` on what baselines leave of ratings; parameters as there."""

    _centre = "baseline"

    def __init__(
        self,
        k: int = 40,
        min_k: int = 1,
        sim_options: dict[str, Any] | None = None,
        bsl_options: dict[str, Any] | None = None,
        verbose: bool = True,
    ) -> None:
        super().__init__(k, min_k, sim_options, verbose, bsl_options)
