import pytest

from endcap.compat.surprise import Prediction, accuracy


def predictions(*pairs):
    return [Prediction(user, 0, actual, estimate, {}) for user, actual, estimate in pairs]


def test_figures_and_what_is_printed(capsys):
    made = predictions(("a", 3.0, 4.0), ("a", 1.0, 1.0), ("b", 5.0, 2.0))
    assert accuracy.mse(made) == pytest.approx(10 / 3)
    assert accuracy.rmse(made) == pytest.approx((10 / 3) ** 0.5)
    assert accuracy.mae(made) == pytest.approx(4 / 3)
    assert accuracy.fcp(made) == 1
    assert capsys.readouterr().out == "MSE: 3.3333\nRMSE: 1.8257\nMAE:  1.3333\nFCP:  1.0000\n"


def test_nothing_to_measure():
    with pytest.raises(ValueError, match="empty"):
        accuracy.rmse([])
    with pytest.raises(ValueError, match="two different ratings"):
        accuracy.fcp(predictions(("a", 3.0, 4.0), ("a", 3.0, 1.0)))
