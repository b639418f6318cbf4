"""A new shopper is answered, from the history alone, about as if the model had been trained with that shopper."""

import numpy as np
import pytest
from scipy import sparse

from endcap.models.linear_model import LinearModel
from endcap.models.user_knn import UserKNN

BOUND = 0.1
"""How far the scores of all items may be from the retrained model's, by Euclidean length: one shopper of 400 more."""


@pytest.fixture(scope="module")
def matrix():
    rng = np.random.default_rng(5)
    taste = np.arange(400)[:, None] % 4 == np.arange(50) % 4
    return sparse.csr_array((rng.random((400, 50)) < np.where(taste, 0.5, 0.05)).astype(np.float32))


def test_a_new_shopper_is_answered_as_after_retraining(make, matrix):
    if not isinstance(make(), (LinearModel, UserKNN)) or make()._needs_log:
        pytest.skip("neither linear in the history nor a neighbourhood of users, or one of sequences")
    without = matrix.copy()
    without.data[without.indptr[399] : without.indptr[400]] = 0
    without.eliminate_zeros()
    folded, retrained = make().fit(without), make().fit(matrix)
    told = folded.recommend(history=matrix[[399]].indices.tolist(), k=50).sort("item_id")
    expected = retrained.recommend(399, k=50).sort("item_id")
    assert told["item_id"].to_list() == expected["item_id"].to_list()
    a, b = (table.filter(~table["fallback"]) for table in (told, expected))
    both = a.join(b, on="item_id", suffix="_retrained")
    difference = (both["score"] - both["score_retrained"]).to_numpy()
    assert len(both) > 5
    assert np.linalg.norm(difference) < BOUND * np.linalg.norm(both["score_retrained"].to_numpy())
