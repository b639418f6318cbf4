"""Matrix factorisation: SVD, SVD++ and NMF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from endcap.compat.surprise.prediction_algorithms.predictor import PredictorAlgorithm
from endcap.compat.surprise.trainset import Trainset
from endcap.compat.surprise.utils import get_rng
from endcap.data.arrays import CsrMatrix, Float32Array, Int64Array
from endcap.errors import ParameterError
from endcap.models import nmf, svd

_UNKNOWN = "User and item are unknown."


class _AsGiven:
    """Steps in the order of the trainset, from the numbers that Surprise draws.

    So the same `random_state` makes the same model, as far as single precision goes (Surprise takes double).
    """

    _trainset: Trainset
    _random_state: Any

    def _start(self, draws: np.random.Generator, rows: Sequence[int]) -> list[Float32Array]:
        del draws
        rng, model = get_rng(self._random_state), self
        mean, deviation, width = model.initial_mean, model.initial_deviation, model.factors  # type: ignore[attr-defined]
        return [rng.normal(mean, deviation, (n, width)).astype(np.float32) for n in rows]

    def _passes(self, ratings: CsrMatrix, draws: np.random.Generator) -> Iterator[tuple[Int64Array, CsrMatrix]]:
        del draws
        users = np.arange(ratings.shape[0])
        return repeat((users, self._trainset.in_order), self.epochs)  # type: ignore[attr-defined]


class _SVD(_AsGiven, svd.SVD):
    pass


class _SVDpp(_AsGiven, svd.SVDpp):
    pass


class _NMF(nmf.NMF):
    _random_state: Any

    def _start(self, rows: tuple[int, int]) -> list[Float32Array]:
        rng = get_rng(self._random_state)
        return [rng.uniform(self.initial_low, self.initial_high, (n, self.factors)).astype(np.float32) for n in rows]


class _Factors(PredictorAlgorithm):
    def _learned(self) -> None:
        model: Any = self.model
        self.bu, self.bi = model.user_bias_, model.item_bias_
        self.pu: Any = model.user_factors_
        self.qi: Any = model.item_factors_


class SVD(_Factors):
    """Users and items as vectors (`endcap.SVD`).

    Parameters
    ----------
    n_factors, n_epochs, biased, init_mean, init_std_dev
        The length of the vectors, passes over the ratings, whether there are biases and a mean, and the normal
        distribution of the vectors at the start.
    lr_all, reg_all
        The length of a step, and how strongly parameters are drawn to zero.
    lr_bu, lr_bi, lr_pu, lr_qi, reg_bu, reg_bi, reg_pu, reg_qi
        The same for the biases and vectors of users and items; None: as all.
    random_state
        See `endcap.compat.surprise.utils.get_rng`.
    verbose
        Has no effect: nothing is printed.

    Examples
    --------
    >>> from endcap.compat.surprise import SVD, Trainset
    >>> trainset = Trainset.of([("ann", 1, 5.0, None), ("ann", 2, 4.0, None), ("bob", 1, 3.0, None)], (1, 5))
    >>> SVD(n_factors=4, random_state=0).fit(trainset).qi.shape
    (2, 4)
    """

    def __init__(
        self,
        n_factors: int = 100,
        n_epochs: int = 20,
        biased: bool = True,
        init_mean: float = 0,
        init_std_dev: float = 0.1,
        lr_all: float = 0.005,
        reg_all: float = 0.02,
        lr_bu: float | None = None,
        lr_bi: float | None = None,
        lr_pu: float | None = None,
        lr_qi: float | None = None,
        reg_bu: float | None = None,
        reg_bi: float | None = None,
        reg_pu: float | None = None,
        reg_qi: float | None = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        super().__init__()
        self.n_factors, self.n_epochs, self.biased = n_factors, n_epochs, biased
        self.init_mean, self.init_std_dev = init_mean, init_std_dev
        self.lr_bu, self.lr_bi, self.lr_pu, self.lr_qi = _each(lr_all, lr_bu, lr_bi, lr_pu, lr_qi)
        self.reg_bu, self.reg_bi, self.reg_pu, self.reg_qi = _each(reg_all, reg_bu, reg_bi, reg_pu, reg_qi)
        self.random_state, self.verbose = random_state, verbose
        if not biased:
            self._impossible = _UNKNOWN

    def _make(self) -> svd.SVD:
        model = _SVD(biased=self.biased, **_shared(self, ("bu", "bi", "pu", "qi")))
        model._trainset, model._random_state = self.trainset, self.random_state
        return model


class SVDpp(_Factors):
    """SVD++, which also knows by what they rated at all (`endcap.SVDpp`).

    Parameters
    ----------
    n_factors, n_epochs, init_mean, init_std_dev, lr_all, reg_all, random_state, verbose
        As for `SVD`.
    lr_bu, lr_bi, lr_pu, lr_qi, lr_yj, reg_bu, reg_bi, reg_pu, reg_qi, reg_yj
        As for `SVD`; `yj` are the implicit factors of the items.
    cache_ratings
        Has no effect: there is nothing to cache.

    Examples
    --------
    >>> from endcap.compat.surprise import SVDpp, Trainset
    >>> trainset = Trainset.of([("ann", 1, 5.0, None), ("ann", 2, 4.0, None), ("bob", 1, 3.0, None)], (1, 5))
    >>> SVDpp(n_factors=4, random_state=0).fit(trainset).yj.shape
    (2, 4)
    """

    def __init__(
        self,
        n_factors: int = 20,
        n_epochs: int = 20,
        init_mean: float = 0,
        init_std_dev: float = 0.1,
        lr_all: float = 0.007,
        reg_all: float = 0.02,
        lr_bu: float | None = None,
        lr_bi: float | None = None,
        lr_pu: float | None = None,
        lr_qi: float | None = None,
        lr_yj: float | None = None,
        reg_bu: float | None = None,
        reg_bi: float | None = None,
        reg_pu: float | None = None,
        reg_qi: float | None = None,
        reg_yj: float | None = None,
        random_state: Any = None,
        verbose: bool = False,
        cache_ratings: bool = False,
    ) -> None:
        super().__init__()
        self.n_factors, self.n_epochs = n_factors, n_epochs
        self.init_mean, self.init_std_dev = init_mean, init_std_dev
        rates = _each(lr_all, lr_bu, lr_bi, lr_pu, lr_qi, lr_yj)
        decays = _each(reg_all, reg_bu, reg_bi, reg_pu, reg_qi, reg_yj)
        self.lr_bu, self.lr_bi, self.lr_pu, self.lr_qi, self.lr_yj = rates
        self.reg_bu, self.reg_bi, self.reg_pu, self.reg_qi, self.reg_yj = decays
        self.random_state, self.verbose, self.cache_ratings = random_state, verbose, cache_ratings

    def _make(self) -> svd.SVDpp:
        model = _SVDpp(**_shared(self, ("bu", "bi", "pu", "qi", "yj")))
        model._trainset, model._random_state = self.trainset, self.random_state
        return model

    def _learned(self) -> None:
        super()._learned()
        model: Any = self.model
        self.yj = model.implicit_factors_
        rated = self.trainset.ratings.matrix.copy()
        rated.data[:] = 1
        counts = np.maximum(np.diff(rated.indptr), 1).astype(np.float32)
        self.pu = model.user_factors_ - (rated @ self.yj) / np.sqrt(counts)[:, None]


class NMF(_Factors):
    """Users and items as vectors without a negative number (`endcap.NMF`).

    Parameters
    ----------
    n_factors, n_epochs, biased
        The length of the vectors, passes over the ratings, and whether there are biases and a mean.
    reg_pu, reg_qi, reg_bu, reg_bi
        How strongly the vectors and the biases of users and of items are drawn to zero.
    lr_bu, lr_bi
        The length of a step of the biases.
    init_low, init_high
        The vectors start as random numbers between these.
    random_state
        See `endcap.compat.surprise.utils.get_rng`.
    verbose
        Has no effect: nothing is printed.

    Examples
    --------
    >>> from endcap.compat.surprise import NMF, Trainset
    >>> trainset = Trainset.of([("ann", 1, 5.0, None), ("ann", 2, 4.0, None), ("bob", 1, 3.0, None)], (1, 5))
    >>> bool((NMF(n_factors=4, random_state=0).fit(trainset).pu >= 0).all())
    True
    """

    def __init__(
        self,
        n_factors: int = 15,
        n_epochs: int = 50,
        biased: bool = False,
        reg_pu: float = 0.06,
        reg_qi: float = 0.06,
        reg_bu: float = 0.02,
        reg_bi: float = 0.02,
        lr_bu: float = 0.005,
        lr_bi: float = 0.005,
        init_low: float = 0,
        init_high: float = 1,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        super().__init__()
        if init_low < 0:
            raise ParameterError(f"NMF: init_low={init_low!r} won't do: it must not be negative")
        self.n_factors, self.n_epochs, self.biased = n_factors, n_epochs, biased
        self.reg_pu, self.reg_qi, self.reg_bu, self.reg_bi = reg_pu, reg_qi, reg_bu, reg_bi
        self.lr_bu, self.lr_bi, self.init_low, self.init_high = lr_bu, lr_bi, init_low, init_high
        self.random_state, self.verbose = random_state, verbose
        if not biased:
            self._impossible = _UNKNOWN

    def _make(self) -> nmf.NMF:
        model = _NMF(
            factors=self.n_factors,
            epochs=self.n_epochs,
            biased=self.biased,
            user_regularization=self.reg_pu,
            item_regularization=self.reg_qi,
            user_bias_regularization=self.reg_bu,
            item_bias_regularization=self.reg_bi,
            user_bias_learning_rate=self.lr_bu,
            item_bias_learning_rate=self.lr_bi,
            initial_low=self.init_low,
            initial_high=self.init_high,
        )
        model._random_state = self.random_state
        return model


_PARTS = {
    "bu": "user_bias",
    "bi": "item_bias",
    "pu": "user_factors",
    "qi": "item_factors",
    "yj": "implicit_factors",
}


def _each(of_all: float, *values: float | None) -> list[float]:
    return [of_all if value is None else value for value in values]


def _shared(algo: Any, parts: tuple[str, ...]) -> dict[str, Any]:
    """Return the parameters of Endcap's model that `SVD` and `SVDpp` have in common."""
    return {
        "factors": algo.n_factors,
        "epochs": algo.n_epochs,
        "initial_mean": algo.init_mean,
        "initial_deviation": algo.init_std_dev,
        "learning_rate": {_PARTS[part]: getattr(algo, f"lr_{part}") for part in parts},
        "regularization": {_PARTS[part]: getattr(algo, f"reg_{part}") for part in parts},
    }
