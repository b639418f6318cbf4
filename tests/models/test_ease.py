import warnings

import numpy as np
import pytest
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import ParameterError, ReducedModelWarning
from endcap.models import ease
from endcap.models.memory import available_memory


@pytest.fixture(scope="module")
def data():
    """300 users, 50 items; items of low position are more popular, and weights are 1 to 5."""
    rng = np.random.default_rng(5)
    taken = rng.random((300, 50)) < np.linspace(0.5, 0.02, 50)
    return Interactions.from_matrix(sparse.csr_array(taken * rng.integers(1, 6, taken.shape).astype(np.float32)))


def closed_form(x, regularization, self_weight=1):
    inverse = np.linalg.inv(x.T @ x + regularization * np.eye(x.shape[1]))
    weights = -inverse / np.diagonal(inverse)
    np.fill_diagonal(weights, self_weight)
    return weights


@pytest.mark.parametrize(
    ("weighting", "weigh"), [("binary", np.sign), ("log", lambda w: np.log2(1 + w)), ("linear", lambda w: w)]
)
def test_weights_are_the_closed_form(data, weighting, weigh):
    model = ec.EASE(regularization=20, weighting=weighting, self_weight=0).fit(data)
    x = weigh(data.matrix.toarray().astype(np.float64))
    expected = closed_form(x, 20, self_weight=0)
    assert np.allclose(model.weights_, expected, atol=1e-5)
    found = model.score(7, range(50))["score"].to_numpy()
    assert np.allclose(found, x[7] @ expected, atol=1e-4)
    assert model.notes_ == ()


def test_reasons_add_up(data):
    model = ec.EASE(regularization=20).fit(data)
    top = model.recommend(3, k=1).row(0, named=True)
    reasons = model.explain(3, top["item_id"])
    assert set(reasons["item_id"]) <= set(data.matrix[[3]].indices.tolist())
    assert reasons["contribution"].sum() == pytest.approx(top["score"], abs=1e-5)


def test_own_items_count_for_themselves_the_more_the_later(data):
    day = 86_400_000_000
    times = np.zeros(data.nnz, np.int64)
    times[data.matrix.indptr[7]] = 90 * day  # the first item of user 7 is the newest, all else is a half-life older
    timed = Interactions(data.matrix, data.users, data.items, times)
    model = ec.EASE(regularization=20, self_weight=2).fit(timed)
    x = np.log2(1 + data.matrix.toarray()[7].astype(np.float64)) / 2
    own = data.matrix[[7]].indices
    x[own[0]] *= 2
    expected = x @ closed_form(np.log2(1 + data.matrix.toarray().astype(np.float64)), 20, self_weight=2)
    assert np.allclose(model.score(7, range(50))["score"], expected, atol=1e-4)
    timeless = ec.EASE(regularization=20, self_weight=0, half_life=None).fit(timed)
    assert np.array_equal(timeless.recommend(k=9), ec.EASE(regularization=20, self_weight=0).fit(data).recommend(k=9))
    assert not np.array_equal(timeless.recommend(k=9), ec.EASE(regularization=20).fit(timed).recommend(k=9))


def test_a_half_life_that_is_none_is_refused(data):
    with pytest.raises(ParameterError):
        ec.EASE(half_life="soon").fit(data)


@pytest.fixture
def reduced(data):
    with pytest.warns(ReducedModelWarning, match="trained on the 12 items"):
        return ec.EASE(regularization=20, max_items=12).fit(data)


def test_fewer_items_are_the_most_popular_and_it_says_so(reduced, data):
    chosen = np.sort(reduced.popularity_[:12])
    assert reduced.catalogue_.tolist() == chosen.tolist()
    part = np.log2(1 + data.matrix.toarray()[:, chosen].astype(np.float64))
    assert np.allclose(reduced.weights_, closed_form(part, 20), atol=1e-5)
    (note,) = reduced.notes_
    covered = np.isin(data.matrix.indices, chosen).mean()
    assert "all 50 items" in note
    assert "max_items=12" in note
    assert "SparseEASE" in note
    assert f"{covered:.0%} of the interactions" in note


def test_items_left_out_only_fill_places(reduced):
    inside = set(reduced.catalogue_.tolist())
    found = reduced.recommend([0, 1, 2], k=50, exclude_seen=False)
    for item, fallback in found.select("item_id", "fallback").rows():
        assert fallback == (item not in inside)
    outside = next(i for i in range(50) if i not in inside)
    assert reduced.recommend(history=[outside], k=3)["fallback"].all()
    assert len(reduced.similar_items(outside)) == 0
    assert len(reduced.explain(0, outside)) == 0
    assert reduced.score(0, [outside])["score"].to_list() == [0]


def test_items_left_out_are_no_candidates(reduced, data):
    inside = reduced.catalogue_[:3].tolist()
    outside = [i for i in range(50) if i not in set(reduced.catalogue_.tolist())][:2]
    shared = reduced.recommend([0, 4], k=5, candidates=inside + outside, exclude_seen=False)
    own = reduced.recommend([0, 4], k=5, candidates=[inside + outside] * 2, exclude_seen=False)
    for found in (shared, own):
        assert found.group_by("user_id").len()["len"].to_list() == [5, 5]
        assert found["fallback"].to_list() == [False] * 3 + [True] * 2 + [False] * 3 + [True] * 2
    assert shared["item_id"].to_list() == own["item_id"].to_list()
    nobody = reduced.recommend(history=[[outside[0]]], k=2, candidates=[inside])
    assert nobody["fallback"].all()


def test_a_reduced_model_is_saved_and_loaded(reduced, tmp_path):
    reduced.save(tmp_path / "m")
    again = ec.load(tmp_path / "m")
    assert again.notes_ == reduced.notes_
    assert again.recommend(k=20).equals(reduced.recommend(k=20))


def test_memory_limits_the_items(data, monkeypatch):
    monkeypatch.setattr(ease, "available_memory", lambda: 2 * 6 * 30**2)
    with pytest.warns(ReducedModelWarning, match="more than half of the memory"):
        model = ec.EASE(max_items=None).fit(data)
    assert model.weights_.shape == (30, 30)
    monkeypatch.setattr(ease, "available_memory", lambda: 2 * 6 * 50**2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ec.EASE(max_items=None).fit(data).weights_.shape == (50, 50)


def test_more_items_than_memory_are_refused_with_what_they_need(data, monkeypatch):
    monkeypatch.setattr(ease, "available_memory", lambda: 6 * 49**2)
    with pytest.raises(ParameterError, match=r"over 50 items needs 0\.0 GB, .* lower max_items, or take SparseEASE"):
        ec.EASE(max_items=100).fit(data)
    with pytest.warns(ReducedModelWarning):
        assert ec.EASE(max_items=49).fit(data).weights_.shape == (49, 49)


def test_a_container_limits_the_memory(tmp_path):
    whole = available_memory(tmp_path)
    assert whole > 0
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert available_memory(tmp_path) > 10_000
    (tmp_path / "memory.max").write_text("5000\n")
    assert available_memory(tmp_path) == 4000


def test_too_little_regularization_is_named():
    # Fewer users than items: singular but for the regularization, which single precision loses.
    matrix = sparse.random_array((10, 60), density=0.4, rng=np.random.default_rng(1))
    with pytest.raises(ParameterError, match="raise it"):
        ec.EASE(regularization=1e-9).fit(matrix)
