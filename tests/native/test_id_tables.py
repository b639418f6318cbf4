"""From columns of ids to positions and lists, against NumPy."""

import numpy as np
import pytest

from endcap import native


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_numbers_are_looked_up_and_those_beyond_the_table_are_unknown(simd, kind):
    rng, bounds = np.random.default_rng(0), np.iinfo(kind)
    table = rng.permutation(900).astype(np.int32)
    numbers = rng.integers(-500, 1500, 200_000).astype(kind)
    numbers[:2] = bounds.min, bounds.max
    for threads in (1, 2):
        positions = np.empty(len(numbers), np.int32)
        native.look_up(numbers, -100, table, positions, threads)
        inside = (numbers >= -100) & (numbers < 800)
        np.testing.assert_array_equal(positions, np.where(inside, table[np.where(inside, numbers + 100, 0)], -1))


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_pairs_are_lists_only_in_order_and_within_the_rows(simd, kind):
    def lists(rows, columns, n):
        indptr = np.empty(n + 1, np.int64)
        return native.pair_lists(np.array(rows, kind), np.array(columns, np.int32), indptr), indptr.tolist()

    assert lists([1, 1, 4], [0, 2, 1], 6) == (True, [0, 0, 2, 2, 2, 3, 3])
    assert lists([], [], 2) == (True, [0, 0, 0])
    assert lists([0, 0], [0, 1], 1) == (True, [0, 2])
    for rows, columns in (([0, 0], [1, 0]), ([0, 0], [1, 1]), ([1, 0], [0, 0]), ([2], [0]), ([-1], [0])):
        assert not lists(rows, columns, 2)[0]
    with pytest.raises(ValueError, match="int32 or int64"):
        native.pair_lists(np.zeros(1), np.zeros(1, np.int32), np.empty(2, np.int64))


def test_lists_are_filled_until_an_entry_has_no_place(simd):
    def filled(rows, ranks, items):
        lists = np.full((2, 2), -1, np.int32)
        wrong = native.fill_lists(*(np.array(a, t) for a, t in ((rows, "i4"), (ranks, "i8"), (items, "i4"))), lists)
        return wrong, lists.tolist()

    assert filled([1, 0, 1, -1, 0], [1, 2, 2, 1, 3], [5, 6, 7, 8, 9]) == (-1, [[-1, 6], [5, 7]])
    assert filled([0, 0], [1, 0], [5, 6])[0] == 1
    assert filled([0, 0], [1, 1], [5, 6])[0] == 1
    assert filled([0, 0], [1, 2], [-1, 6])[0] == 0


def test_first_places_and_counts(simd):
    first, counts = np.full(4, 9, np.int32), np.zeros(4, np.int64)
    native.first_places(np.array([[0, 1, 2], [2, -1, 7]], np.int32), first)
    assert first.tolist() == [0, 1, 0, 9]
    native.count_items(np.array([2, 0, 2], np.int32), counts)
    assert counts.tolist() == [1, 0, 2, 0]


def test_means_pass_over_what_is_unknown(simd):
    values = np.random.default_rng(1).random((5000, 7))
    values[::3, 2] = values[:, 4] = np.nan
    found = [np.empty(7), np.empty(7)]
    for threads in (1, 2):
        native.column_means(values, found[threads - 1], threads)
    np.testing.assert_array_equal(*found)
    known = np.arange(7) != 4
    np.testing.assert_allclose(found[0][known], np.nanmean(values[:, known], axis=0), rtol=1e-13)
    assert np.isnan(found[0][4])
    native.column_means(np.empty((0, 7)), found[0], 0)
    assert np.isnan(found[0]).all()
