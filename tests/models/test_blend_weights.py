import numpy as np
import pytest

from endcap.data.arrays import IndexLists
from endcap.models.blend_opinions import Opinions
from endcap.models.blend_weights import _Ndcg, best_weights


def made(values, rows, items, relevant):
    pairs = [(row, item) for row, wanted in enumerate(relevant) for item in wanted]
    r, i = np.array(pairs).T
    lists = IndexLists.from_pairs(r, i.astype(np.int32), len(relevant))
    return Opinions(np.array(rows), np.array(items, np.int32), np.array(values, float)), lists


def test_ndcg_by_hand():
    # one shopper, two relevant items at places 1 and 3; the second shopper's only one isn't among the candidates
    candidates = made([[3.0], [2], [1], [1]], [0, 0, 0, 1], [5, 6, 7, 5], [[5, 7], [9]])
    expected = (1 + 0.5) / (1 + 1 / np.log2(3)) / 2
    assert _Ndcg(*candidates)(np.ones(1)).mean() == pytest.approx(expected)


def test_two_half_right_models_are_better_together():
    values = [[2, 0], [1, 0], [0, 0.4], [0, 0.1], [2, 0], [0, 3]]
    candidates = made(values, [0, 0, 0, 0, 1, 1], [1, 2, 3, 4, 1, 3], [[1, 3], [3]])
    measure = _Ndcg(*candidates)
    weights = best_weights(*candidates)
    assert (weights > 0).all()
    assert measure(weights).mean() > max(measure(w).mean() for w in np.eye(2))


def test_a_model_that_does_not_help_keeps_no_weight():
    rng = np.random.default_rng(0)
    rows, items = np.repeat(np.arange(50), 20), np.tile(np.arange(20), 50)
    relevant = [[int(i)] for i in rng.integers(0, 20, 50)]
    truth = np.array([items[p] in relevant[rows[p]] for p in range(len(rows))], float)
    candidates = made(np.column_stack([rng.random(len(rows)), truth]), rows, items, relevant)
    assert best_weights(*candidates).tolist() == [0, 1]
