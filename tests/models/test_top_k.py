"""What the kernels of top-k are called with."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from endcap.data.arrays import IndexLists
from endcap.models.top_k import best_of_pairs, top_k_dense


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


@given(
    lengths=st.lists(st.integers(0, 12), min_size=1, max_size=20),
    k=st.integers(1, 6),
    levels=st.integers(1, 9),
    seed=st.integers(0, 99),
)
def test_the_best_pairs_of_each_query_ties_to_the_lower_position(lengths, k, levels, seed):
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    items = np.concatenate([np.sort(rng.permutation(30)[:length]) for length in lengths]).astype(np.int32)
    scores = rng.integers(-levels, levels, len(rows)).astype(np.float32)
    found = best_of_pairs(rows, items, scores, len(lengths), k)
    for query in range(len(lengths)):
        own = rows == query
        best = sorted(zip(-scores[own], items[own], strict=True))[:k]
        assert found.items[query].tolist() == [item for _, item in best] + [-1] * (k - len(best))
        assert found.scores[query].tolist() == [-score for score, _ in best] + [0] * (k - len(best))
