"""BPR, WARP and LogisticMF as models: what they learn, and that nothing but the data and the seed decides it."""

import numpy as np
import pytest
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

MODELS = [ec.BPR, ec.WARP, ec.LogisticMF]


def shop(users=600, items=400, seed=1):
    """Random tastes in a space of four dimensions: who is near an item takes it."""
    rng = np.random.default_rng(seed)
    near = rng.normal(size=(users, 4)) @ rng.normal(size=(4, items)) + rng.normal(size=(users, items))
    taken = near > np.quantile(near, 0.95)
    held_out = taken & (rng.random(taken.shape) < 0.2)
    return sparse.csr_array((taken & ~held_out).astype(np.float32)), held_out


def recall(model, data, held_out, k=20):
    top, _ = model.answer(Queries.of_everyone(data), k)
    found = np.take_along_axis(held_out, top.items, axis=1).sum(axis=1)
    asked = held_out.any(axis=1)
    return (found[asked] / np.minimum(held_out.sum(axis=1)[asked], k)).mean()


@pytest.mark.parametrize("cls", MODELS)
def test_held_out_items_are_found(cls):
    matrix, held_out = shop()
    data = Interactions.from_matrix(matrix)
    best_sellers = recall(ec.Popular().fit(data), data, held_out)
    assert recall(cls(factors=16).fit(data), data, held_out) > max(0.6, 2 * best_sellers)


@pytest.mark.parametrize("cls", MODELS)
def test_vectors_are_the_same_on_one_two_and_three_threads(cls):
    matrix, _ = shop()  # four blocks
    fits = [cls(factors=20, epochs=3, threads=n).fit(matrix) for n in (1, 2, 3)]
    for name in ("item_factors_", "user_factors_"):
        one, *others = (getattr(model, name) for model in fits)
        assert one.shape[1] == 20
        assert all(np.array_equal(one, other) for other in others)
    other_seed = cls(factors=20, epochs=3, seed=1).fit(matrix)
    assert not np.array_equal(other_seed.item_factors_, fits[0].item_factors_)


@pytest.mark.parametrize("cls", MODELS)
def test_a_visitor_gets_what_a_user_with_that_history_gets(cls):
    matrix, _ = shop()
    model = cls(factors=16, epochs=5).fit(matrix)
    own = matrix[[7]].indices.tolist()
    known, visitor = model.recommend(7, k=10), model.recommend(history=own, k=10)
    assert known["item_id"].to_list() == visitor["item_id"].to_list()
    assert np.allclose(known["score"], visitor["score"], rtol=1e-5)


def test_weights_count_for_logistic_mf_alone():
    matrix, _ = shop()
    heavy = matrix.copy()
    heavy.data[::2] = 9
    for cls, alike in ((ec.BPR, True), (ec.WARP, True), (ec.LogisticMF, False)):
        plain, other = (cls(factors=16, epochs=2).fit(m).item_factors_ for m in (matrix, heavy))
        assert np.array_equal(plain, other) == alike
    constant = [ec.LogisticMF(factors=16, epochs=2, confidence="constant").fit(m) for m in (matrix, heavy)]
    assert np.array_equal(*(model.item_factors_ for model in constant))
