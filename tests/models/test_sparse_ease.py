"""SparseEASE: EASE where all items are neighbours, and what fewer cost."""

import numpy as np
import pytest
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import ParameterError, ReducedModelWarning
from endcap.models import sparse_ease


@pytest.fixture
def data():
    rng = np.random.default_rng(4)
    matrix = sparse.csr_array(sparse.random_array((200, 30), density=0.3, rng=rng, dtype=np.float32))
    matrix.data = rng.integers(1, 5, matrix.nnz).astype(np.float32)
    return Interactions.from_matrix(matrix)


@pytest.mark.parametrize("weighting", ["binary", "log", "linear"])
def test_with_all_items_as_neighbours_it_is_ease(data, weighting):
    sparse_one = ec.SparseEASE(neighbours=30, regularization=20, weighting=weighting).fit(data)
    whole = ec.EASE(regularization=20, weighting=weighting).fit(data)
    assert np.allclose(sparse_one.weights_.toarray(), whole.weights_, atol=1e-4)
    assert sparse_one.recommend(k=5)["item_id"].equals(whole.recommend(k=5)["item_id"])


def test_weights_are_the_best_that_the_neighbours_allow(data):
    model = ec.SparseEASE(neighbours=6, regularization=20, self_weight=0).fit(data)
    x, weights = np.log2(1 + data.matrix.toarray().astype(np.float64)), model.weights_.toarray()
    assert (np.diff(model.weights_.T.tocsr().indptr) <= 6).all()
    cosine = x.T @ x / (np.outer(*[np.linalg.norm(x, axis=0)] * 2) + 20)
    np.fill_diagonal(cosine, 0)
    for j in range(30):
        near = np.sort(np.argsort(-cosine[j], kind="stable")[:6])
        assert np.flatnonzero(weights[:, j]).tolist() == near.tolist()
        # The gradient of the objective is zero.
        gradient = x[:, near].T @ (x @ weights[:, j] - x[:, j]) + 20 * weights[near, j]
        assert np.allclose(gradient, 0, atol=1e-3)


def test_own_items_count_as_much_as_asked_for(data):
    assert np.allclose(ec.SparseEASE(self_weight=2.5).fit(data).weights_.diagonal(), 2.5)
    assert np.allclose(ec.SparseEASE(self_weight=0).fit(data).weights_.diagonal(), 0)


def test_memory_limits_the_neighbours(data, monkeypatch):
    monkeypatch.setattr(sparse_ease, "available_memory", lambda: 2 * 40 * 30 * 7)
    with pytest.warns(ReducedModelWarning, match="7 neighbours"):
        model = ec.SparseEASE(neighbours=20, self_weight=0).fit(data)
    assert np.diff(model.weights_.T.tocsr().indptr).max() == 7
    assert "more than half of the memory" in model.notes_[0]


def test_a_wrong_half_life_is_refused(data):
    with pytest.raises(ParameterError, match="length of time"):
        ec.SparseEASE(half_life="soon").fit(data)
