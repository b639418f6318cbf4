import numpy as np
import pytest
from scipy import sparse

from endcap.models.symmetric import Symmetric


def random_matrix(n, m, density=0.1):
    rng = np.random.default_rng(n + m)
    matrix = sparse.csr_array(sparse.random_array((n, m), density=density, rng=rng, dtype=np.float32))
    matrix.sort_indices()
    return matrix


@pytest.mark.parametrize(
    ("users", "items", "height"), [(1, 1, 4), (30, 7, 7), (30, 8, 7), (200, 61, 16), (50, 300, 256)]
)
@pytest.mark.parametrize("threads", [1, 2])
def test_gram_and_inverse_are_those_of_numpy(simd, users, items, height, threads):
    matrix = random_matrix(users, items)
    gram = Symmetric.gram(matrix, threads=threads, height=height)
    gram.add_to_diagonal(0.5)
    dense = matrix.toarray().astype(np.float64)
    expected = dense.T @ dense + 0.5 * np.eye(items)
    assert np.allclose(gram.diagonal(), np.diagonal(expected), rtol=1e-5)
    assert np.allclose(gram.scaled_square(np.ones(items, np.float32)), expected, rtol=1e-5, atol=1e-6)
    shares = []
    gram.invert(threads=threads, progress=shares.append)
    assert shares[0] == 0
    assert len(shares) == -(-items // height)
    scale = np.arange(1, items + 1, dtype=np.float32)
    assert np.allclose(gram.scaled_square(scale), np.linalg.inv(expected) * scale, rtol=1e-3, atol=1e-4)


def test_threads_do_not_change_a_bit():
    matrix = random_matrix(400, 700)
    found = []
    for threads in (1, 2):
        gram = Symmetric.gram(matrix, threads=threads, height=64)
        gram.add_to_diagonal(2.0)
        gram.invert(threads=threads)
        found.append(gram.values)
    assert np.array_equal(*found)


def test_what_is_not_positive_definite_is_refused():
    gram = Symmetric.gram(random_matrix(10, 40), height=16)
    gram.add_to_diagonal(-1.0)
    with pytest.raises(np.linalg.LinAlgError):
        gram.invert()
