from datetime import timedelta

import numpy as np
import pytest

from endcap.automatic.blending import blends
from endcap.errors import EndcapError
from endcap.evaluation.protocol import Protocol
from endcap.models.blend import Blend
from endcap.tuning.attempt import TimeIsUpError
from endcap.tuning.folds import folds_in_time

MODELS = [("ItemKNN", {"neighbours": 5}), ("Popular", {}), ("UserKNN", {"neighbours": 50})]


@pytest.fixture(scope="module")
def folds(taste_shop):
    return folds_in_time(
        taste_shop(users=150, per_taste=20), timedelta(days=14), Protocol(False, "as asked for"), shoppers=200
    )


def blended(folds, models=MODELS, seed=0):
    """Return the blends by what was added and whether weights were learned."""
    found = list(blends(models, folds, 10, seed, lambda _what, _share: None))
    return {(one.method, place % 2 == 1): one for place, one in enumerate(found)}


@pytest.fixture(scope="module")
def found(folds):
    return blended(folds)


@pytest.mark.parametrize("method", ["scores", "ranks"])
def test_every_shopper_is_measured_and_the_sum_is_no_worse_than_its_parts(folds, found, method):
    done = found[method, True]
    assert len(done.values) == sum(len(fold.task.queries) for fold in folds)
    assert sum(done.weights) == pytest.approx(1, abs=1e-3)
    assert len(done.models) == len(done.weights)
    model = Blend(models=done.models, weights=done.weights, method=method)
    whole = np.concatenate([fold.ndcg(model, 10) for fold in folds]).mean()
    single = [
        np.concatenate([fold.ndcg(Blend(models=[one], weights=[1.0]), 10) for fold in folds]).mean() for one in MODELS
    ]
    assert whole > 0.95 * max(single)
    # Nobody's figure has a part in the own weights, so it isn't flattered as that of the very same shoppers is.
    assert 0.7 * whole < done.values.mean() <= 1.02 * whole


@pytest.mark.parametrize("method", ["scores", "ranks"])
def test_equal_weights_are_those_of_the_first_three_and_measured_as_they_are(folds, method):
    done = blended(folds, [*MODELS, ("BuyAgain", {})])[method, False]
    assert (done.models, done.weights) == (MODELS, [pytest.approx(1 / 3)] * 3)
    alone = Blend(models=MODELS, weights=[1.0, 1.0, 1.0], method=method)
    np.testing.assert_allclose(done.values, np.concatenate([fold.ndcg(alone, 10) for fold in folds]), atol=1e-6)


def test_the_same_seed_gives_the_same_weights(folds):
    one, other = (blended(folds, seed=3)["scores", True] for _ in range(2))
    assert one.weights == other.weights
    np.testing.assert_array_equal(one.values, other.values)


def test_it_can_be_ended(folds):
    def over(_what, _share):
        raise TimeIsUpError("over")

    with pytest.raises(EndcapError, match="over"):
        next(blends([("ALS", {}), ("Popular", {})], folds, 10, 0, over))
