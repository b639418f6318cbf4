"""What tests of models share: references in dense NumPy."""

import numpy as np
import pytest


def reference_similarities(asked, x, name, alpha=0.5, shrinkage=0.0):
    """Return the similarity of the rows of `asked` to those of `x`, both (things, features); x is what is known."""

    def vectors(w):
        if name in ("jaccard", "conditional", "lift"):
            return (w > 0).astype(np.float64)
        values = np.log2(1 + w)
        if name == "bm25":
            values = w * 2.2 / (w + 1.2 * (0.25 + 0.75 * w.sum(axis=1, keepdims=True) / x.sum() * len(x)))
        if name in ("tfidf", "bm25"):
            values = values * np.log1p(len(x) / np.maximum((x > 0).sum(axis=0), 1))
        return values

    a, b = vectors(asked), vectors(x)
    product = a @ b.T
    s, t = (a**2).sum(axis=1)[:, None], (b**2).sum(axis=1)[None, :]
    below = {
        "jaccard": s + t - product,
        "asymmetric": s ** (1 - alpha) * t**alpha,
        "conditional": s * t**alpha,
        "lift": s * t / x.shape[1],
    }.get(name, np.sqrt(s * t))
    return np.divide(product, below + shrinkage, out=np.zeros_like(product), where=product > 0)


@pytest.fixture
def similarities():
    """Return the function that computes similarities in dense NumPy."""
    return reference_similarities
