"""UserKNN against dense NumPy."""

import numpy as np
import pytest
from scipy import sparse

import endcap as ec
from endcap.models.queries import Queries


def reference(similarities, train, asked, similarity, k, itself, alpha=0.5):
    """Return the scores of all items for the rows of `asked`, which are training users or not."""
    x = train.toarray().astype(np.float64)
    alike = similarities(asked, x, similarity, alpha)
    if itself:
        np.fill_diagonal(alike, 0)
    alike[alike < np.sort(alike, axis=1)[:, -k][:, None]] = 0
    return alike @ np.log2(1 + x)


@pytest.fixture(params=[(50, 20), (20, 60)])
def matrix(request):
    rng = np.random.default_rng(11)
    made = sparse.random_array(request.param, density=0.3, rng=rng, dtype=np.float32).tocsr()
    made.data = 1 + 4 * made.data
    return made


@pytest.mark.parametrize("similarity", ["cosine", "tfidf", "bm25", "asymmetric"])
def test_scores_are_those_of_the_neighbours(matrix, similarities, similarity):
    n, m = matrix.shape
    model = ec.UserKNN(neighbours=7, similarity=similarity, alpha=0.3).fit(matrix)
    expected = reference(
        similarities, matrix, matrix.toarray().astype(np.float64), similarity, 7, itself=True, alpha=0.3
    )
    top, _ = model.answer(Queries.of_everyone(model.interactions_), m, exclude_seen=False)
    rows, places = np.nonzero(top.scores > 0)
    found = np.zeros((n, m))
    found[rows, top.items[rows, places]] = top.scores[rows, places]
    assert np.allclose(found, expected, atol=1e-5)
    told = model._score(Queries.of_everyone(model.interactions_), *np.divmod(np.arange(n * m, dtype=np.int32), m))
    assert np.allclose(told.reshape(n, m), expected, atol=1e-5)


def test_a_visitor_is_compared_with_all_users(matrix, similarities):
    model = ec.UserKNN(neighbours=5).fit(matrix)
    history = np.zeros((1, matrix.shape[1]))
    history[0, [1, 4, 5]] = 1
    expected = reference(similarities, matrix, history, "tfidf", 5, itself=False)[0]
    found = model.recommend(history=[1, 4, 5], k=3, exclude_seen=False)
    assert np.allclose(found["score"], np.sort(expected)[::-1][:3], atol=1e-5)


def test_reasons_name_what_is_shared(matrix):
    # User 0 shares item 0 with users 1 and 2, item 1 with user 3; only 3 took item 3.
    taken = sparse.csr_array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 1, 0], [0, 1, 0, 1]], dtype=np.float32)
    model = ec.UserKNN().fit(taken)
    assert model.explain(0, 3)["item_id"].to_list() == [1]
    assert model.explain(0, 2)["item_id"].to_list() == [0]


def test_neighbours_are_named_and_add_up(matrix, similarities):
    model = ec.UserKNN(neighbours=5, similarity="cosine").fit(matrix)
    x = matrix.toarray().astype(np.float64)
    alike = similarities(x, x, "cosine", 0.5)
    np.fill_diagonal(alike, 0)
    for user in range(6):
        named = model.neighbours_of(user)
        best = np.argsort(-alike[user], kind="stable")[: named.height]
        assert named["user_id"].to_list() == best.tolist()
        assert np.allclose(named["similarity"], alike[user, best], atol=1e-6)
        for item in range(matrix.shape[1]):
            reasons = model.neighbours_of(user, item)
            assert set(reasons["user_id"]) == {int(u) for u in best if x[u, item] > 0}
            assert reasons["contribution"].is_sorted(descending=True)
            assert reasons["contribution"].sum() == pytest.approx(model.score(user, [item])["score"][0], abs=1e-5)


def test_neighbours_of_a_visitor(matrix):
    model = ec.UserKNN(neighbours=4).fit(matrix)
    taken = matrix.toarray()[3].nonzero()[0].tolist()
    assert model.neighbours_of(history=taken)["user_id"][0] == 3
    assert model.neighbours_of(history=[]).height == 0
    assert model.neighbours_of(history=[], item=0).columns == ["user_id", "similarity", "contribution"]
    with pytest.raises(ec.errors.UnknownIdError, match="999"):
        model.neighbours_of(999)
    with pytest.raises(ec.errors.UnknownIdError, match="999"):
        model.neighbours_of(0, item=999)


def test_many_queries_are_answered_in_parts(matrix, monkeypatch):
    model = ec.UserKNN(neighbours=6).fit(matrix)
    whole = model.recommend(k=5)
    monkeypatch.setattr("endcap.models.user_knn._CHUNK", 7)
    assert model.recommend(k=5).equals(whole)
