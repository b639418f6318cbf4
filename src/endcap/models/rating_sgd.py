"""Gradient descent over ratings, which `Baseline`, `SVD`, `SVDpp` and `NMF` have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias

import numpy as np
from pydantic import Field

from endcap import native
from endcap.data.arrays import CsrMatrix, Float32Array
from endcap.models.rating_kernels import Lists, padded

Part: TypeAlias = Literal["user_bias", "item_bias", "user_factors", "item_factors", "implicit_factors"]
PARTS: Final[tuple[Part, ...]] = ("user_bias", "item_bias", "user_factors", "item_factors", "implicit_factors")
ByPart: TypeAlias = Annotated[float, Field(ge=0)] | dict[Part, Annotated[float, Field(ge=0)]]
"""One number for all parts of a model, or one for each part that is to differ from the default."""


def by_part(value: ByPart, default: float) -> Float32Array:
    """Return a number for each of `PARTS`, shape (5,)."""
    given = value if isinstance(value, dict) else dict.fromkeys(PARTS, value)
    return np.array([given.get(part, default) for part in PARTS], np.float32)


@dataclass
class Parts:
    """The parts of a model, its factors padded with zeros to what the kernel wants."""

    user_bias: Float32Array
    """Shape (users,)."""
    item_bias: Float32Array
    """Shape (items,)."""
    user_factors: Float32Array
    """Shape (users, padded factors)."""
    item_factors: Float32Array
    """Shape (items, padded factors)."""
    implicit_factors: Float32Array | None = None
    """Shape (items, padded factors); None for a model without."""

    @classmethod
    def start(cls, shape: tuple[int, int], user_factors: Float32Array, item_factors: Float32Array) -> Parts:
        """Return biases of zero and the given factors."""
        n, m = shape
        return cls(np.zeros(n, np.float32), np.zeros(m, np.float32), padded(user_factors), padded(item_factors))


def epoch(
    ratings: CsrMatrix,
    mean: float,
    parts: Parts,
    rates: Float32Array,
    decays: Float32Array,
    estimates: Float32Array | None = None,
) -> None:
    """Take one step for each rating, in the order of the rows of `ratings`, and change `parts` in place.

    A part whose rate is 0 stays as it is. `estimates` receives what each rating was estimated at just before.
    """
    rows = Lists.of(ratings)
    native.rating_sgd(
        rows.indptr,
        rows.indices,
        rows.values,
        mean,
        parts.user_bias,
        parts.item_bias,
        parts.user_factors,
        parts.item_factors,
        parts.implicit_factors,
        rates,
        decays,
        estimates,
    )


def fold_in(
    given: CsrMatrix,
    mean: float,
    item_bias: Float32Array,
    item_factors: Float32Array,
    implicit_factors: Float32Array | None,
    rates: Float32Array,
    decays: Float32Array,
    epochs: int,
) -> Parts:
    """Return the user's side for other users, from `epochs` passes over their ratings with the items left as they are.

    They start from zero. Of the items, only those rated are copied: the cost is that of the ratings given.
    """
    items, columns = np.unique(given.indices, return_inverse=True)
    rows = type(given)((given.data, columns.astype(np.int32), given.indptr), shape=(given.shape[0], len(items)))
    n, f = given.shape[0], item_factors.shape[1]
    parts = Parts.start((n, len(items)), np.zeros((n, f), np.float32), item_factors[items])
    parts.item_bias[:] = item_bias[items]
    if implicit_factors is not None:
        parts.implicit_factors = padded(implicit_factors[items])
    user_side = np.array([part.startswith("user") for part in PARTS])
    rates = np.where(user_side, rates, 0).astype(np.float32)
    for _ in range(epochs):
        epoch(rows, mean, parts, rates, decays)
    return parts
