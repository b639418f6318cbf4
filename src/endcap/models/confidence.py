"""How much the weight of an interaction counts, which `ALS` and `LogisticMF` have in common."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from endcap.data.arrays import Float32Array

Confidence: TypeAlias = Literal["constant", "log", "linear"]


def counted(weights: Float32Array, confidence: Confidence) -> Float32Array:
    """Return g(w): 1, log2(1 + w), or w."""
    if confidence == "constant":
        return np.ones_like(weights)
    return np.log2(1 + weights) if confidence == "log" else weights


def scale_to_mean(weights: Float32Array, confidence: Confidence, mean: float) -> float:
    """Return what g is to be multiplied with so that its mean over the training data becomes `mean`."""
    return mean / float(counted(weights, confidence).mean(dtype=np.float64))
