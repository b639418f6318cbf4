"""The similarities of the neighbourhood models: of items by their users, of users by their items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

import numpy as np
from pydantic import Field

from endcap.data.arrays import Float32Array, Float64Array, Int32Array, Int64Array

SimilarityName: TypeAlias = Literal["cosine", "tfidf", "bm25", "jaccard", "asymmetric", "conditional", "lift"]
Alpha: TypeAlias = Annotated[float, Field(ge=0, le=1)]

_OF_SETS = ("jaccard", "conditional", "lift")
_BY_RARITY = ("tfidf", "bm25")
_K1, _B = 1.2, 0.75  # the customary constants of BM25


@dataclass(frozen=True)
class Similarity:
    """How alike things are that are described by weighted features.

    A thing is a vector of a value for each of its features, made from the weights w:

        cosine, asymmetric           log2(1 + w)
        tfidf                        log2(1 + w) r,   r = log(1 + things / things with the feature)
        bm25                         w (k1 + 1) / (w + k1 (1 - b + b * sum of the thing's w / average of the sums)) r
        jaccard, conditional, lift   1

    With the inner product p of two things and their sizes s, the squared lengths of their vectors (of sets: how many
    features they have, and p how many they share), the similarity of thing j to thing i is

        cosine, tfidf, bm25          p / (s_i^1/2 s_j^1/2)
        asymmetric                   p / (s_i^(1 - alpha) s_j^alpha)
        conditional                  p / (s_i s_j^alpha)
        lift                         p features / (s_i s_j)
        jaccard                      p / (s_i + s_j - p)
    """

    name: SimilarityName
    alpha: float
    rarity: Float32Array
    """Shape (features,): r."""
    mean_volume: float
    """The average over things of the sum of their weights."""

    @classmethod
    def learn(
        cls,
        name: SimilarityName,
        alpha: float,
        weights: Float32Array,
        feature: Int32Array | Int64Array,
        shape: tuple[int, int],
    ) -> Similarity:
        """Learn what is rare and what is usual from all things, shape being (things, features)."""
        things, features = shape
        having = np.bincount(feature, minlength=features)
        rarity = np.log1p(things / np.maximum(having, 1)).astype(np.float32)
        return cls(name, alpha, rarity, float(weights.sum(dtype=np.float64) / things))

    @property
    def over_union(self) -> bool:
        """Whether what two things share is divided by what either has, and not by a product."""
        return self.name == "jaccard"

    def values(
        self, weights: Float32Array, thing: Int32Array | Int64Array, feature: Int32Array | Int64Array
    ) -> Float32Array:
        """Return the value of each (thing, feature) with its weight, all features of a thing being given."""
        if self.name in _OF_SETS:
            return np.ones_like(weights)
        if self.name == "bm25":
            volume = np.bincount(thing, weights) / self.mean_volume
            values = weights * (_K1 + 1) / (weights + _K1 * (1 - _B + _B * volume)[thing])
        else:
            values = np.log2(1 + weights)
        if self.name in _BY_RARITY:
            values = values * self.rarity[feature]
        return values.astype(np.float32)

    def sizes(self, values: Float32Array, thing: Int32Array | Int64Array, things: int) -> Float64Array:
        """Return the squared length of each thing's vector, shape (things,); 1 for a thing without features."""
        sizes = np.bincount(thing, values.astype(np.float64) ** 2, things).astype(np.float64, copy=False)
        sizes[sizes == 0] = 1
        return sizes

    def left(self, sizes: Float64Array) -> Float32Array:
        """Return what the sizes of the things asked about, i, contribute to the denominator."""
        exponent = {"jaccard": 1.0, "asymmetric": 1 - self.alpha, "conditional": 1.0, "lift": 1.0}.get(self.name, 0.5)
        return (sizes**exponent).astype(np.float32)

    def right(self, sizes: Float64Array) -> Float32Array:
        """Return what the sizes of their neighbours, j, contribute to the denominator."""
        if self.name == "lift":
            sizes = sizes / len(self.rarity)
        exponent = {"jaccard": 1.0, "asymmetric": self.alpha, "conditional": self.alpha, "lift": 1.0}
        return (sizes ** exponent.get(self.name, 0.5)).astype(np.float32)

    def per_product(self, left: Float32Array, right: Float32Array, similarity: Float32Array) -> Float32Array:
        """Return what the inner product was multiplied by to give the similarity, for pairs of things."""
        if self.over_union:
            return np.asarray((1 + similarity) / (left + right), np.float32)
        return np.asarray(1 / (left * right), np.float32)
