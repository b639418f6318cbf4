"""What all algorithms have in common, and what a script's own algorithm is derived from."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from endcap.compat.surprise import similarities
from endcap.compat.surprise.prediction_algorithms.predictions import Prediction, PredictionImpossible
from endcap.compat.surprise.trainset import Trainset
from endcap.errors import ParameterError
from endcap.models import rating_sgd
from endcap.models.baseline import als_biases


class AlgoBase:
    """The base of a script's own algorithm, which defines `estimate(u, i)` on inner ids.

    Parameters
    ----------
    bsl_options
        How `compute_baselines` works: `method` "als" with `n_epochs` (10), `reg_u` (15) and `reg_i` (10), or "sgd"
        with `n_epochs` (20), `reg` (.02) and `learning_rate` (.005).
    sim_options
        How `compute_similarities` works: `name` "msd", "cosine", "pearson" or "pearson_baseline", `user_based`,
        `min_support`, `shrinkage`.

    Examples
    --------
    >>> from endcap.compat.surprise import AlgoBase, Trainset
    >>> class Three(AlgoBase):
    ...     def estimate(self, u, i):
    ...         return 3
    >>> Three().fit(Trainset.of([("ann", "sku-1", 4.0, None)], (1, 5))).predict("ann", "sku-1").est
    3
    """

    trainset: Trainset

    def __init__(self, **kwargs: Any) -> None:
        self.bsl_options: dict[str, Any] = dict(kwargs.get("bsl_options") or {})
        self.sim_options: dict[str, Any] = {"user_based": True, **(kwargs.get("sim_options") or {})}

    def fit(self, trainset: Trainset) -> Self:
        """Keep the trainset; an algorithm of one's own calls this before it learns."""
        self.trainset = trainset
        self.bu: Any = None
        self.bi: Any = None
        return self

    def estimate(self, u: Any, i: Any) -> Any:
        """Return an estimate, or one and a dict of details, for inner ids; text where one is unknown."""
        raise NotImplementedError(f"{type(self).__name__} has to define estimate(self, u, i)")

    def default_prediction(self) -> float:
        """Return what is predicted where `estimate` raises `PredictionImpossible`: the mean of all ratings."""
        return self.trainset.global_mean

    def predict(self, uid: Any, iid: Any, r_ui: Any = None, clip: bool = True, verbose: bool = False) -> Prediction:
        """Return the prediction for a user and an item by their ids.

        Parameters
        ----------
        uid, iid
            The ids as in the data: text where the data was read from a file.
        r_ui
            The rating, where it is known.
        clip
            Whether the estimate is brought into the rating scale.
        verbose
            Whether the prediction is printed.
        """
        try:
            u: Any = self.trainset.to_inner_uid(uid)
        except ValueError:
            u = f"UKN__{uid}"
        try:
            i: Any = self.trainset.to_inner_iid(iid)
        except ValueError:
            i = f"UKN__{iid}"
        try:
            found = self.estimate(u, i)
            estimate, details = found if isinstance(found, tuple) else (found, {})
            details["was_impossible"] = False
        except PredictionImpossible as error:
            estimate, details = self.default_prediction(), {"was_impossible": True, "reason": str(error)}
        if clip:
            low, high = self.trainset.rating_scale
            estimate = max(low, min(high, estimate))
        prediction = Prediction(uid, iid, r_ui, estimate, details)
        if verbose:
            print(prediction)
        return prediction

    def test(self, testset: Any, verbose: bool = False) -> list[Prediction]:
        """Return the predictions for a list of (user, item, rating)."""
        return [self.predict(uid, iid, r_ui, verbose=verbose) for uid, iid, r_ui in testset]

    def compute_baselines(self) -> tuple[Any, Any]:
        """Return the biases of users and of items, each of shape (inner ids,), and keep them as `bu` and `bi`."""
        if self.bu is not None:
            return self.bu, self.bi
        options, ratings = self.bsl_options, self.trainset.ratings
        mean = float(ratings.matrix.data.mean(dtype=np.float64))
        method = options.get("method", "als")
        if method == "als":
            regularization = options.get("reg_u", 15), options.get("reg_i", 10)
            self.bu, self.bi = als_biases(ratings.matrix, mean, options.get("n_epochs", 10), *regularization)
        elif method == "sgd":
            n, m = ratings.shape
            parts = rating_sgd.Parts.start((n, m), np.zeros((n, 0), np.float32), np.zeros((m, 0), np.float32))
            rates = np.full(5, options.get("learning_rate", 0.005), np.float32)
            decays = np.full(5, options.get("reg", 0.02), np.float32)
            for _ in range(options.get("n_epochs", 20)):
                rating_sgd.epoch(self.trainset.in_order, mean, parts, rates, decays)
            self.bu, self.bi = parts.user_bias, parts.item_bias
        else:
            raise ParameterError(f"bsl_options: method={method!r} won't do: there are als and sgd")
        return self.bu, self.bi

    def compute_similarities(self) -> Any:
        """Return the similarities of all users (or items, `user_based` False), of shape (inner ids, inner ids)."""
        options = self.sim_options
        name = options.get("name", "msd").lower()
        if name not in ("cosine", "msd", "pearson", "pearson_baseline"):
            raise ParameterError(
                f"sim_options: name={name!r} won't do: there are cosine, msd, pearson and pearson_baseline"
            )
        by_user = options["user_based"]
        n, lists = (self.trainset.n_users, self.trainset.ir) if by_user else (self.trainset.n_items, self.trainset.ur)
        support = options.get("min_support", 1)
        if name == "pearson_baseline":
            bu, bi = self.compute_baselines()
            x_biases, y_biases = (bu, bi) if by_user else (bi, bu)
            shrinkage = options.get("shrinkage", 100)
            mean = self.trainset.global_mean
            return similarities.pearson_baseline(n, lists, support, mean, x_biases, y_biases, shrinkage)
        return getattr(similarities, name)(n, lists, support)

    def get_neighbors(self, iid: int, k: int) -> list[int]:
        """Return the inner ids of the k users (or items) most similar to the one with the inner id `iid`.

        An algorithm of one's own has set `self.sim` to `self.compute_similarities()` in its `fit`.
        """
        sim: Any = self.sim  # type: ignore[attr-defined]
        order = np.argsort(-sim[iid], kind="stable")
        nearest: list[int] = order[order != iid][:k].tolist()
        return nearest
