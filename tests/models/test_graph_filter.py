"""GraphFilter against the filter worked out densely."""

import numpy as np
import pytest
from scipy import sparse

import endcap as ec


def reference(matrix, factors, low_pass, sharpening, user_exponent, history_exponent, item_exponent):
    """Return the item x item weights with nothing cut off."""
    x = (matrix.toarray() > 0).astype(np.float64)
    users, takers = x.sum(axis=1), np.maximum(x.sum(axis=0), 1)
    normal = x / (users[:, None] ** user_exponent * takers**item_exponent)
    spectrum, axes = np.linalg.eigh(normal.T @ normal)
    spectrum /= spectrum[-1]
    gain = spectrum.copy()
    gain[-factors:] = ((spectrum + low_pass) * (1 - sharpening * spectrum))[-factors:]
    return (axes * gain) @ axes.T * takers[:, None] ** -history_exponent * takers**item_exponent


@pytest.fixture
def matrix():
    rng = np.random.default_rng(3)
    made = sparse.random_array((80, 40), density=0.2, rng=rng, dtype=np.float32).tolil()
    made[:, 0] = 1  # a user without anything would divide by zero in the reference
    return made.tocsr()


@pytest.mark.parametrize(
    ("factors", "low_pass", "sharpening", "exponents"),
    [
        (40, 0.2, 0.9, (0.35, 0.35, 0.4)),
        (40, 0.0, 0.0, (0.5, 0.5, 0.5)),
        (40, 1.0, 0.3, (0.0, 0.0, 0.0)),
        (1, 0.2, 0.8, (0.5, 0.25, 0.3)),
    ],
)
def test_weights_are_the_filter(matrix, factors, low_pass, sharpening, exponents):
    parameters = {"factors": factors, "low_pass": low_pass, "sharpening": sharpening}
    parameters |= dict(zip(("user_exponent", "history_exponent", "item_exponent"), exponents, strict=True))
    found = ec.GraphFilter(neighbours=40, **parameters).fit(matrix).weights_
    assert np.allclose(found.toarray(), reference(matrix, **parameters), atol=2e-5)


def test_with_few_neighbours_the_largest_weights_are_kept(matrix):
    whole = ec.GraphFilter(neighbours=40).fit(matrix).weights_.toarray()
    few = ec.GraphFilter(neighbours=10).fit(matrix).weights_
    assert few.nnz < 21 * 40 + 1  # ten by each of the two parts, and the item itself
    kept = few.toarray() != 0
    best = np.argsort(-(whole - np.diag(np.diag(whole))), axis=1)[:, 0]
    assert kept[np.arange(40), best].mean() > 0.9


def test_sharpening_moves_away_from_best_sellers():
    rng = np.random.default_rng(9)
    popular = rng.random((200, 5)) < 0.7
    tastes = np.kron(np.eye(4), np.ones((50, 10))) * (rng.random((200, 40)) < 0.4)
    matrix = sparse.csr_array(np.hstack([popular, tastes]).astype(np.float32))
    shares = []
    for sharpening in (0.0, 1.0):
        found = ec.GraphFilter(factors=8, sharpening=sharpening).fit(matrix).recommend(k=5)
        shares.append((found["item_id"] < 5).mean())
    assert shares[1] < shares[0]


@pytest.mark.heavy
def test_gowalla_reaches_the_measured_recall(public_data):
    events = public_data("gowalla")
    train, test = (events.filter(events["split"] == part) for part in ("train", "test"))
    found = ec.GraphFilter(sharpening=0.9).fit(train.select("user_id", "item_id")).recommend(k=20)
    hits = found.join(test, on=["user_id", "item_id"]).group_by("user_id").len()
    sizes = test.group_by("user_id").len(name="size")
    both = hits.join(sizes, on="user_id")
    recall = (both["len"] / both["size"]).sum() / len(sizes)
    assert recall > 0.192
