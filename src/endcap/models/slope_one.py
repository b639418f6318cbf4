"""Slope One: how much higher an item is rated than what the user has rated."""

from __future__ import annotations

from typing import Any

import numpy as np

from endcap import native
from endcap.data.arrays import CsrMatrix, Float32Array, Int32Array
from endcap.data.ratings import Ratings
from endcap.models.base import Progress
from endcap.models.parameters import Threads, parameters
from endcap.models.rating_kernels import Groups, Lists
from endcap.models.rating_predictor import RatingPredictor, rows_of


@parameters
class SlopeOne(RatingPredictor):
    """The user's mean rating plus how much higher the item is rated than the user's other items.

        estimate = mean of u's ratings  +  mean over j in R of dev_ij

    where dev_ij is the mean of r_vi - r_vj over the users v who rated both, and R the items that u rated and somebody
    rated besides i (Lemire and Maclachlan, "Slope One Predictors for Online Rating-Based Collaborative Filtering",
    SDM 2005, with the sums as in Surprise: every dev_ij counts alike). Differences aren't rounded: half stars count.

    Nothing is learned in advance: the row dev_i of an item is added up when it is asked about, and held no longer. So
    memory is that of the ratings and one row a thread, not of items x items.

    Examples
    --------
    >>> import endcap as ec
    >>> import polars as pl
    >>> table = pl.DataFrame({"user_id": ["ann", "ann", "bob"], "item_id": [1, 2, 1], "rating": [1.0, 1.5, 2.0]})
    >>> model = ec.SlopeOne().fit(table)
    >>> model.predict(pl.DataFrame({"user_id": ["bob"], "item_id": [2]}), ratings=table)["estimate"].to_list()
    [2.0]
    """

    threads: Threads = 0
    """0: all cores. The result doesn't depend on it."""

    def _fit(self, ratings: Ratings, progress: Progress) -> None:
        pass

    def _estimate(self, users: Int32Array, items: Int32Array) -> Float32Array:
        histories = self._histories
        estimate = np.full(len(users), self.mean_, np.float32)
        asked = np.flatnonzero((users >= 0) & (items >= 0))
        asked = asked[np.diff(histories.indptr)[users[asked]] > 0]
        groups = Groups.of(items[asked])
        asked = asked[groups.order]
        by_user, by_item = Lists.of(self.ratings_.matrix), Lists.of(self.ratings_.matrix.tocsc())
        given = Lists.of(histories)
        deviations = np.empty(len(asked), np.float32)
        native.slope_one(
            *by_user, *by_item, given.indptr, given.indices, groups.indptr, groups.keys, users[asked], deviations,
            self.threads,
        )  # fmt: skip
        estimate[asked] = means_of_rows(histories, self.mean_)[users[asked]] + deviations
        return estimate

    def _fold_in(self, given: CsrMatrix) -> dict[str, Any]:
        return {}


def means_of_rows(ratings: CsrMatrix, otherwise: float) -> Float32Array:
    """Return the mean of the entries of each row, shape (rows,); `otherwise` for an empty row."""
    counts = np.diff(ratings.indptr)
    totals = np.bincount(rows_of(ratings), weights=ratings.data, minlength=ratings.shape[0])
    return np.where(counts > 0, totals / np.maximum(counts, 1), otherwise).astype(np.float32)
