"""The model's age, and click-through against the forecast."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from endcap.monitor.reading import Bounds
from endcap.monitor.standing import Version, click_through, model_age

NOW = datetime(2026, 3, 6)
OLD, NEW = (Version(name, NOW - timedelta(days=9), ndcg) for name, ndcg in (("old", 0.2), ("new", 0.22)))
BOUNDS = Bounds(0.8, 0.5, low_is_bad=True)


def test_a_model_ages_only_where_there_is_something_to_learn():
    bounds = Bounds(7, 30)
    assert model_age("model_age", NEW, 0, NOW, bounds).state == "fine"
    found = model_age("model_age", NEW, 12, NOW, bounds)
    assert (found.state, found.figure) == ("warn", 9)
    assert "12 events" in found.told


def sums(shown_old, clicked_old, shown_new, clicked_new):
    rows = [("impression", "old", shown_old), ("click", "old", clicked_old),
            ("impression", "new", shown_new), ("click", "new", clicked_new)]  # fmt: skip
    return pl.DataFrame(rows, schema={"name": pl.String, "kind": pl.String, "value": pl.Float64}, orient="row")


@pytest.mark.parametrize(("clicks", "state"), [(1100, "fine"), (900, "fine"), (700, "warn"), (400, "alarm")])
def test_the_evaluation_foretells_how_click_through_changes(clicks, state):
    found = click_through("click_through", sums(50_000, 1000, 50_000, clicks), NEW, OLD, BOUNDS)
    assert found.state == state
    assert found.figure == pytest.approx(clicks / 1100, rel=0.01), "1,000 clicks x 0.22 / 0.2 are expected"


def test_chance_is_no_alarm():
    rng = np.random.default_rng(0)
    states = [
        click_through("click_through", sums(4000, 80, 2000, rng.binomial(2000, 0.022)), NEW, OLD, BOUNDS).state
        for _ in range(300)
    ]
    assert states.count("alarm") == 0
    assert states.count("warn") <= 3


def test_without_a_model_before_there_is_no_forecast():
    assert click_through("click_through", sums(0, 0, 9000, 300), NEW, None, BOUNDS).state == "unknown"
    assert click_through("click_through", sums(900, 9, 9000, 300), NEW, OLD, BOUNDS).state == "unknown"
