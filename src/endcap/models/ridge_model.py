"""What EASE and its sparse form share: ridge regressions of items on others, and the histories they are asked with."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from endcap.data.arrays import CsrMatrix, with_values
from endcap.models.linear_model import LinearModel
from endcap.models.queries import Queries
from endcap.models.recency import decayed_weights


class RidgeModel(LinearModel):
    """An item's column of the user x item matrix as a weighted sum of other columns, weights drawn to zero."""

    regularization: float
    weighting: Literal["binary", "log", "linear"]
    self_weight: float
    half_life: str | None
    threads: int

    def _history_weights(self, queries: Queries) -> CsrMatrix:
        weighed = replace(queries, histories=self._weighed(queries.histories))
        return with_values(weighed.histories, decayed_weights(weighed, self.interactions_, self.half_life))

    def _weighed(self, matrix: CsrMatrix) -> CsrMatrix:
        if self.weighting == "linear":
            return matrix
        values = np.ones_like(matrix.data) if self.weighting == "binary" else np.log2(1 + matrix.data)
        return with_values(matrix, values)
