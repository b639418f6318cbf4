"""Features are what the table says, whatever its order and gaps."""

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from endcap.data.features import Features, over_more_ids
from endcap.data.interactions import Interactions
from endcap.data.vocabulary import Vocabulary
from endcap.errors import DataError, IdTypeError

IDS = Vocabulary(["a", "b", "c", "d"])


def encoded(columns, **options):
    features = Features.from_table(pl.DataFrame({"item_id": ["c", "a", "b"], **columns}), IDS, "item_id", **options)
    return dict(zip(features.names, features.matrix.toarray().T.tolist(), strict=True))


def test_text_is_one_for_its_value():
    found = encoded({"brand": ["Acme", " Acme", "Best"], "title": ["x", "x", "x"]}, min_count=1)
    assert found == {"": [1, 1, 1, 1], "brand=Acme": [1, 0, 1, 0], "brand=Best": [0, 1, 0, 0]}


def test_rare_values_missing_ones_and_empty_text_are_left_out():
    assert list(encoded({"brand": ["Acme", "Acme", "Best"], "colour": [None, "red", ""]})) == ["", "brand=Acme"]


def test_several_values_and_paths():
    found = encoded({"genres": ["Drama|War", "War|War", None], "product_type": ["Food > Tea", "Food>Tea", "Food"]})
    assert found == {
        "": [1, 1, 1, 1],
        "genres=War": [1, 0, 1, 0],
        "product_type=Food": [1, 1, 1, 0],
        "product_type=Food > Tea": [1, 0, 1, 0],
    }
    lists = encoded({"tags": [[7, 8], [8], []]})
    assert lists == {"": [1, 1, 1, 1], "tags=8": [1, 0, 1, 0]}


def test_numbers_are_standardised_and_a_missing_one_is_the_mean():
    found = encoded({"price": [1.0, 3.0, None], "new": [True, False, True], "same": [5, 5, 5]})
    assert found["price"] == [1, 0, -1, 0]
    assert found["same"] == [0, 0, 0, 0]
    assert found["new"] == pytest.approx([-(2**0.5), 0.5**0.5, 0.5**0.5, 0])


def test_ids_that_are_not_asked_for_are_passed_over():
    features = Features.from_table(pl.DataFrame({"item_id": ["z", "d"], "n": [100, 1]}), IDS, "item_id")
    assert features.matrix.toarray()[:, 1].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"sku": ["a"]}, "no column 'item_id'"),
        ({"item_id": ["a", "a"]}, "repeated"),
        ({"item_id": ["a", None]}, "empty"),
        ({"item_id": ["a"], "when": [pl.Series([0]).cast(pl.Date)[0]]}, "when holds Date"),
    ],
)
def test_tables_that_cannot_be_features_are_refused(table, message):
    with pytest.raises(DataError, match=message):
        Features.from_table(pl.DataFrame(table), IDS, "item_id")
    with pytest.raises(IdTypeError):
        Features.from_table(pl.DataFrame({"item_id": [1]}), IDS, "item_id")


def test_interactions_over_more_ids_are_the_same_pairs():
    matrix = sparse.csr_array(np.array([[1, 0, 2], [0, 3, 0]], np.float32))
    users, items = Vocabulary(["u1", "u3"]), Vocabulary(["b", "d", "f"])
    data = Interactions(matrix, users, items, np.array([5, 6, 7]))
    wide = over_more_ids(data, pl.Series(["u2", "u3", "u0"]), pl.Series(["a", "d", "e"]))
    assert wide.users.ids.to_list() == ["u0", "u1", "u2", "u3"]
    assert wide.items.ids.to_list() == ["a", "b", "d", "e", "f"]
    assert wide.matrix.toarray().tolist() == [[0] * 5, [0, 1, 0, 0, 2], [0] * 5, [0, 0, 3, 0, 0]]
    assert wide.matrix.has_sorted_indices
    assert wide.last_time.tolist() == [5, 6, 7]
    assert over_more_ids(data, None, pl.Series(["f"])) is data
