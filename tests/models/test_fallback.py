"""Best-sellers in the places that a model left empty."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from endcap.data.arrays import IndexLists
from endcap.data.interactions import Interactions
from endcap.models.fallback import fill_with_popular, popularity_order


def reference(items, popularity, exclude, candidates):
    """Fill row by row, place by place."""
    items, filled = items.copy(), np.zeros(items.shape, bool)
    for row in range(len(items)):
        banned = set(exclude.indices[exclude.indptr[row] : exclude.indptr[row + 1]].tolist())
        allowed = candidates
        if isinstance(candidates, IndexLists):
            allowed = candidates.indices[candidates.indptr[row] : candidates.indptr[row + 1]]
        for place in np.flatnonzero(items[row] < 0):
            for item in popularity.tolist():
                if item not in banned and item not in items[row] and (allowed is None or item in allowed):
                    items[row, place], filled[row, place] = item, True
                    break
    return items, filled


def lists(rng, n, m, share):
    rows, items = np.nonzero(rng.random((n, m)) < share)
    return IndexLists.from_pairs(rows, items.astype(np.int32), n)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 12),
    m=st.integers(1, 25),
    k=st.integers(1, 30),
    excluded=st.sampled_from([0, 0.3, 0.9, 1]),
    candidates=st.sampled_from(["all", "shared", "own"]),
)
def test_the_reference_is_matched(seed, n, m, k, excluded, candidates):
    rng = np.random.default_rng(seed)
    exclude = lists(rng, n, m, excluded)
    items = np.full((n, k), -1, np.int32)
    for row in range(n):  # the model's own answers stand anywhere in the row
        found = rng.permutation(m)[: rng.integers(0, min(k, m) + 1)]
        items[row, rng.permutation(k)[: len(found)]] = found
    allowed = {
        "all": None,
        "shared": np.flatnonzero(rng.random(m) < 0.5).astype(np.int32),
        "own": lists(rng, n, m, 0.5),
    }[candidates]
    popularity = rng.permutation(m).astype(np.int32)
    expected = reference(items, popularity, exclude, allowed)
    filled = fill_with_popular(items, popularity, exclude, allowed)
    assert np.array_equal(items, expected[0])
    assert np.array_equal(filled, expected[1])


def test_popularity_counts_users_and_ties_go_to_the_lower_position():
    data = Interactions.from_matrix(sparse.csr_array(np.array([[9, 0, 1, 0], [0, 1, 1, 1]], np.float32)))
    assert popularity_order(data).tolist() == [2, 0, 1, 3]


def test_nothing_is_filled_where_nothing_is_missing():
    items = np.array([[3, 1]], np.int32)
    assert not fill_with_popular(items, np.arange(4, dtype=np.int32), IndexLists.empty(1), None).any()
    assert items.tolist() == [[3, 1]]


@pytest.mark.parametrize("rows", [4095, 4096, 4097, 9000])
def test_many_rows(rows):
    items = np.full((rows, 2), -1, np.int32)
    exclude = IndexLists.from_pairs(np.arange(rows), (np.arange(rows) % 5).astype(np.int32), rows)
    assert fill_with_popular(items, np.arange(5, dtype=np.int32), exclude, None).all()
    assert (items[0] == [1, 2]).all()
    assert (items[1::5] == [0, 2]).all()
    assert (items[2::5] == [0, 1]).all()
