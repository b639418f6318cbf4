"""SLIM as a model: what its weights mean."""

import numpy as np
from scipy import sparse

import endcap as ec


def random_matrix(seed=2):
    rng = np.random.default_rng(seed)
    return sparse.csr_array(sparse.random_array((100, 20), density=0.3, rng=rng, dtype=np.float32))


def objective(x, j, w, l1, l2):
    return 0.5 * ((x[:, j] - x @ w) ** 2).sum() + l2 / 2 * (w**2).sum() + l1 * np.abs(w).sum()


def test_no_weight_can_be_moved_for_the_better():
    matrix, l1, l2 = random_matrix(), 0.1, 2.0
    model = ec.SLIM(l1=l1, l2=l2, neighbours=20).fit(matrix)
    x, weights = np.log2(1 + matrix.toarray().astype(np.float64)), model.weights_.toarray().astype(np.float64)
    assert (np.diag(weights) == 0).all()
    assert (weights >= 0).all()
    for j in range(20):
        least = objective(x, j, weights[:, j], l1, l2)
        for i in range(20):
            for step in (-1e-2, 1e-2):
                moved = weights[:, j].copy()
                moved[i] = max(moved[i] + step, 0)
                if i != j:
                    assert objective(x, j, moved, l1, l2) >= least - 1e-5


def test_l1_makes_weights_few():
    counts = [ec.SLIM(l1=l1).fit(random_matrix()).weights_.nnz for l1 in (0.0, 0.5, 100.0)]
    assert counts[0] > counts[1] > counts[2] == 0


def test_negative_weights_where_they_are_allowed():
    # Everybody takes item 0 with either 1 or 2, so given 0, item 1 speaks against 2.
    rows = [[1, 1, 0]] * 30 + [[1, 0, 1]] * 30 + [[0, 1, 1]] * 3
    matrix = sparse.csr_array(np.array(rows, np.float32))
    assert (ec.SLIM(l1=0, l2=1, positive=False).fit(matrix).weights_.data < 0).any()
    assert (ec.SLIM(l1=0, l2=1).fit(matrix).weights_.data > 0).all()
