"""The kernel of top-k by inner product against plain NumPy."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap import native
from endcap.data.arrays import IndexLists, TopK

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def top_k(users, items, k, exclude, candidates=None, *, threads=1, int8=True):
    allowed = np.arange(len(items), dtype=np.int32) if candidates is None else candidates
    top = TopK(np.empty((len(users), k), np.int32), np.empty((len(users), k), np.float32))
    native.top_k_dense(users, items, allowed, *exclude, *top, threads, int8)
    return top


def lists(rng, n, m, share):
    rows, columns = np.nonzero(rng.random((n, m)) < share)
    return IndexLists.from_pairs(rows, columns.astype(np.int32), n)


def assert_equal(found, expected):
    assert np.array_equal(found[0], expected[0])
    assert np.array_equal(found[1], expected[1])


@SETTINGS
@given(
    seed=st.integers(0, 2**32 - 1),
    users=st.integers(0, 260),
    items=st.integers(1, 300),
    factors=st.integers(1, 70),
    spread=st.sampled_from([1, 3]),
    k=st.integers(1, 320),
    excluded=st.sampled_from([0.0, 0.3, 1.0]),
    candidates=st.sampled_from([None, 0.0, 0.3]),
    threads=st.sampled_from([1, 2]),
    int8=st.booleans(),
)
def test_the_reference_is_matched(
    simd, best_columns, seed, users, items, factors, spread, k, excluded, candidates, threads, int8
):
    rng = np.random.default_rng(seed)
    # Small whole numbers: sums are exact in any order, and there are many ties.
    u = rng.integers(-spread, spread + 1, (users, factors)).astype(np.float32)
    i = rng.integers(-spread, spread + 1, (items, factors)).astype(np.float32)
    exclude = lists(rng, users, items, excluded)
    allowed = None if candidates is None else np.flatnonzero(rng.random(items) < candidates).astype(np.int32)
    found = top_k(u, i, k, exclude, allowed, threads=threads, int8=int8)
    assert_equal(found, best_columns(u @ i.T, k, exclude, allowed))


def learned(rng, n, m, factors):
    """Return factors as a model learns them: norms and scales of all sizes."""
    users = rng.standard_normal((n, factors)) * rng.lognormal(0, 1, factors)
    items = rng.standard_normal((m, factors)) * rng.lognormal(-2, 1, (m, 1))
    return users.astype(np.float32), items.astype(np.float32)


@pytest.mark.parametrize("factors", [1, 16, 33, 64, 200])
def test_screens_lose_nothing(simd, best_columns, factors):
    rng = np.random.default_rng(factors)
    users, items = learned(rng, 300, 4000, factors)
    exclude = lists(rng, 300, 4000, 0.01)
    one_by_one = [top_k(users[[r]], items, 15, exclude.take(np.array([r]))) for r in range(300)]
    alone = TopK(*(np.concatenate(parts) for parts in zip(*one_by_one, strict=True)))
    for threads in (1, 2):
        for int8 in (True, False):
            assert_equal(top_k(users, items, 15, exclude, threads=threads, int8=int8), alone)
    expected = best_columns(users.astype(np.float64) @ items.T.astype(np.float64), 15, exclude)
    assert np.allclose(alone.scores, expected[1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e-12, 1e12, 1e17])
def test_factors_of_any_size(simd, scale):
    rng = np.random.default_rng(6)
    users, items = learned(rng, 60, 500, 20)
    items[::2] *= np.float32(scale)
    exclude = IndexLists.empty(60)
    alone = [top_k(users[[r]], items, 600, IndexLists.empty(1)) for r in range(60)]
    expected = TopK(*(np.concatenate(parts) for parts in zip(*alone, strict=True)))
    assert_equal(top_k(users, items, 600, exclude), expected)
    assert_equal(top_k(users, items, 600, exclude, int8=False), expected)
    short = TopK(expected.items[:, :7], expected.scores[:, :7])
    assert_equal([np.ascontiguousarray(a) for a in top_k(users, items, 7, exclude)], short)


def test_among_equals_the_lower_position_is_kept(simd):
    items = np.ones((100, 3), np.float32)
    for n in (1, 80):
        found = top_k(np.ones((n, 3), np.float32), items, 3, IndexLists.empty(n))
        assert (found.items == [0, 1, 2]).all()
        assert (found.scores == 3).all()


def test_shapes_that_do_not_fit_are_refused():
    users, items = np.ones((3, 4), np.float32), np.ones((5, 4), np.float32)
    with pytest.raises(ValueError, match="don't fit together"):
        top_k(users, items[:, :3].copy(), 2, IndexLists.empty(3))
    with pytest.raises(ValueError, match="don't fit together"):
        top_k(users, items, 2, IndexLists.empty(4))
