"""Ratings from the nearest neighbours, of the user or of the item."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field
from scipy import sparse

from endcap import native
from endcap.data.arrays import CsrMatrix, Float32Array, Int32Array, with_values
from endcap.data.ratings import Ratings
from endcap.models.base import Progress
from endcap.models.baseline import als_biases, user_biases
from endcap.models.parameters import Threads, parameters
from endcap.models.rating_kernels import Groups, Lists
from endcap.models.rating_predictor import RatingPredictor, pick, rows_of
from endcap.models.search_space import Options, Range
from endcap.models.slope_one import means_of_rows

_BASELINE = (10, 15.0, 10.0)  # epochs and regularisation of users and of items: the defaults of `Baseline`


@parameters
class KNN(RatingPredictor):
    """What the users most like this one said of the item, or what the user said of the items most like it.

    With x the user (`by="item"`: the item), and N the `k` users most similar to x who rated the item (the `k` items
    most similar to x that the user rated), of those with a similarity above zero,

        estimate = c_x + s_x * (sum over n in N of sim_xn (r_n - c_n) / s_n) / (sum over n in N of sim_xn)

    where r_n is n's rating, and `centre` chooses what is taken off first: nothing, the mean of x's or n's ratings,
    also dividing by their standard deviation s, or what `Baseline` says (Koren, "Factor in the Neighbors", ACM TKDD
    2010; Desrosiers and Karypis, "A Comprehensive Survey of Neighborhood-based Recommendation Methods", 2011).
    With too few neighbours c_x is left, or the mean of all ratings for `centre="none"`.

    Similarities go over the n ratings that both have in common: with a and b these ratings,

        msd               1 / (mean of (a - b)^2 + 1)
        cosine            sum of ab / sqrt(sum of a^2 * sum of b^2)
        pearson           the correlation of a and b
        pearson_baseline  (n - 1) / (n - 1 + shrinkage) * cosine of what `Baseline` leaves of a and b

    Nothing is learned in advance but means: the similarities of x are worked out when x is asked about and held no
    longer, so memory is that of the ratings. `centre="baseline", similarity="pearson_baseline", by="item"` is the most
    accurate on MovieLens. Defaults are those of Surprise.

    Examples
    --------
    >>> import endcap as ec
    >>> import polars as pl
    >>> users, items = ["a", "a", "b", "b", "c"], [1, 2, 1, 2, 1]
    >>> table = pl.DataFrame({"user_id": users, "item_id": items, "rating": [5, 4, 1, 2, 5]})
    >>> model = ec.KNN(k=1).fit(table)
    >>> model.predict(pl.DataFrame({"user_id": ["c"], "item_id": [2]}))["estimate"].to_list()
    [4.0]
    """

    k: Annotated[int, Field(ge=1), Range(5, 200, log=True)] = 40
    """How many neighbours at most."""
    min_k: Annotated[int, Field(ge=1), Range(1, 10)] = 1
    """How many neighbours at least; with fewer they are not listened to."""
    by: Annotated[Literal["user", "item"], Options("user", "item")] = "user"
    """Whether neighbours are users or items."""
    centre: Annotated[Literal["none", "mean", "zscore", "baseline"], Options("none", "mean", "zscore", "baseline")] = (
        "none"
    )
    """What is taken off ratings before they are averaged."""
    similarity: Annotated[
        Literal["msd", "cosine", "pearson", "pearson_baseline"],
        Options("msd", "cosine", "pearson", "pearson_baseline"),
    ] = "msd"
    """How alike two users or items are."""
    min_support: Annotated[int, Field(ge=1), Range(1, 10)] = 1
    """With fewer ratings in common the similarity is 0; never fewer than 2 for "pearson_baseline"."""
    shrinkage: Annotated[float, Field(ge=0), Range(10.0, 500.0, log=True)] = 100.0
    """How much "pearson_baseline" is drawn to zero where few ratings are in common."""
    threads: Threads = 0
    """0: all cores. The result doesn't depend on it."""

    _learned = ("user_bias_", "item_bias_", "centres_", "spreads_")

    def _fit(self, ratings: Ratings, progress: Progress) -> None:
        matrix, (n, m) = ratings.matrix, ratings.shape
        self.user_bias_: Float32Array = np.zeros(n, np.float32)
        self.item_bias_: Float32Array = np.zeros(m, np.float32)
        if "baseline" in (self.centre, self.similarity.removeprefix("pearson_")):
            self.user_bias_, self.item_bias_ = self._biases(matrix)
        centres, spreads = self._centre(matrix if self.by == "user" else matrix.T.tocsr())
        self.centres_: Float32Array = centres
        self.spreads_: Float32Array = spreads

    def _biases(self, ratings: CsrMatrix) -> tuple[Float32Array, Float32Array]:
        return als_biases(ratings, self.mean_, *_BASELINE)

    def _centre(self, rows: CsrMatrix) -> tuple[Float32Array, Float32Array]:
        """Return the mean and the spread of each row, as far as `centre` asks for them."""
        n = rows.shape[0]
        centres, spreads = np.zeros(n, np.float32), np.ones(n, np.float32)
        if self.centre in ("mean", "zscore"):
            centres = means_of_rows(rows, self.mean_)
        if self.centre == "zscore":
            entry_rows = rows_of(rows)
            squares = np.bincount(entry_rows, weights=(rows.data - centres[entry_rows]) ** 2, minlength=n)
            spreads = np.sqrt(squares / np.maximum(np.diff(rows.indptr), 1)).astype(np.float32)
            overall = self.ratings_.matrix.data.std(dtype=np.float64)
            # Means are in single precision: equal ratings leave a spread that is only rounding.
            spreads = np.where(spreads > 1e-5 * max(overall, 1e-30), spreads, np.float32(overall or 1.0))
        return centres, spreads

    def _estimate(self, users: Int32Array, items: Int32Array) -> Float32Array:
        return self._estimate_and_count(users, items)[0]

    def _estimate_and_count(self, users: Int32Array, items: Int32Array) -> tuple[Float32Array, Int32Array]:
        """Return the estimates and how many neighbours each had; -1 where the user or the item is unknown."""
        asked = np.flatnonzero((users >= 0) & (items >= 0))
        rows, lists = (users, items) if self.by == "user" else (items, users)
        groups = Groups.of(rows[asked])
        asked = asked[groups.order]
        means, counts = np.empty(len(asked), np.float32), np.empty(len(asked), np.int32)
        kind = "cosine" if self.similarity == "pearson_baseline" else self.similarity
        compared, training, size = self._compared()
        native.rating_neighbours(
            *compared,
            *training,
            size,
            *self._averaged(),
            groups.indptr,
            groups.keys,
            lists[asked],
            kind,
            max(self.min_support, 2) if self.similarity == "pearson_baseline" else self.min_support,
            self.shrinkage if self.similarity == "pearson_baseline" else 0.0,
            self.k,
            means,
            counts,
            self.threads,
        )
        found = np.full(len(users), -1, np.int32)
        found[asked] = counts
        return self._put_together(users, items, asked, rows[asked], means, counts >= self.min_k), found

    def _compared(self) -> tuple[Lists, Lists, int]:
        """Return what is compared: the rows asked about, by column the training rows, and how many these are."""
        training, histories = self.ratings_.matrix, self._histories
        if self.similarity == "pearson_baseline":
            training_bias = self.__dict__.get("_training_bias", self.user_bias_)
            training = self._rest(training, training_bias)
            histories = self._rest(histories, self.user_bias_)
        rows, columns = training.T.tocsr(), training
        if self.by == "user":
            rows, columns = histories, training.T.tocsr()
        return Lists.of(rows), Lists.of(columns), training.shape[self.by == "item"]

    def _averaged(self) -> Lists:
        """Return who may become a neighbour: for each item those who rated it, for each user what they rated."""
        if self.by == "item":
            lists, bias = self._histories, self.user_bias_
        else:
            lists, bias = self.ratings_.matrix, self.__dict__.get("_training_bias", self.user_bias_)
        if self.centre == "baseline":
            lists = self._rest(lists, bias)
        lists = lists if self.by == "item" else lists.T.tocsr()
        values = lists.data
        if self.centre in ("mean", "zscore"):
            centres = self.__dict__.get("_training_centres", self.centres_)
            spreads = self.__dict__.get("_training_spreads", self.spreads_)
            values = (values - centres[lists.indices]) / spreads[lists.indices]
        return Lists.of(sparse.csr_array((values, lists.indices, lists.indptr), shape=lists.shape))

    def _rest(self, ratings: CsrMatrix, user_bias: Float32Array) -> CsrMatrix:
        """Return what the baseline leaves of ratings."""
        rest = ratings.data - np.float32(self.mean_) - user_bias[rows_of(ratings)] - self.item_bias_[ratings.indices]
        return with_values(ratings, rest)

    def _put_together(
        self, users: Int32Array, items: Int32Array, asked: Any, rows: Int32Array, means: Float32Array, enough: Any
    ) -> Float32Array:
        estimate = np.full(len(users), self.mean_, np.float32)
        if self.centre == "baseline":
            estimate += pick(self.user_bias_, users) + pick(self.item_bias_, items)
            estimate[asked] += np.where(enough, means, 0)
        elif self.centre == "none":
            estimate[asked] = np.where(enough, means, self.mean_)
        else:
            estimate[asked] = self.centres_[rows] + np.where(enough, means, 0) * self.spreads_[rows]
        return estimate

    def _fold_in(self, given: CsrMatrix) -> dict[str, Any]:
        state: dict[str, Any] = {
            "user_bias_": np.zeros(given.shape[0], np.float32),
            "_training_bias": self.user_bias_,
        }
        if self.user_bias_.any():
            state["user_bias_"] = user_biases(given, self.mean_, self.item_bias_, _BASELINE[1])
        if self.by == "user":
            centres, spreads = self._centre(given)
            state |= {"centres_": centres, "spreads_": spreads}
            state |= {"_training_centres": self.centres_, "_training_spreads": self.spreads_}
        return state
