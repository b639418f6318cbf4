import time

import numpy as np
import pytest
from scipy import sparse

import endcap as ec
from endcap import native
from endcap.data.arrays import IndexLists
from endcap.data.interactions import Interactions
from endcap.evaluation.task import Task
from endcap.models.queries import Queries
from endcap.tuning.aim import Ndcg
from endcap.tuning.attempt import TimeIsUpError, attempt, deadline, heard_by_kernels
from endcap.tuning.folds import Fold


@pytest.fixture(scope="module")
def fold():
    matrix = sparse.random_array((20_000, 6_000), density=0.004, rng=np.random.default_rng(2), format="csr")
    data = Interactions.from_matrix(matrix)
    queries = Queries.of_everyone(data)
    relevant = IndexLists.from_pairs(np.arange(20_000), np.arange(20_000) % 6_000, 20_000)
    return Fold(data, Task(queries, relevant, None, True, 6_000, 0, 0, 0, 0))


@pytest.mark.parametrize("make", [ec.SLIM, lambda: ec.SparseEASE(neighbours=1000), ec.GraphFilter, ec.EASE])
def test_a_fit_of_one_long_step_ends_when_the_time_is_up(make, fold):
    start = time.perf_counter()
    done = attempt(make, [fold], Ndcg(10), check=deadline(start + 0.3, "too long"))
    assert (done.out_of_time, done.note, done.values) == (True, "too long", None)
    assert time.perf_counter() - start < 1.5


def test_an_answer_ends_when_the_time_is_up(fold):
    model = ec.UserKNN(neighbours=2000).fit(fold.train)
    start = time.perf_counter()
    with heard_by_kernels(deadline(start + 0.1)), pytest.raises(TimeIsUpError):
        fold.ask(model, 10)
    assert time.perf_counter() - start < 1


def test_kernels_are_left_as_they_were():
    with heard_by_kernels(lambda _what, _share: None):
        pass
    assert native.between_chunks(None) is None
