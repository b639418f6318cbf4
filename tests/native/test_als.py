import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from endcap import native


def problem(rows, m, f, density, seed):
    """Random factors, of which the last `f % 16`-th columns are padding, entries and ridges."""
    rng = np.random.default_rng(seed)
    width = -(-f // 16) * 16
    y = np.zeros((m, width), np.float32)
    y[:, :f] = rng.normal(0, 0.3, (m, f))
    entries = sparse.random_array((rows, m), density=density, format="csr", rng=rng, dtype=np.float32)
    entries.data = rng.uniform(0.01, 3, entries.nnz).astype(np.float32)
    ridge = rng.uniform(0.05, 2, rows).astype(np.float32)
    return y, entries, ridge


def exact(y, entries, base, ridge, prior=None):
    """The definition, a row at a time in double precision."""
    y = y.astype(np.float64)
    prior = np.zeros((len(ridge), y.shape[1])) if prior is None else prior
    dense = entries.toarray().astype(np.float64)
    x = np.zeros((len(dense), y.shape[1]))
    for u, extra in enumerate(dense):
        a = base * y.T @ y + ridge[u] * np.eye(y.shape[1]) + (y.T * extra) @ y
        x[u] = np.linalg.solve(a, ridge[u] * prior[u] + y.T @ np.where(extra > 0, base + extra, 0))
        if not extra.any():
            x[u] = prior[u]
    return x


def parts(entries):
    return entries.indptr.astype(np.int64), entries.indices.astype(np.int32), entries.data


def gram_of(y, threads=2):
    out = np.empty((y.shape[1],) * 2, np.float32)
    native.gram(y, out, threads)
    return out


def turned(y):
    """Turn y to the axes of its Gram matrix; return it, its columns' squared norms, and the axes."""
    _, axes = np.linalg.eigh(gram_of(y).astype(np.float64))
    turned = np.ascontiguousarray(y @ axes, dtype=np.float32)
    return turned, (turned**2).sum(0), axes


def cg(y, entries, base, ridge, steps, start, threads=2, prior=None):
    y, spectrum, axes = turned(y)
    x = np.ascontiguousarray(start @ axes, dtype=np.float32)
    prior = None if prior is None else np.ascontiguousarray(prior @ axes, dtype=np.float32)
    native.als_cg(y, *parts(entries), base, ridge, spectrum, prior, steps, x, threads)
    return x @ axes.T


def cholesky(y, entries, base, ridge, threads=2, prior=None):
    y, spectrum, axes = turned(y)
    x = np.full((entries.shape[0], y.shape[1]), np.nan, np.float32)
    prior = None if prior is None else np.ascontiguousarray(prior @ axes, dtype=np.float32)
    native.als_cholesky(y, *parts(entries), base, ridge, spectrum, prior, x, threads)
    return x @ axes.T


SHAPES = st.tuples(st.integers(1, 60), st.integers(1, 90), st.integers(1, 50), st.sampled_from([0.0, 0.05, 0.4, 1.0]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=SHAPES, seed=st.integers(0, 1000))
def test_cholesky_solves_the_normal_equations(simd, shape, seed):
    y, entries, ridge = problem(*shape, seed)
    wanted = exact(y, entries, 0.1, ridge)
    assert np.allclose(cholesky(y, entries, 0.1, ridge), wanted, rtol=1e-3, atol=1e-4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=SHAPES, seed=st.integers(0, 1000))
def test_many_steps_of_cg_solve_the_normal_equations(simd, shape, seed):
    y, entries, ridge = problem(*shape, seed)
    start = np.random.default_rng(seed).normal(size=(len(ridge), y.shape[1])).astype(np.float32)
    start[:, shape[2] :] = 0
    found = cg(y, entries, 0.1, ridge, 200, start)
    assert np.allclose(found, exact(y, entries, 0.1, ridge), rtol=2e-3, atol=2e-3)
    assert np.allclose(found[:, shape[2] :], 0, atol=1e-5)


@pytest.mark.parametrize(("rows", "m", "f", "density"), [(30, 60, 32, 0.1), (30, 60, 20, 0.9), (9, 200, 144, 0.4)])
def test_both_are_drawn_to_a_prior(simd, rows, m, f, density):
    y, entries, ridge = problem(rows, m, f, density, 4)
    entries = entries.tolil()
    entries[3] = 0
    entries = entries.tocsr()
    prior = np.zeros((rows, y.shape[1]), np.float32)
    prior[:, :f] = np.random.default_rng(2).normal(0, 0.5, (rows, f))
    wanted = exact(y, entries, 0.1, ridge, prior)
    assert np.allclose(cholesky(y, entries, 0.1, ridge, prior=prior), wanted, rtol=1e-3, atol=1e-3)
    start = np.zeros_like(prior)
    assert np.allclose(cg(y, entries, 0.1, ridge, 200, start, prior=prior), wanted, rtol=2e-3, atol=2e-3)
    assert np.allclose(wanted[3], prior[3])


def reference_cg(y, entries, base, ridge, steps, x):
    """Textbook conjugate gradients, a row at a time, preconditioned by what all rows share."""
    x = x.astype(np.float64)
    for u, extra in enumerate(entries.toarray().astype(np.float64)):
        a = base * y.T @ y + ridge[u] * np.eye(y.shape[1]) + (y.T * extra) @ y
        if not extra.any():
            x[u] = 0
        shared = np.linalg.inv(base * y.T @ y + ridge[u] * np.eye(y.shape[1]))
        r = y.T @ np.where(extra > 0, base + extra, 0) - a @ x[u]
        p = shared @ r
        for _ in range(steps):
            if not r.any():
                break
            alpha = r @ shared @ r / (p @ a @ p)
            x[u] += alpha * p
            new = r - alpha * a @ p
            p = shared @ new + (new @ shared @ new) / (r @ shared @ r) * p
            r = new
    return x


@pytest.mark.parametrize("f", [16, 48, 64, 144])
@pytest.mark.parametrize("steps", [1, 3])
def test_each_step_of_cg_is_the_textbooks(simd, f, steps):
    y, entries, ridge = problem(37, 70, f, 0.3, f)
    start = np.random.default_rng(1).normal(size=(37, f)).astype(np.float32)
    wanted = reference_cg(y, entries, 0.2, ridge, steps, start)
    assert np.allclose(cg(y, entries, 0.2, ridge, steps, start), wanted, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("entries_a_row", [1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 300])
def test_cholesky_with_fewer_and_with_more_entries_than_factors(simd, entries_a_row):
    rng = np.random.default_rng(entries_a_row)
    y = rng.normal(0, 0.3, (400, 64)).astype(np.float32)
    chosen = np.sort(np.stack([rng.permutation(400)[:entries_a_row] for _ in range(5)]), axis=1)
    entries = sparse.csr_array(
        (
            rng.uniform(0.1, 2, chosen.size).astype(np.float32),
            chosen.ravel(),
            np.arange(0, chosen.size + 1, entries_a_row),
        ),
        shape=(5, 400),
    )
    ridge = rng.uniform(0.1, 1, 5).astype(np.float32)
    assert np.allclose(cholesky(y, entries, 0.05, ridge), exact(y, entries, 0.05, ridge), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("rows", "f"), [(0, 16), (1, 16), (127, 48), (129, 64), (9001, 80), (5000, 256)])
def test_gram(simd, rows, f):
    y = np.random.default_rng(rows).normal(size=(rows, f)).astype(np.float32)
    wanted = y.astype(np.float64).T @ y
    assert np.allclose(gram_of(y), wanted, rtol=1e-4, atol=1e-5 * max(rows, 1))
    assert np.array_equal(gram_of(y, 1), gram_of(y, 2))
    assert np.array_equal(gram_of(y), gram_of(y).T)


@pytest.mark.parametrize(("rows", "f"), [(0, 16), (1, 16), (15, 48), (16, 64), (2500, 144)])
def test_multiply_in_place(simd, rows, f):
    rng = np.random.default_rng(rows)
    y, q = rng.normal(size=(rows, f)).astype(np.float32), rng.normal(size=(f, f)).astype(np.float32)
    found = y.copy()
    native.multiply_in_place(found, q, 2)
    assert np.allclose(found, y @ q, rtol=1e-4, atol=1e-3)


def test_the_number_of_threads_changes_nothing(simd):
    y, entries, ridge = problem(700, 300, 64, 0.2, 5)
    start = np.zeros((700, 64), np.float32)
    assert np.array_equal(cg(y, entries, 0.1, ridge, 3, start, 1), cg(y, entries, 0.1, ridge, 3, start, 2))
    assert np.array_equal(cholesky(y, entries, 0.1, ridge, 1), cholesky(y, entries, 0.1, ridge, 2))


def test_rows_without_entries_are_zero(simd):
    y, _, _ = problem(1, 30, 16, 0.1, 0)
    none = sparse.csr_array((4, 30), dtype=np.float32)
    ridge = np.ones(4, np.float32)
    assert (cholesky(y, none, 0.1, ridge) == 0).all()
    assert (cg(y, none, 0.1, ridge, 3, np.ones((4, 16), np.float32)) == 0).all()


def test_shapes_that_do_not_fit_are_refused():
    y, entries, ridge = problem(3, 30, 16, 0.1, 0)
    with pytest.raises(ValueError, match="multiple of 16"):
        gram_of(y[:, :9].copy())
    with pytest.raises(ValueError, match="don't fit"):
        cg(y, entries, 0.1, ridge[:2], 3, np.ones((3, 16), np.float32))
