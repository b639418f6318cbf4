"""Models of other libraries behind the interfaces here."""

from __future__ import annotations

from typing import Any, TypeVar

from endcap.errors import ParameterError
from endcap.models.base import Recommender
from endcap.models.rating_predictor import RatingPredictor

Adapter = TypeVar("Adapter", bound=Recommender | RatingPredictor)


def adapt(model: Any) -> Recommender | RatingPredictor:
    """Make a model of another library a recommender, or a rating predictor, as those here.

    Parameters
    ----------
    model
        Of implicit (0.7, on the CPU): `AlternatingLeastSquares`, `BayesianPersonalizedRanking`,
        `LogisticMatrixFactorization` or one of the item-item models; it becomes a `Recommender`. Of scikit-surprise
        (1.1): any algorithm, also one of your own; it becomes a `RatingPredictor`. `fit` fits a copy of it.

    Returns
    -------
    Recommender or RatingPredictor
        To be fitted, asked and compared like any other; the fitted copy is its `fitted_`. It can't be saved.

    Raises
    ------
    ParameterError
        Where the model is of another kind.

    Examples
    --------
    >>> import endcap as ec
    >>> from implicit.nearest_neighbours import CosineRecommender
    >>> import polars as pl
    >>> events = pl.DataFrame({"user_id": ["ann", "ann", "bob"], "item_id": ["tea", "mug", "tea"]})
    >>> ec.adapt(CosineRecommender(K=5)).fit(ec.Events(events)).recommend("bob", k=1)["item_id"].to_list()
    ['mug']
    """
    homes = {f"{cls.__module__}.{cls.__qualname__}" for cls in type(model).__mro__}
    if "implicit.cpu.matrix_factorization_base.MatrixFactorizationBase" in homes:
        from endcap.models.adapters.implicit_models import ImplicitFactors

        return _named(ImplicitFactors, "implicit", model)
    if "implicit.nearest_neighbours.ItemItemRecommender" in homes:
        from endcap.models.adapters.implicit_models import ImplicitItemItem

        return _named(ImplicitItemItem, "implicit", model)
    if "surprise.prediction_algorithms.algo_base.AlgoBase" in homes:
        from endcap.models.adapters.surprise_algorithm import SurpriseAlgorithm

        return _named(SurpriseAlgorithm, "surprise", model)
    what = f"the class {model.__name__}; give a model made of it" if isinstance(model, type) else type(model).__name__
    raise ParameterError(
        f"can't adapt {what}: models of implicit (ALS, BPR, LMF, item-item; on the CPU) and algorithms of "
        "scikit-surprise can be"
    )


def _named(adapter: type[Adapter], library: str, model: Any) -> Adapter:
    """Return the adapter as a class of its own, so that tables of results show the model's name."""
    name = f"{library}.{type(model).__name__}"
    adapted: Adapter = type(name, (adapter,), {"__module__": adapter.__module__})(model=model)
    return adapted
