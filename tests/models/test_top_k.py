"""What the kernels of top-k are called with."""

import numpy as np

from endcap.data.arrays import IndexLists
from endcap.models.top_k import top_k_dense


def test_factors_of_any_layout_are_taken():
    rng = np.random.default_rng(3)
    users, items = rng.standard_normal((4, 6)), np.asfortranarray(rng.standard_normal((9, 6)).astype(np.float32))
    found = top_k_dense(users, items, 2, IndexLists.empty(4))
    scores = users @ items.T
    assert np.array_equal(found.items, np.argsort(-scores, axis=1)[:, :2])
    assert np.allclose(found.scores, np.sort(scores, axis=1)[:, :-3:-1], rtol=1e-5)


def test_exclusions_outside_the_candidates_do_no_harm():
    users, items = np.ones((2, 3), np.float32), np.arange(15, dtype=np.float32).reshape(5, 3)
    exclude = IndexLists(np.array([0, 2, 3]), np.array([3, 4, 0], np.int32))
    found = top_k_dense(users, items, 3, exclude, np.array([0, 1, 3], np.int32))
    assert found.items.tolist() == [[1, 0, -1], [3, 1, -1]]
