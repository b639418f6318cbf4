"""Vectors drawn to what their features make probable."""

from __future__ import annotations

from typing import Final

import numpy as np

from endcap.data.arrays import BoolArray, CsrMatrix, Float32Array

_STEPS: Final = 10
"""Of conjugate gradients, from the weights of the epoch before."""


class FeaturePrior:
    """The prior mean F W of one side's vectors: features times weights that are learned (Agarwal and Chen 2009).

    Rows without interactions say nothing about the weights; their mean is used as it stands.
    """

    def __init__(self, features: CsrMatrix, ridge: Float32Array, observed: BoolArray, width: int, strength: float):
        self.features = features.astype(np.float32)
        self.observed = observed
        """Shape (rows,): whether a row has an interaction."""
        importance = np.where(observed, ridge, 0)
        self.importance = (importance / importance[observed].mean()).astype(np.float32)
        self.strength = strength
        self.weights: Float32Array = np.zeros((features.shape[1], width), np.float32)
        """Shape (features, width)."""

    def means(self, *, unobserved: bool) -> Float32Array:
        """Return the prior means, shape (rows, width); those of rows without interactions as zero unless asked for."""
        means: Float32Array = np.ascontiguousarray(self.features @ self.weights, np.float32)
        if not unobserved:
            means[~self.observed] = 0
        return means

    def learn(self, factors: Float32Array) -> None:
        """Move the weights towards the ridge regression of the rows' vectors on their features.

        Minimises  sum over rows of importance * |vector - W' features|^2 + strength * |W|^2  by conjugate gradients
        with the diagonal for preconditioner, all columns of W at once.
        """
        f, w = self.features, self.importance[:, None]
        diagonal = (f.multiply(f).T @ self.importance + self.strength)[:, None]

        def times(v: Float32Array) -> Float32Array:
            product: Float32Array = f.T @ (w * (f @ v)) + self.strength * v
            return product

        residual = f.T @ (w * factors) - times(self.weights)
        direction = residual / diagonal
        square = _column_sums(residual, direction)
        for _ in range(_STEPS):
            product = times(direction)
            step = square / np.maximum(_column_sums(direction, product), np.finfo(np.float32).tiny)
            self.weights += (step * direction).astype(np.float32)
            residual = residual - step * product
            better = residual / diagonal
            following = _column_sums(residual, better)
            direction = better + following / np.maximum(square, np.finfo(np.float32).tiny) * direction
            square = following


def _column_sums(a: Float32Array, b: Float32Array) -> Float32Array:
    sums: Float32Array = np.einsum("df,df->f", a, b)
    return sums
