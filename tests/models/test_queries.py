import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from endcap.data.arrays import IndexLists
from endcap.data.interactions import Interactions
from endcap.errors import ParameterError
from endcap.models.queries import Queries, item_lists


@pytest.fixture
def data():
    matrix = sparse.csr_array(np.array([[1.0, 0, 2], [0, 0, 0], [0, 3, 0]]))
    made = Interactions.from_matrix(matrix)
    return Interactions(made.matrix, made.users, made.items, np.array([10, 20, 30]))


def test_known_users_are_looked_up_and_unknown_ones_are_empty(data):
    queries = Queries.of_users(data, [2, 9, 0])
    assert queries.histories.toarray().tolist() == [[0, 3, 0], [0, 0, 0], [1, 0, 2]]
    assert queries.last_time.tolist() == [30, 10, 20]
    assert queries.rows.tolist() == [2, -1, 0]


def test_visitors_count_repeats_and_leave_unknown_items_out(data):
    queries = Queries.of_histories(data, [[2, 0, 2, 77], []])
    assert queries.histories.toarray().tolist() == [[1, 0, 2], [0, 0, 0]]
    assert queries.last_time.tolist() == [30, 30]
    assert queries.rows.tolist() == [-1, -1]


@given(st.lists(st.integers(0, 2), max_size=6))
def test_take_is_indexing(rows):
    matrix = sparse.csr_array(np.array([[1.0, 0, 2], [0, 0, 0], [0, 3, 0]]))
    made = Interactions.from_matrix(matrix)
    everyone = Queries.of_everyone(Interactions(made.matrix, made.users, made.items, np.array([10, 20, 30])))
    taken = everyone.take(np.array(rows, dtype=np.int64))
    assert taken.histories.toarray().tolist() == matrix.toarray()[rows].tolist()
    times = np.array([[10, 0, 20], [0, 0, 0], [0, 30, 0]])[rows]
    assert taken.last_time.tolist() == times[times > 0].tolist()


def test_lists_of_items_for_all_or_for_each(data):
    assert item_lists(data.items, None, 2, "exclude") is None
    assert item_lists(data.items, [2, 0, 2, 9], 2, "exclude").tolist() == [0, 2]
    own = item_lists(data.items, [[2, 9], [1, 0]], 2, "exclude")
    assert isinstance(own, IndexLists)
    assert own.indptr.tolist() == [0, 1, 3]
    assert own.indices.tolist() == [2, 0, 1]


def test_as_many_lists_as_queries(data):
    with pytest.raises(ParameterError, match="exclude holds 1 lists for 2 queries"):
        item_lists(data.items, [[2]], 2, "exclude")
