"""Metrics of rating prediction against figures worked out by hand and plain loops."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from endcap.evaluation import rating_metrics
from endcap.evaluation.rating_metrics import fcp, mae, rmse


def test_by_hand():
    assert rmse([1, 2, 3, 4], [1, 2, 4, 2]) == math.sqrt(5 / 4)
    assert mae([1, 2, 3, 4], [1, 2, 4, 2]) == 3 / 4


def test_only_pairs_of_one_user_that_differ_count_for_fcp():
    # User a: (5, 3) right, (5, 3') an equal estimate, so wrong; (3, 3') don't differ. User b has one rating.
    assert fcp(["a", "a", "a", "b"], [5, 3, 3, 1], [4.0, 2.0, 4.0, 9.0]) == 1 / 2
    assert math.isnan(fcp(["a", "b"], [5, 3], [4.0, 2.0]))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(1, 4)), max_size=30), st.sampled_from([1, 7])
)
def test_fcp_is_that_of_a_loop_over_pairs(rows, block):
    right = wrong = 0
    for u, r, e in rows:
        for v, s, f in rows:
            if u == v and r > s:
                right, wrong = right + (e > f), wrong + (e <= f)
    before, rating_metrics._BLOCK = rating_metrics._BLOCK, block
    try:
        found = fcp(*(np.array([row[c] for row in rows], np.int64) for c in range(3)))
    finally:
        rating_metrics._BLOCK = before
    assert math.isnan(found) if right + wrong == 0 else found == right / (right + wrong)
