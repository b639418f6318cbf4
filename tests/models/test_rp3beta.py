"""RP3beta against walks by dense matrices."""

import numpy as np
import pytest
from scipy import sparse

import endcap as ec


def reference(matrix, k, alpha, beta):
    x = np.log2(1 + matrix.toarray().astype(np.float64))
    to_item = (x / x.sum(axis=1, keepdims=True)) ** alpha
    to_user = (x / x.sum(axis=0)).T ** alpha
    weights = to_user @ to_item / x.sum(axis=0) ** beta
    np.fill_diagonal(weights, 0)
    cut = np.sort(weights, axis=1)[:, -k][:, None]
    weights[weights < cut] = 0
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.6), (0.7, 0.4), (0.5, 0.0)])
def test_weights_are_those_of_the_walk(alpha, beta):
    rng = np.random.default_rng(4)
    matrix = sparse.random_array((60, 30), density=0.3, rng=rng, dtype=np.float32).tocsr()
    matrix.data = 1 + 5 * matrix.data
    model = ec.RP3beta(neighbours=8, alpha=alpha, beta=beta).fit(matrix)
    assert np.allclose(model.weights_.toarray(), reference(matrix, 8, alpha, beta), atol=1e-6)


def test_beta_marks_popular_items_down():
    # Item 1 goes with item 0 for three users, of whom it has many more; item 2 for two users, its only ones.
    rows = [[0, 1]] * 3 + [[0, 2]] * 2 + [[1, 3]] * 20
    matrix = sparse.csr_array(
        (np.ones(50), (np.repeat(np.arange(25), 2), np.ravel(rows))), shape=(25, 4), dtype=np.float32
    )
    first = [ec.RP3beta(alpha=1, beta=beta).fit(matrix).similar_items(0)["item_id"][0] for beta in (0.0, 1.0)]
    assert first == [1, 2]


def test_gowalla_reaches_the_measured_recall(public_data):
    events = public_data("gowalla")
    train, test = (events.filter(events["split"] == part) for part in ("train", "test"))
    model = ec.RP3beta().fit(train.select("user_id", "item_id"))
    found = model.recommend(k=20)
    hits = found.join(test, on=["user_id", "item_id"]).group_by("user_id").len()
    sizes = test.group_by("user_id").len(name="size")
    joined = hits.join(sizes, on="user_id")
    recall = (joined["len"] / joined["size"]).sum() / len(sizes)
    assert recall > 0.165
