import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import sparse
from threadpoolctl import threadpool_limits

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.models.parameters import parameters_of

als = pytest.importorskip("implicit.als")
bpr = pytest.importorskip("implicit.bpr")
lmf = pytest.importorskip("implicit.lmf")
neighbours = pytest.importorskip("implicit.nearest_neighbours")

MODELS = {
    "als": lambda: als.AlternatingLeastSquares(factors=8, random_state=1, num_threads=1, use_gpu=False),
    "bpr": lambda: bpr.BayesianPersonalizedRanking(factors=8, random_state=1, num_threads=1, use_gpu=False),
    "lmf": lambda: lmf.LogisticMatrixFactorization(factors=8, random_state=1, num_threads=1, use_gpu=False),
    "cosine": lambda: neighbours.CosineRecommender(K=10, num_threads=1),
    "tfidf": lambda: neighbours.TFIDFRecommender(K=10, num_threads=1),
    "bm25": lambda: neighbours.BM25Recommender(K=10, num_threads=1),
}


@pytest.fixture(autouse=True)
def one_blas_thread():
    with threadpool_limits(1, "blas"):  # ALS warns at construction otherwise
        yield


@pytest.fixture(scope="module")
def data():
    matrix = sparse.random_array((80, 40), density=0.15, format="csr", dtype=np.float32, rng=np.random.default_rng(3))
    matrix.data[:] = 1
    return Interactions.from_matrix(matrix)


@pytest.mark.parametrize("kind", MODELS)
def test_recommends_what_the_model_itself_does(data, kind):
    model = ec.adapt(MODELS[kind]()).fit(data)
    peer = model.fitted_
    histories = sparse.csr_matrix(data.matrix).astype(np.float64 if hasattr(peer, "similarity") else np.float32)
    items, scores = peer.recommend(np.arange(80), histories, N=3)
    table = model.recommend(k=3).filter(~pl.col("fallback"))
    assert len(table) > 200
    for user, item, score, rank in table.select("user_id", "item_id", "score", "rank").iter_rows():
        assert score == pytest.approx(scores[user, rank - 1], rel=1e-4, abs=1e-5)
        tied = np.isclose(scores[user], score, rtol=1e-4, atol=1e-5)
        assert item in items[user, tied] or tied[-1]


@pytest.mark.parametrize("kind", MODELS)
def test_fits_a_copy_and_fits_anew(data, kind):
    given = MODELS[kind]()
    model = ec.adapt(given)
    small = Interactions.from_matrix(sparse.csr_array(data.matrix[:30, :20]))
    once = model.fit(small).recommend(k=3)
    model.fit(data)
    assert_frame_equal(model.fit(small).recommend(k=3), once)
    assert getattr(given, "item_factors", None) is None
    assert getattr(given, "similarity", None) is None
    # A model that was fitted before leaves no trace in the copy's shape.
    again = ec.adapt(model.fitted_).fit(data)
    assert again.recommend(k=2)["user_id"].n_unique() == 80


def test_visitors(data):
    asked = {"history": [1, 2, 3], "k": 5}
    answers = {kind: ec.adapt(make()).fit(data).recommend(**asked) for kind, make in MODELS.items()}
    assert all(len(answer) == 5 and not set(answer["item_id"]) & {1, 2, 3} for answer in answers.values())
    assert {kind for kind, answer in answers.items() if answer["fallback"].all()} == {"bpr", "lmf"}


def test_visitors_of_als_get_its_own_vector(data):
    model = ec.adapt(MODELS["als"]()).fit(data)
    history = sparse.csr_matrix(([1.0, 1.0], ([0, 0], [1, 2])), shape=(1, 40), dtype=np.float32)
    items, scores = model.fitted_.recommend([0], history, N=4, recalculate_user=True)
    found = model.recommend(history=[1, 2], k=4)
    assert found["item_id"].to_list() == items[0].tolist()
    np.testing.assert_allclose(found["score"], scores[0], rtol=1e-4)


@pytest.mark.parametrize("kind", MODELS)
def test_candidates_similar_items_and_parameters(data, kind):
    model = ec.adapt(MODELS[kind]()).fit(data)
    assert set(model.recommend([0, 1], k=3, candidates=[[5, 6, 7, 8, 9]] * 2)["item_id"]) <= {5, 6, 7, 8, 9}
    assert 4 not in model.similar_items(4, k=3)["item_id"]
    assert repr(type(model)(**parameters_of(model))) == repr(model)


def test_compared_and_evaluated_like_ours():
    draws = np.random.default_rng(0)
    times = pl.Series(np.sort(draws.integers(0, 10**14, 4000)) + 16 * 10**14).cast(pl.Datetime("us", "UTC"))
    users, items = draws.integers(0, 100, 4000), draws.integers(0, 50, 4000)
    events = ec.Events(pl.DataFrame({"user_id": users, "item_id": items, "timestamp": times}))
    found = ec.compare([ec.Popular(), ec.adapt(MODELS["cosine"]()), ec.adapt(MODELS["als"]())], events)
    names = set(found.table["model"])
    assert {"Popular", "implicit.CosineRecommender", "implicit.AlternatingLeastSquares"} <= names
    assert found.table["ndcg"].is_not_null().all()
    train, test = ec.split_by_time(events)
    assert ec.evaluate(ec.adapt(MODELS["bpr"]()).fit(train), test) is not None
