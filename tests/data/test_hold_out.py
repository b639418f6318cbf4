import numpy as np
import polars as pl
import pytest
from scipy import sparse

from endcap.data.hold_out import hold_out_pairs
from endcap.data.interactions import Interactions


@pytest.fixture
def matrix():
    return sparse.csr_array(sparse.random_array((30, 20), density=0.4, rng=np.random.default_rng(1)))


def test_every_pair_is_on_one_side(matrix):
    data = Interactions.from_matrix(matrix)
    train, held_out = hold_out_pairs(data, share=0.25, seed=3)
    assert len(held_out.indices) == round(0.25 * data.nnz)
    taken = sparse.csr_array((np.ones(len(held_out.indices)), (held_out.rows(), held_out.indices)), shape=data.shape)
    assert ((train.matrix > 0) + (taken > 0)).nnz == train.nnz + taken.nnz == data.nnz
    again = hold_out_pairs(data, share=0.25, seed=3)[1]
    other = hold_out_pairs(data, share=0.25, seed=4)[1]
    assert np.array_equal(again.indices, held_out.indices)
    assert not np.array_equal(other.indptr, held_out.indptr)


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
