"""The order of the steps of `SVD` and `SVDpp`: another order of users in each epoch, from the seed alone."""

import numpy as np
import polars as pl
import pytest

import endcap as ec


def some_ratings(users=30, items=12, seed=0):
    draws = np.random.default_rng(seed)
    pairs = np.argwhere(draws.random((users, items)) < 0.5)
    return ec.Ratings.from_events(
        pl.DataFrame(
            {"user_id": pairs[:, 0], "item_id": pairs[:, 1], "rating": draws.integers(1, 6, len(pairs)).astype(float)}
        ),
        scale=(1, 5),
    )


def orders(model, ratings, seed):
    return [users.tolist() for users, _ in model._passes(ratings.matrix, np.random.default_rng(seed))]


@pytest.mark.parametrize("make", [ec.SVD, ec.SVDpp])
def test_each_epoch_has_all_users_in_another_order(make):
    ratings, model = some_ratings(), make(epochs=4)
    passes = list(model._passes(ratings.matrix, np.random.default_rng(1)))
    assert len({tuple(users) for users, _ in passes}) == 4
    for users, steps in passes:
        assert sorted(users) == list(range(ratings.shape[0]))
        assert (steps.toarray() == ratings.matrix.toarray()[users]).all()


def test_the_order_comes_from_the_seed():
    ratings, model = some_ratings(), ec.SVD(epochs=3)
    assert orders(model, ratings, 1) == orders(model, ratings, 1)
    assert orders(model, ratings, 1) != orders(model, ratings, 2)


@pytest.mark.parametrize("make", [ec.SVD, ec.SVDpp])
def test_learned_as_by_single_steps_in_that_order(make):
    """A plain loop over the ratings, in double precision, each step moving each implicit factor of the user."""
    ratings, model = some_ratings(), make(factors=3, epochs=3, learning_rate=0.01, regularization=0.05, seed=5)
    implicit, (n, m) = make is ec.SVDpp, ratings.shape
    draws = np.random.default_rng(5)
    p, q, *rest = (part.astype(float) for part in model._start(draws, (n, m, m) if implicit else (n, m)))
    y = rest[0] if implicit else np.zeros((m, 3))
    bu, bi = np.zeros(n), np.zeros(m)
    mean = ratings.matrix.data.mean()
    for users, steps in model._passes(ratings.matrix, draws):
        for at, u in enumerate(users):
            row = slice(steps.indptr[at], steps.indptr[at + 1])
            rated = steps.indices[row]
            for i, r in zip(rated, steps.data[row], strict=True):
                whole = p[u] + y[rated].sum(0) / np.sqrt(len(rated))
                error = r - (mean + bu[u] + bi[i] + q[i] @ whole)
                bu[u] += 0.01 * (error - 0.05 * bu[u])
                bi[i] += 0.01 * (error - 0.05 * bi[i])
                old = q[i].copy()
                q[i] += 0.01 * (error * whole - 0.05 * old)
                p[u] += 0.01 * (error * old - 0.05 * p[u])
                if implicit:
                    y[rated] += 0.01 * (error * old / np.sqrt(len(rated)) - 0.05 * y[rated])
    model.fit(ratings)
    np.testing.assert_allclose(model.item_factors_, q, atol=1e-4)
    np.testing.assert_allclose(model.user_bias_, bu, atol=1e-4)
    np.testing.assert_allclose(model.item_bias_, bi, atol=1e-4)
