import numpy as np
import pytest

from endcap.compat.surprise import similarities

LISTS = {0: [(0, 3), (1, 3), (3, 1.5)], 1: [(0, 4), (1, 4), (3, 2)], 2: [(2, 5), (3, 2)], 3: [(1, 1), (0, 4), (2, 3)]}


@pytest.mark.parametrize("name", ["cosine", "msd", "pearson"])
@pytest.mark.parametrize("support", [1, 2, 3])
def test_same_as_surprise(theirs, name, support):
    expected = getattr(theirs.similarities, name)(4, LISTS, support)
    np.testing.assert_allclose(getattr(similarities, name)(4, LISTS, support), expected, atol=1e-12)


@pytest.mark.parametrize("support", [1, 3])
def test_pearson_baseline_same_as_surprise(theirs, support):
    x, y = np.array([0.1, -0.2, 0.3, 0.4]), np.array([0.5, 0.25, -0.125, 0.0])
    expected = theirs.similarities.pearson_baseline(4, LISTS, support, 3.0, x, y, 10)
    found = similarities.pearson_baseline(4, LISTS, support, 3.0, x, y, 10)
    np.testing.assert_allclose(found, expected, atol=1e-12)
