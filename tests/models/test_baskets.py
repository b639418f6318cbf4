"""Baskets as a matrix."""

import numpy as np

from endcap.data.event_log import EventLog
from endcap.models.baskets import Baskets


def log():
    """Return three shoppers: with two baskets and a view between them, with none, with one."""
    return EventLog(
        indptr=np.array([0, 6, 6, 8]),
        items=np.array([3, 1, 1, 0, 2, 1, 4, 0], np.int32),
        sessions=np.zeros(8, np.int32),
        baskets=np.array([0, 0, 0, -1, 1, 1, 0, 0], np.int32),
    )


def test_baskets_of_a_log():
    baskets = Baskets.of_log(log(), 5)
    assert baskets.matrix.toarray().tolist() == [[0, 1, 0, 1, 0], [0, 1, 1, 0, 0], [1, 0, 0, 0, 1]]
    assert baskets.shopper.tolist() == [0, 0, 2]
    assert baskets.counts.tolist() == [2, 0, 1]
    assert baskets.age().tolist() == [1, 0, 0]


def test_sums_by_shopper():
    summed = Baskets.of_log(log(), 5).sum_by_shopper(np.array([0.5, 2, 3]))
    assert summed.toarray().tolist() == [[0, 2.5, 2, 0.5, 0], [0, 0, 0, 0, 0], [3, 0, 0, 0, 3]]


def test_an_empty_log():
    empty = EventLog(np.zeros(4, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32))
    baskets = Baskets.of_log(empty, 5)
    assert baskets.matrix.shape == (0, 5)
    assert baskets.sum_by_shopper(np.zeros(0)).shape == (3, 5)
