import signal
import threading
import time

import numpy as np
import pytest
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import NotFittedError, ParameterError


def shop(users=120, items=70, density=0.1, seed=1):
    """Random tastes: who is near an item in a plane of two dimensions takes it."""
    rng = np.random.default_rng(seed)
    near = rng.normal(size=(users, 2)) @ rng.normal(size=(2, items)) + 0.3 * rng.normal(size=(users, items))
    taken = near > np.quantile(near, 1 - density)
    return sparse.csr_array(taken * rng.integers(1, 6, (users, items)), dtype=np.float32)


def confidences(model, matrix):
    g = {"constant": np.ones_like, "log": lambda w: np.log2(1 + w), "linear": lambda w: w}[model.confidence]
    values = g(matrix.data.astype(np.float64))
    extra = matrix.toarray().astype(np.float64)
    extra[extra > 0] = model.alpha * values / values.mean()
    return model.unobserved_weight + extra


def ridges(model, taken):
    users = (taken.sum(1) + model.unobserved_weight * taken.shape[1]) ** model.frequency_scaling
    items = (taken.sum(0) + model.unobserved_weight * taken.shape[0]) ** model.frequency_scaling
    return model.regularization * users, model.regularization * items


def objective(model, matrix):
    """The docstring's formula, as it stands there."""
    x, y = model.user_factors_.astype(np.float64), model.item_factors_.astype(np.float64)
    taken = matrix.toarray() > 0
    user_ridge, item_ridge = ridges(model, taken)
    loss = (confidences(model, matrix) * (taken - x @ y.T) ** 2).sum()
    return loss + (user_ridge * (x**2).sum(1)).sum() + (item_ridge * (y**2).sum(1)).sum()


@pytest.mark.parametrize("confidence", ["constant", "log", "linear"])
@pytest.mark.parametrize("solver", ["cg", "cholesky"])
def test_the_objective_falls_from_epoch_to_epoch(solver, confidence):
    matrix = shop()
    fits = [ec.ALS(factors=10, epochs=n, solver=solver, confidence=confidence).fit(matrix) for n in (1, 2, 4, 8, 16)]
    values = [objective(m, matrix) for m in fits]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.9 * values[0]


@pytest.mark.parametrize(
    "parameters", [{}, {"unobserved_weight": 1.0, "alpha": 39.0, "frequency_scaling": 0.0, "regularization": 5.0}]
)
def test_the_solvers_agree_in_the_end(parameters):
    matrix = shop()
    cg, cholesky = (
        objective(ec.ALS(factors=6, epochs=40, solver=s, **parameters).fit(matrix), matrix) for s in ("cg", "cholesky")
    )
    assert cg == pytest.approx(cholesky, rel=0.02)


def test_exact_alternation_reaches_a_point_where_both_sides_solve_their_equations():
    matrix = shop(40, 30)
    model = ec.ALS(factors=3, epochs=400, solver="cholesky").fit(matrix)
    x, y = model.user_factors_.astype(np.float64), model.item_factors_.astype(np.float64)
    taken = matrix.toarray() > 0
    c, (user_ridge, item_ridge) = confidences(model, matrix), ridges(model, taken)
    error = c * (x @ y.T - taken)
    assert np.abs(error @ y + user_ridge[:, None] * x).max() < 1e-3
    assert np.abs(error.T @ x + item_ridge[:, None] * y).max() < 1e-2


@pytest.mark.parametrize("factors", [5, 16, 40])
def test_folding_in_solves_the_normal_equations(factors):
    matrix = shop()
    model = ec.ALS(factors=factors, epochs=3).fit(matrix)
    y = model.item_factors_.astype(np.float64)
    weights = matrix[[7]].data
    g = np.log2(1 + weights) * model.alpha / np.log2(1 + matrix.data).mean()
    own = y[matrix[[7]].indices]
    ridge = model.regularization * (len(weights) + model.unobserved_weight * 70)
    a = model.unobserved_weight * y.T @ y + ridge * np.eye(factors) + (own.T * g) @ own
    wanted = np.linalg.solve(a, own.T @ (model.unobserved_weight + g))
    assert np.allclose(model.user_factors_[7], wanted, rtol=1e-3, atol=1e-4)


def test_a_known_user_is_answered_like_a_visitor_with_the_same_history():
    matrix = shop()
    matrix.data[:] = 1
    model = ec.ALS(factors=12, epochs=4).fit(matrix)
    known = model.recommend(11, k=8)
    visitor = model.recommend(history=matrix[[11]].indices.tolist(), k=8)
    assert known["item_id"].to_list() == visitor["item_id"].to_list()
    assert np.allclose(known["score"], visitor["score"], rtol=1e-5)


@pytest.mark.parametrize("confidence", ["constant", "log", "linear"])
def test_reasons_sum_to_the_score(confidence):
    model = ec.ALS(factors=20, epochs=4, confidence=confidence).fit(shop())
    for user, item in ((0, 3), (5, 60), (17, 17)):
        score = model.score(user, [item])["score"][0]
        assert model.explain(user, item)["contribution"].sum() == pytest.approx(score, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("solver", ["cg", "cholesky"])
def test_same_seed_same_bits_on_one_and_two_threads(solver):
    matrix = shop(2000, 900, 0.02)
    one, two = (ec.ALS(factors=48, epochs=2, solver=solver, seed=4, threads=n).fit(matrix) for n in (1, 2))
    assert np.array_equal(one.item_factors_, two.item_factors_)
    assert np.array_equal(one.user_factors_, two.user_factors_)
    other = ec.ALS(factors=48, epochs=2, solver=solver, seed=5).fit(matrix)
    assert not np.array_equal(one.item_factors_, other.item_factors_)


@pytest.mark.parametrize("solver", ["cg", "cholesky"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (6, 1), (4, 5)])
def test_more_factors_than_items(shape, solver):
    model = ec.ALS(factors=33, solver=solver).fit(sparse.csr_array(np.ones(shape, np.float32)))
    assert model.item_factors_.shape == (shape[1], 33)
    assert np.isfinite(model.item_factors_).all()
    assert model.score(0, [0])["score"][0] == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("solver", ["cg", "cholesky"])
def test_those_without_interactions_are_at_zero(solver):
    matrix = shop(30, 20).tolil()
    matrix[4] = 0
    matrix[:, 6] = 0
    model = ec.ALS(factors=8, solver=solver).fit(matrix)
    assert (model.user_factors_[4] == 0).all()
    assert np.abs(model.item_factors_[6]).max() < 1e-6


def test_progress_goes_up_to_the_end():
    told = []
    ec.ALS(factors=4, epochs=5).fit(shop(), progress=lambda what, share: told.append(share))
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 1
    assert len(told) == 6


@pytest.mark.parametrize("bad", [{"factors": 0}, {"regularization": 0}, {"solver": "lu"}, {"unobserved_weight": -1}])
def test_nonsense_is_refused(bad):
    with pytest.raises(ParameterError, match=next(iter(bad))):
        ec.ALS(**bad)


@pytest.mark.heavy
@pytest.mark.parametrize("solver", ["cg", "cholesky"])
def test_ctrl_c_is_heard_within_a_second(solver):
    data = Interactions.from_matrix(sparse.random_array((100_000, 20_000), density=0.001, rng=2))
    model = ec.ALS(factors=256, epochs=1000, solver=solver)
    pressed = []

    def press():
        pressed.append(time.monotonic())
        signal.raise_signal(signal.SIGINT)

    timer = threading.Timer(1.0, press)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(data)
    assert time.monotonic() - pressed[0] < 1
    with pytest.raises(NotFittedError):
        model.recommend(0)
