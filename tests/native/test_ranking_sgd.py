"""Gradient descent over drawn negatives against one step after the other in NumPy, with the same random numbers."""

import numpy as np
import pytest
from scipy import sparse

from endcap import native

MASK = (1 << 64) - 1
STEPS = {"negatives": 4, "rate": 0.2, "user_decay": 0.05, "item_decay": 0.03}


def split_mix(key, number):
    z = (key + (number + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Reference:
    """The steps of samples, in double precision; `frozen` leaves the items as they are."""

    def __init__(self, loss, users, items, user_squares, item_squares, key, frozen=False):
        self.loss, self.key, self.frozen = loss, key, frozen
        self.p, self.q = users.astype(float), items.astype(float)
        self.p_squares, self.q_squares = user_squares.astype(float), item_squares.astype(float)

    def move(self, u, signs, e):
        """Go up e times the gradient of p . (sum of sign * item), every vector from where it was before."""
        p, items = self.p[u].copy(), {i: self.q[i].copy() for i in signs}
        towards = sum(sign * items[i] for i, sign in signs.items())
        self.p_squares[u] += e**2 * towards @ towards
        rate = STEPS["rate"] / np.sqrt(self.p_squares[u])
        self.p[u] = (1 - rate * STEPS["user_decay"]) * p + rate * e * towards
        for i, sign in signs.items():
            if not self.frozen:
                self.q_squares[i] += e**2 * p @ p
                rate = STEPS["rate"] / np.sqrt(self.q_squares[i])
                self.q[i] = (1 - rate * STEPS["item_decay"]) * items[i] + rate * e * sign * p

    def draw(self, number, pool, own):
        j = int(pool[((split_mix(self.key, number) >> 32) * len(pool)) >> 32])
        return None if j in own else j

    def sample(self, number, u, i, weight, pool, own):
        draws = 32 if self.loss == "bpr" else STEPS["negatives"]
        if self.loss == "logistic":
            self.move(u, {i: 1}, weight * sigmoid(-self.p[u] @ self.q[i]))
        for r in range(draws):
            j = self.draw(256 * number + r, pool, own)
            if j is None:
                continue
            ahead = self.p[u] @ (self.q[i] - self.q[j])
            if self.loss == "logistic":
                self.move(u, {j: 1}, -sigmoid(self.p[u] @ self.q[j]))
            elif self.loss == "bpr":
                self.move(u, {i: 1, j: -1}, sigmoid(-ahead))
                return
            elif ahead < 1:
                self.move(u, {i: 1, j: -1}, np.log1p((len(self.q) - 1) // (r + 1)))
                return


def problem(seed, users, items, factors=16):
    rng = np.random.default_rng(seed)
    taken = sparse.random_array((users, items), density=0.25, rng=rng, format="csr")
    taken.sort_indices()
    pairs = taken.indptr.astype(np.int64), taken.indices.astype(np.int32), taken.data.astype(np.float32) + 0.5
    parts = [rng.normal(0, 0.4, (rows, factors)).astype(np.float32) for rows in (users, items)]
    return rng, pairs, parts, [np.full(rows, 0.5, np.float32) for rows in (users, items)]


def step_arguments(loss):
    return loss, STEPS["negatives"], STEPS["rate"], STEPS["user_decay"]


@pytest.mark.parametrize("loss", ["bpr", "warp", "logistic"])
@pytest.mark.parametrize(("users", "items", "blocks"), [(1, 1, 1), (12, 9, 1), (40, 30, 3), (25, 60, 7)])
def test_an_epoch_is_its_steps_one_by_one(simd, loss, users, items, blocks):
    rng, pairs, parts, squares = problem(users, users, items)
    indptr, columns, weights = pairs
    order, key = rng.permutation(items).astype(np.int32), 987654321987654321
    bounds = np.arange(blocks + 1) * users // blocks
    expected = Reference(loss, *parts, *squares, key)
    user_of = np.repeat(np.arange(users), np.diff(indptr))
    edges = items * np.arange(blocks + 1) // blocks
    block_of_item = np.empty(items, int)
    block_of_item[order] = np.searchsorted(edges, np.arange(items), side="right") - 1
    block_of_user = np.searchsorted(bounds, user_of, side="right") - 1
    grid = np.lexsort((columns, user_of, block_of_item[columns], block_of_user))
    for turn in range(blocks):
        for number, t in enumerate(grid):
            block = block_of_item[columns[t]]
            if (block - block_of_user[t]) % blocks == turn:
                pool, own = order[edges[block] : edges[block + 1]], columns[indptr[user_of[t]] : indptr[user_of[t] + 1]]
                expected.sample(number, user_of[t], columns[t], weights[t], pool, own)
    found = []
    for threads in (1, 2):
        copies = [part.copy() for part in (*parts, *squares)]
        native.ranking_sgd(*pairs, *copies, order, bounds, *step_arguments(loss), STEPS["item_decay"], key, threads)
        found.append(copies)
    right = expected.p, expected.q, expected.p_squares, expected.q_squares
    for one, two, exact in zip(*found, right, strict=True):
        assert np.array_equal(one, two)
        np.testing.assert_allclose(one, exact, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("loss", ["bpr", "warp", "logistic"])
def test_fold_in_is_the_steps_of_the_users_side(simd, loss):
    rng, pairs, parts, _ = problem(5, 20, 15)
    indptr, columns, weights = pairs
    key, epochs = 1234567, 3
    start = np.zeros_like(parts[0])
    expected = Reference(loss, start, parts[1], np.full(20, 0.5), np.zeros(15), key, frozen=True)
    for u in range(20):
        own = slice(indptr[u], indptr[u + 1])
        for epoch in range(epochs):
            for i, weight in zip(columns[own], weights[own], strict=True):
                expected.sample((epoch << 32) + int(i), u, i, weight, np.arange(15), columns[own])
    targets, contributions = rng.integers(0, 15, 20).astype(np.int32), np.empty(len(columns))
    for threads in (1, 2):
        found = np.empty_like(start)
        arguments = *pairs, parts[1], 0.5, epochs, *step_arguments(loss), key
        native.ranking_fold_in(*arguments, found, targets, contributions, threads)
        np.testing.assert_allclose(found, expected.p, rtol=1e-3, atol=1e-4)
    sums = np.add.reduceat(np.append(contributions, 0), indptr[:-1]) * (np.diff(indptr) > 0)
    np.testing.assert_allclose(sums, np.einsum("uf,uf->u", found, parts[1][targets]), rtol=1e-3, atol=1e-4)
    alone = np.empty_like(start)[:1]
    some = slice(indptr[7], indptr[8])
    history = np.array([0, indptr[8] - indptr[7]], np.int64), columns[some].copy(), weights[some].copy()
    native.ranking_fold_in(*history, parts[1], 0.5, epochs, *step_arguments(loss), key, alone, None, None, 1)
    assert np.array_equal(alone[0], found[7])


@pytest.mark.parametrize("loss", ["bpr", "logistic"])
def test_a_small_step_goes_up_the_gradient(simd, loss):
    # One user, one own item, one other: without decay, the change over the rate is the gradient of the log-likelihood.
    rng = np.random.default_rng(3)
    p, q = rng.normal(0, 0.5, (1, 16)).astype(np.float32), rng.normal(0, 0.5, (2, 16)).astype(np.float32)

    def likelihood(p, q):
        if loss == "bpr":
            return np.log(sigmoid(p[0] @ (q[0] - q[1])))
        return np.log(sigmoid(p[0] @ q[0])) + np.log(sigmoid(-p[0] @ q[1]))

    def numeric(part, at):
        up, down = ([p.astype(float), q.astype(float)] for _ in range(2))
        up[part][at] += 1e-5
        down[part][at] -= 1e-5
        return (likelihood(*up) - likelihood(*down)) / 2e-5

    key = next(k for k in range(99) if split_mix(k, 0) >> 63)  # the first draw is item 1
    found, rate = [p.copy(), q.copy()], 1e-3
    native.ranking_sgd(
        np.array([0, 1]),
        np.zeros(1, np.int32),
        np.ones(1, np.float32),
        *found,
        np.full(1, 1e6, np.float32),
        np.full(2, 1e6, np.float32),
        np.arange(2, dtype=np.int32),
        np.array([0, 1]),
        loss,
        1,
        rate * 1e3,
        0.0,
        0.0,
        key,
        1,
    )
    for part, (before, after) in enumerate(zip((p, q), found, strict=True)):
        gradient = np.array([numeric(part, at) for at in np.ndindex(before.shape)]).reshape(before.shape)
        np.testing.assert_allclose((after - before) / rate, gradient, rtol=0.02, atol=2e-3)


def test_who_has_everything_is_left_alone():
    pairs = np.array([0, 3]), np.arange(3, dtype=np.int32), np.ones(3, np.float32)
    parts = [np.ones((rows, 16), np.float32) for rows in (1, 3)]
    before = [part.copy() for part in parts]
    squares = [np.ones(rows, np.float32) for rows in (1, 3)]
    order, bounds = np.arange(3, dtype=np.int32), np.array([0, 1])
    for loss in ("bpr", "warp"):
        native.ranking_sgd(*pairs, *parts, *squares, order, bounds, *step_arguments(loss), 0.1, 5, 1)
    assert all(np.array_equal(*pair) for pair in zip(parts, before, strict=True))


def test_what_does_not_fit_is_refused():
    _, pairs, parts, squares = problem(1, 6, 5)
    rest = np.arange(5, dtype=np.int32), np.array([0, 6])
    with pytest.raises(ValueError, match="multiple of 16"):
        native.ranking_sgd(
            *pairs, *(p[:, :8].copy() for p in parts), *squares, *rest, *step_arguments("bpr"), 0.1, 1, 1
        )
    with pytest.raises(ValueError, match="don't fit"):
        native.ranking_sgd(*pairs, *parts, *squares[::-1], *rest, *step_arguments("bpr"), 0.1, 1, 1)
    with pytest.raises(ValueError, match="loss must be"):
        native.ranking_sgd(*pairs, *parts, *squares, *rest, *step_arguments("hinge"), 0.1, 1, 1)
    with pytest.raises(ValueError, match="a block or more"):
        native.ranking_sgd(*pairs, *parts, *squares, rest[0], np.arange(9), *step_arguments("bpr"), 0.1, 1, 1)
    with pytest.raises(ValueError, match="don't fit"):
        native.ranking_fold_in(
            *pairs, parts[1], 1.0, 1, *step_arguments("bpr"), 1, parts[0], np.zeros(6, np.int32), None, 1
        )
