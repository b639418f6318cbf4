"""From a table of ratings to a matrix of them."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import DataError


def table(rating, **more):
    n = len(rating)
    return pl.DataFrame({"user_id": ["b", "a", "b"][:n], "item_id": [2, 1, 2][:n], "rating": rating, **more})


def test_the_last_row_of_a_pair_counts_and_it_is_said():
    ratings = ec.Ratings.from_events(table([1.0, 2.5, 4.0]))
    assert ratings.matrix.toarray().tolist() == [[2.5, 0], [0, 4.0]]
    assert ratings.repeats == 1
    assert ec.Baseline().fit(ratings).notes_ == ("1 ratings were replaced by later ones of the same user and item",)


def test_the_latest_time_of_a_pair_counts():
    times = [datetime(2024, 1, 3), datetime(2024, 1, 2), datetime(2024, 1, 1)]
    assert ec.Ratings.from_events(table([1.0, 2.0, 4.0], timestamp=times)).matrix.data.tolist() == [2, 1]


def test_rows_without_a_rating_are_no_ratings_and_zeros_are():
    ratings = ec.Ratings.from_events(table([0.0, None, None]))
    assert (ratings.shape, ratings.nnz, ratings.scale) == ((1, 1), 1, (0, 0))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (table([1.0, float("nan"), 2.0]), "1 ratings are NaN or infinite, the first in row 2"),
        (table([1.0, float("inf"), 2.0]), "NaN or infinite"),
        (table(["good", "bad", "good"]), "not numbers"),
        (table([None, None, None]).with_columns(pl.col("rating").cast(pl.Float64)), "no ratings"),
        (table([1.0, 2.0, 3.0]).drop("item_id"), "no 'item_id'"),
        (Interactions.from_matrix(sparse.eye_array(2)), "weights, not ratings"),
        ([1, 2], "can't learn ratings from list"),
    ],
)
def test_what_cannot_be_used_is_named(bad, said):
    with pytest.raises(DataError, match=said):
        ec.Ratings.coerce(bad)


def test_tables_of_other_libraries_are_taken():
    pytest.importorskip("pandas")
    own = pl.DataFrame({"user_id": ["a", "a", "b", "b"], "item_id": [1, 2, 1, 3], "rating": [4.0, 3.5, 2.0, 5.0]})
    model = ec.Baseline().fit(own)
    for other in (own.to_pandas(), own.to_arrow(), own.lazy()):
        again = ec.Baseline().fit(other)
        assert again.ratings_.fingerprint() == model.ratings_.fingerprint()
        pairs = other.drop(columns="rating") if hasattr(other, "iloc") else other
        assert again.predict(pairs)["estimate"].equals(model.predict(own)["estimate"])
        visitor = model.predict(own.with_columns(user_id=pl.lit("z")), ratings=own.with_columns(user_id=pl.lit("z")))
        assert visitor["was_known"].all()


def test_the_scale_holds_all_ratings():
    with pytest.raises(DataError, match="outside the scale from 1 to 3"):
        ec.Ratings.from_events(table([1.0, 2.0, 4.0]), scale=(1, 3))
    with pytest.raises(DataError, match="lowest and the highest"):
        ec.Ratings.from_events(table([1.0, 2.0, 4.0]), scale=(5, 1))


def test_pairs_given_twice_in_a_matrix_are_refused():
    with pytest.raises(DataError, match="1 pairs twice"):
        ec.Ratings.from_matrix(sparse.coo_array(([1.0, 2.0], ([0, 0], [0, 0])), shape=(1, 1)))


def test_only_keeps_the_users_and_items_that_are_left():
    whole = ec.Ratings.from_matrix(sparse.csr_array([[1, 2, 0], [0, 3, 0], [0, 0, 4]]))
    part = whole.only(np.array([False, True, False, True]))
    assert part.pairs().rows() == [(0, 1, 2.0), (2, 2, 4.0)]
    assert part.matrix.toarray().tolist() == [[2, 0], [0, 4]]
    assert part.scale == (1, 4)
