"""What of the data decides which models are worth trying."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endcap.data.interactions import Interactions
from endcap.evaluation.protocol import Protocol


@dataclass(frozen=True)
class Traits:
    """The size and the habits of a shop."""

    users: int
    items: int
    pairs: int
    """Distinct pairs of a user and an item."""
    per_user: float
    """The median number of distinct items a user had to do with."""
    repeats: bool
    """Whether what a shopper had before counts as a right answer."""
    repeat_share: float | None
    """The share of what shoppers take that they took before, if measured."""
    in_order: bool
    """Whether it is known what a shopper did after what."""
    visitors: bool = False
    """Whether hardly anyone comes back, and visitors that nobody knows are whom models have to serve."""

    @classmethod
    def of(cls, data: Interactions, protocol: Protocol) -> Traits:
        """Measure the traits of training data."""
        users, items = data.shape
        per_user = float(np.median(np.diff(data.matrix.indptr))) if users else 0.0
        in_order = data.log is not None and data.last_time is not None
        return cls(
            users=users,
            items=items,
            pairs=data.nnz,
            per_user=per_user,
            repeats=not protocol.exclude_seen,
            repeat_share=protocol.repeat_share,
            in_order=in_order,
            visitors=protocol.visitors,
        )
