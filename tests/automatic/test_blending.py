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


@pytest.mark.parametrize("method", ["scores", "ranks"])
def test_every_shopper_is_measured_and_the_sum_is_no_worse_than_its_parts(folds, method):
    _, done = blends(MODELS, folds, 10, 0, method, lambda _what, _share: None)
    assert len(done.values) == sum(len(fold.task.queries) for fold in folds)
    assert sum(done.weights) == pytest.approx(1, abs=1e-3)
    assert len(done.models) == len(done.weights)
    model = Blend(models=done.models, weights=done.weights, method=method)
    found = np.concatenate([fold.ndcg(model, 10) for fold in folds]).mean()
    single = [
        np.concatenate([fold.ndcg(Blend(models=[one], weights=[1.0]), 10) for fold in folds]).mean() for one in MODELS
    ]
    assert found > 0.95 * max(single)
    # Nobody's figure has a part in the own weights, so it isn't flattered as that of the very same shoppers is.
    assert 0.7 * found < done.values.mean() <= 1.02 * found


def test_equal_weights_are_those_of_the_first_three_and_measured_as_they_are(folds):
    models = [*MODELS, ("BuyAgain", {})]
    done = next(blends(models, folds, 10, 0, "ranks", lambda _what, _share: None))
    assert (done.models, done.weights) == (MODELS, [pytest.approx(1 / 3)] * 3)
    alone = Blend(models=MODELS, weights=[1.0, 1.0, 1.0], method="ranks")
    np.testing.assert_allclose(done.values, np.concatenate([fold.ndcg(alone, 10) for fold in folds]), atol=1e-6)


def test_the_same_seed_gives_the_same_weights(folds):
    one, other = (list(blends(MODELS, folds, 10, 3, "scores", lambda _what, _share: None))[1] for _ in range(2))
    assert one.weights == other.weights
    np.testing.assert_array_equal(one.values, other.values)


def test_it_can_be_ended(folds):
    def over(_what, _share):
        raise TimeIsUpError("over")

    with pytest.raises(EndcapError, match="over"):
        next(blends([("ALS", {}), ("Popular", {})], folds, 10, 0, "scores", over))
