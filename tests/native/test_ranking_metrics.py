"""The metrics' kernel: the same on every instruction set and number of threads.

Values are checked where they are named, in `tests/evaluation/test_metrics.py`.
"""

import numpy as np
import pytest

from endcap import native
from endcap.data.arrays import IndexLists
from endcap.evaluation.metrics import USER_METRICS


def run(threads, *, users=700, width=8, items=50, cutoffs=(1, 5, 8), **changed):
    rng = np.random.default_rng(5)
    lists = np.argsort(rng.random((users, items)), axis=1)[:, :width].astype(np.int32)
    relevant = IndexLists.from_pairs(
        np.repeat(np.arange(users), 4), rng.integers(0, items + 3, 4 * users).astype(np.int32), users
    )
    seen = IndexLists.from_pairs(
        np.repeat(np.arange(users), 6), rng.integers(0, items, 6 * users).astype(np.int32), users
    )
    values = np.empty((users, len(cutoffs), len(USER_METRICS)))
    given = {
        "recommended": lists,
        "relevant_ptr": relevant.indptr,
        "relevant_items": relevant.indices,
        "relevant_values": rng.random(len(relevant.indices)),
        "seen_ptr": seen.indptr,
        "seen_items": seen.indices,
        "exclude_seen": False,
        "best_sellers": np.argsort(rng.random((users, items)), axis=1)[:, :width].astype(np.int32),
        "categories": rng.integers(-1, 4, items).astype(np.int32),
        "n_categories": 4,
        "novelty": rng.random(items),
        "popularity": rng.random(items),
        "items": items,
        "ids": items + 3,
        "cutoffs": np.array(cutoffs, np.int32),
        "discounts": 1 / np.log2(np.arange(2, width + 2)),
        "values": values,
        "threads": threads,
    }
    return native.ranking_metrics(**(given | changed)), values


def test_threads_change_nothing_and_instruction_sets_only_rounding(simd):
    one, by_one = run(1)
    two, by_two = run(2)
    assert one == two == -1
    np.testing.assert_array_equal(by_one, by_two)
    assert not np.isnan(by_one[:, :, USER_METRICS.index("serendipity")]).any()
    # A cut list is worth what its first places are worth.
    short = run(1, cutoffs=(5,))[1]
    np.testing.assert_array_equal(short[:, 0], by_one[:, 1])


def test_the_first_who_is_recommended_an_item_twice_is_named(simd):
    lists = np.tile(np.arange(8, dtype=np.int32), (700, 1))
    lists[[431, 600], 7] = 2
    assert run(2, recommended=lists)[0] == 431
    lists[[431, 600], 6:] = -1
    assert run(2, recommended=lists)[0] == -1


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="ascending"):
        run(1, cutoffs=(5, 5))
    with pytest.raises(ValueError, match="ascending"):
        run(1, cutoffs=(9,))
    with pytest.raises(ValueError, match="catalogue"):
        run(1, novelty=np.zeros(3))
    with pytest.raises(ValueError, match="best-sellers"):
        run(1, best_sellers=np.zeros((1, 8), np.int32))
