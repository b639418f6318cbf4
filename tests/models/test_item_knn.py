"""ItemKNN: neighbours, own repeats, reasons."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import ParameterError
from endcap.models.queries import Queries

DAY = 86_400_000_000


def random_data(users=120, items=40, seed=3):
    rng = np.random.default_rng(seed)
    matrix = sparse.csr_array(sparse.random_array((users, items), density=0.2, rng=rng))
    matrix.data = rng.integers(1, 6, matrix.nnz).astype(np.float32)
    return Interactions.from_matrix(matrix)


def with_times(dense, days_ago):
    """Return interactions of a dense matrix, its stored entries as many days old as `days_ago` says, row by row."""
    data = Interactions.from_matrix(np.array(dense, np.float32))
    return Interactions(data.matrix, data.users, data.items, 1_700_000_000_000_000 - np.array(days_ago) * DAY)


def similarities(matrix, shrinkage):
    dense = np.log2(1 + matrix.toarray().astype(np.float64))
    norms = np.linalg.norm(dense, axis=0)
    similarity = dense.T @ dense / (np.outer(norms, norms) + shrinkage)
    np.fill_diagonal(similarity, 0)
    return similarity


@pytest.mark.parametrize("shrinkage", [0, 20])
def test_weights_are_shrunk_cosines_that_sum_to_one(shrinkage):
    data = random_data()
    model = ec.ItemKNN(neighbours=40, shrinkage=shrinkage, self_similarity=0).fit(data)
    similarity = similarities(data.matrix, shrinkage)
    expected = similarity / similarity.sum(axis=1, keepdims=True)
    assert np.allclose(model.weights_.toarray(), expected, atol=1e-6)


def test_only_the_nearest_neighbours_are_kept():
    data = random_data()
    model = ec.ItemKNN(neighbours=3, self_similarity=0).fit(data)
    similarity = similarities(data.matrix, 20)
    for item in range(40):
        best = np.argsort(-similarity[item], kind="stable")[:3]
        assert sorted(model.weights_[[item]].indices.tolist()) == sorted(best.tolist())


def test_shrinkage_prefers_what_many_users_agree_on():
    # Items 0 and 1 share 10 of 12 buyers, items 0 and 2 their only common buyer, who took nothing else than these.
    dense = np.zeros((13, 3), np.float32)
    dense[:12, 0] = dense[:10, 1] = dense[12, 2] = dense[12, 0] = 1
    assert ec.ItemKNN(neighbours=1, shrinkage=0).fit(dense_matrix(dense)).similar_items(2, k=1)["item_id"][0] == 0
    one = ec.ItemKNN(neighbours=2, shrinkage=50, self_similarity=0).fit(dense_matrix(dense)).weights_.toarray()
    none = ec.ItemKNN(neighbours=2, shrinkage=0, self_similarity=0).fit(dense_matrix(dense)).weights_.toarray()
    assert one[0, 2] / one[0, 1] < none[0, 2] / none[0, 1]


def dense_matrix(dense):
    return sparse.csr_array(dense)


def test_the_score_is_history_times_weights():
    data = random_data()
    model = ec.ItemKNN(prior=0, self_similarity=2, neighbours=10).fit(data)
    scores = data.matrix.toarray() @ model.weights_.toarray()
    found = model.recommend(k=40, exclude_seen=False).filter(~pl.col("fallback"))
    assert np.allclose(found["score"], scores[found["user_id"], found["item_id"]], rtol=1e-4)


def test_own_items_are_ranked_by_how_often_they_were_taken():
    dense = np.zeros((3, 5), np.float32)
    dense[0, [0, 1, 2]] = [2, 9, 4]
    dense[1, [0, 3]] = dense[2, [1, 4]] = 1
    model = ec.ItemKNN(prior=0).fit(dense_matrix(dense))
    assert model.recommend(0, k=3, exclude_seen=False)["item_id"].to_list() == [1, 2, 0]
    without = ec.ItemKNN(prior=0, self_similarity=0).fit(dense_matrix(dense))
    assert without.recommend(0, k=1, exclude_seen=False)["item_id"].to_list() != [1]


def test_self_similarity_does_not_touch_what_is_new_to_the_shopper():
    data = random_data()
    tables = [ec.ItemKNN(self_similarity=s).fit(data).recommend(k=5) for s in (0, 10)]
    assert tables[0].equals(tables[1])
    similar = [ec.ItemKNN(self_similarity=s).fit(data).similar_items([0, 1], k=5) for s in (0, 10)]
    assert similar[0].equals(similar[1])


def test_what_was_taken_long_ago_counts_less():
    data = with_times([[1, 1], [1, 0]], [90, 0, 0])
    model = ec.ItemKNN(half_life="90d", prior=0, self_similarity=1, neighbours=1).fit(data)
    scores = dict(model.score(0, [0, 1]).rows())
    # Each of the two items is the only neighbour of the other, with weight 1, like its own.
    assert scores[0] == scores[1] == pytest.approx(0.5 + 1)
    assert dict(model.explain(0, 0).rows()) == pytest.approx({0: 0.5, 1: 1.0})
    timeless = ec.ItemKNN(half_life=None, prior=0, self_similarity=1, neighbours=1).fit(data)
    assert dict(timeless.explain(0, 0).rows()) == pytest.approx({0: 1.0, 1: 1.0})


def test_the_prior_expects_again_what_everybody_takes_again():
    # The shopper took both once; others take item 0 ten times and item 1 once.
    dense = np.array([[1, 1, 0]] + [[10, 0, 1]] * 6 + [[0, 1, 0]] * 6, np.float32)
    model = ec.ItemKNN(prior=0.5).fit(dense_matrix(dense))
    assert model.recommend(0, k=2, exclude_seen=False)["item_id"].to_list() == [0, 1]
    reasons = model._history_weights(Queries.of_users(model.interactions_, [0]))
    mean = (61 + 5 * dense[dense > 0].mean()) / (7 + 5)
    assert reasons.toarray()[0, 0] == pytest.approx((1 + 0.5 * mean) / 1.5, rel=1e-6)


def test_nothing_that_the_history_does_not_speak_for_is_recommended_but_as_a_fallback():
    dense = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0]], np.float32)
    model = ec.ItemKNN().fit(dense_matrix(dense))
    for candidates in (None, [1, 2, 3], [[1, 2, 3]]):
        found = model.recommend([3], k=3, candidates=candidates)
        assert found["item_id"].to_list() == [1, 2, 3]
        assert found["fallback"].to_list() == [False, True, True]


def test_a_wrong_half_life_is_refused():
    with pytest.raises(ParameterError, match="length of time"):
        ec.ItemKNN(half_life="soon").fit(random_data())


@pytest.mark.parametrize(
    "bad", [{"neighbours": 0}, {"similarity": "euclid"}, {"alpha": 1.5}, {"shrinkage": -1}, {"prior": -0.1}]
)
def test_parameters_are_checked(bad):
    with pytest.raises(ParameterError, match=next(iter(bad))):
        ec.ItemKNN(**bad)


def test_events_with_a_time_and_without_are_both_fine():
    events = pl.DataFrame(
        {"user_id": ["a", "a", "b"], "item_id": ["x", "y", "x"], "timestamp": [datetime(2024, 1, d) for d in (1, 2, 3)]}
    )
    assert ec.ItemKNN().fit(events).recommend("b", k=1)["item_id"].to_list() == ["y"]
    assert ec.ItemKNN().fit(events.drop("timestamp")).recommend("b", k=1)["item_id"].to_list() == ["y"]


@pytest.mark.heavy
def test_quality_on_gowalla(public_data):
    table = public_data("gowalla")
    train, test = (table.filter(pl.col("split") == "train"), table.filter(pl.col("split") != "train"))
    model = ec.ItemKNN().fit(train.select("user_id", "item_id"))
    found = model.recommend(k=20).select("user_id", "item_id")
    relevant = test.group_by("user_id").len("relevant")
    hits = found.join(test, on=["user_id", "item_id"]).group_by("user_id").len("hits")
    recall = relevant.join(hits, on="user_id", how="left").select(
        (pl.col("hits").fill_null(0) / pl.col("relevant")).mean()
    )
    assert recall.item() >= 0.15
