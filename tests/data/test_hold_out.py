import numpy as np
import polars as pl
import pytest
from scipy import sparse

from endcap.data.hold_out import hold_out_events, hold_out_pairs
from endcap.data.interactions import Interactions
from endcap.errors import DataError


@pytest.fixture
def matrix():
    return sparse.csr_array(sparse.random_array((30, 20), density=0.4, rng=np.random.default_rng(1)))


def test_every_pair_is_on_one_side(matrix):
    data = Interactions.from_matrix(matrix)
    train, held_out = hold_out_pairs(data, share=0.25, seed=3)
    assert len(held_out.indices) == pytest.approx(0.25 * data.nnz, rel=0.1)
    taken = sparse.csr_array((np.ones(len(held_out.indices)), (held_out.rows(), held_out.indices)), shape=data.shape)
    assert ((train.matrix > 0) + (taken > 0)).nnz == train.nnz + taken.nnz == data.nnz
    again = hold_out_pairs(data, share=0.25, seed=3)[1]
    other = hold_out_pairs(data, share=0.25, seed=4)[1]
    assert np.array_equal(again.indices, held_out.indices)
    assert not np.array_equal(other.indices, held_out.indices)


def test_the_newest_are_taken_and_leave_the_log():
    days = [1, 2, 3, 4, 5, 1, 5, 5, 2, 9]
    events = pl.DataFrame(
        {
            "user_id": [0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
            "item_id": [0, 1, 2, 0, 3, 0, 1, 2, 3, 4],
            "timestamp": pl.Series([d * 1_000_000 for d in days]).cast(pl.Datetime("us")),
        }
    )
    data = Interactions.from_events(events, log=True)
    train, held_out = hold_out_pairs(data, share=0.25, seed=0)
    assert list(zip(held_out.rows().tolist(), held_out.indices.tolist(), strict=True)) == [
        (0, 3),
        (1, 1),
        (1, 2),
        (1, 4),
    ]
    assert train.log.items.tolist() == [0, 1, 2, 0, 0, 3]
    assert train.log.indptr.tolist() == [0, 4, 6]
    assert len(train.last_time) == train.nnz


def test_without_times_the_same_share_of_every_user_is_taken():
    rng = np.random.default_rng(2)
    lengths = np.r_[np.full(300, 7), rng.integers(1, 60, 100)]
    data = Interactions.from_matrix((rng.random((400, 100)).argsort(axis=1) < lengths[:, None]).astype(np.float32))
    _, held_out = hold_out_pairs(data, share=0.2, seed=0)
    taken = np.diff(held_out.indptr)
    assert (np.abs(taken - 0.2 * lengths) < 1).all()
    assert taken[:300].mean() == pytest.approx(1.4, abs=0.1)  # 1 or 2 of seven


def test_the_newest_events_are_taken_with_repeats():
    days = [1, 2, 3, 8, 9, 1, 9]
    events = pl.DataFrame(
        {
            "user_id": [0, 0, 0, 0, 0, 1, 1],
            "item_id": [0, 0, 1, 0, 2, 0, 1],
            "timestamp": pl.Series([d * 1_000_000 for d in days]).cast(pl.Datetime("us")),
        }
    )
    data = Interactions.from_events(events, log=True)
    train, held_out = hold_out_events(data, share=0.4)
    assert list(zip(held_out.rows().tolist(), held_out.indices.tolist(), strict=True)) == [(0, 0), (0, 2), (1, 1)]
    assert train.matrix.toarray().tolist() == [[2, 1, 0], [1, 0, 0]]  # two of three purchases of item 0 are left
    assert train.last_time.tolist() == [2_000_000, 3_000_000, 1_000_000]
    assert train.log.items.tolist() == [0, 0, 1, 0]
    with pytest.raises(DataError, match="log that has times"):
        hold_out_events(Interactions.from_matrix(np.ones((2, 2))), share=0.5)
