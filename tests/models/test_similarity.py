"""The similarities against dense NumPy and against what was worked out by hand."""

import numpy as np
import pytest
from scipy import sparse

import endcap as ec
from endcap.models.queries import Queries

NAMES = ["cosine", "tfidf", "bm25", "jaccard", "asymmetric", "conditional", "lift"]

# Five users, three items: item 0 has the users 0 to 3, item 1 the users 0, 1 and 4, item 2 the user 0.
TAKEN = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
LOG2, LOG4, LOG25 = np.log(2), np.log(4), np.log(2.5)
BY_HAND = {
    # Items 0 and 1 share 2 users, 0 and 2 share 1, 1 and 2 share 1; they have 4, 3 and 1.
    "cosine": {(0, 1): 2 / np.sqrt(12), (0, 2): 1 / 2, (1, 2): 1 / np.sqrt(3)},
    # The users took 3, 2, 1, 1, 1 of 3 items, so they weigh log 2, log 2.5, log 4, log 4, log 4.
    "tfidf": {
        (0, 2): LOG2**2 / (np.sqrt(LOG2**2 + LOG25**2 + 2 * LOG4**2) * LOG2),
        (2, 1): LOG2 / np.sqrt(LOG2**2 + LOG25**2 + LOG4**2),
    },
    # Everything happens once, so saturation makes an item's entries alike, and its length takes them out again.
    "bm25": {(0, 2): LOG2 / np.sqrt(LOG2**2 + LOG25**2 + 2 * LOG4**2)},
    "jaccard": {(0, 1): 2 / 5, (0, 2): 1 / 4, (1, 2): 1 / 3},
    "asymmetric": {(0, 1): 2 / (4**0.75 * 3**0.25), (1, 0): 2 / (3**0.75 * 4**0.25), (2, 0): 1 / 4**0.25},
    "conditional": {(0, 1): 2 / (4 * 3**0.25), (1, 0): 2 / (3 * 4**0.25), (2, 0): 1 / 4**0.25},
    # Of 5 users 4 took item 0 and 3 item 1; by chance both would be taken by 12 / 5 = 2.4, and were by 2.
    "lift": {(0, 1): 2 / 2.4, (0, 2): 1 / 0.8, (1, 2): 1 / 0.6},
}


def item_similarities(matrix, **parameters):
    """Return ItemKNN's similarities before its rows are divided by their sums."""
    kept = {}
    model = ec.ItemKNN(self_similarity=0, neighbours=matrix.shape[1], **parameters)
    neighbours = model._neighbours
    model._neighbours = lambda taken: kept.setdefault("found", neighbours(taken)).copy()
    model.fit(matrix)
    return kept["found"].toarray()


@pytest.mark.parametrize("name", NAMES)
def test_items_by_hand(name):
    found = item_similarities(sparse.csr_array(TAKEN), similarity=name, alpha=0.25, shrinkage=0)
    for pair, expected in BY_HAND[name].items():
        assert found[pair] == pytest.approx(expected, rel=1e-6), pair


@pytest.mark.parametrize("name", NAMES)
def test_users_by_hand(name):
    # The same table the other way round: what was an item is a user now.
    model = ec.UserKNN(similarity=name, alpha=0.25, neighbours=2).fit(sparse.csr_array(TAKEN.T.copy()))
    heard = model._neighbours(Queries.of_everyone(model.interactions_)).toarray()
    for pair, expected in BY_HAND[name].items():
        assert heard[pair] == pytest.approx(expected, rel=1e-6), pair


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shrinkage", [0, 20])
@pytest.mark.parametrize("shape", [(120, 40), (20, 300)])
def test_items_against_numpy(similarities, name, shrinkage, shape):
    rng = np.random.default_rng(3)
    matrix = sparse.csr_array(sparse.random_array(shape, density=0.2, rng=rng, dtype=np.float32))
    matrix.data = rng.integers(1, 6, matrix.nnz).astype(np.float32)
    x = matrix.toarray().astype(np.float64).T
    expected = similarities(x, x, name, 0.3, shrinkage)
    np.fill_diagonal(expected, 0)
    found = item_similarities(matrix, similarity=name, alpha=0.3, shrinkage=shrinkage)
    assert np.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_reasons_of_user_neighbours_sum_to_the_score(name):
    rng = np.random.default_rng(5)
    matrix = sparse.csr_array(sparse.random_array((30, 12), density=0.4, rng=rng, dtype=np.float32))
    model = ec.UserKNN(similarity=name, neighbours=5).fit(matrix)
    for user in range(3):
        scores = dict(model.score(user, range(12)).rows())
        for item in range(12):
            assert model.explain(user, item)["contribution"].sum() == pytest.approx(scores[item], rel=1e-4)


def test_bm25_saturates():
    # weight * (k1 + 1) / (weight + k1 * (1 - b + b * volume / average)), here with volumes 101, 51 and average 76.
    matrix = sparse.csr_array(np.array([[1, 0], [100, 51]], np.float32))
    found = item_similarities(matrix, similarity="bm25", shrinkage=0)
    once, often = ((w * 2.2 / (w + 1.2 * (0.25 + 0.75 * 101 / 76))) for w in (1, 100))
    once, often = once * np.log(1 + 2 / 1), often * np.log(1 + 2 / 2)
    assert found[0, 1] == pytest.approx(often / np.hypot(once, often), rel=1e-5)
