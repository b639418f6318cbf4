"""What is said of an experiment."""

from datetime import timedelta

import polars as pl
import pytest

from endcap.monitor.experiment import judge
from endcap.monitor.words import verdict
from endcap.recommend.experiments import Experiment

REACTIONS = pl.DataFrame(schema={"user_id": pl.String, "event": pl.String, "at": pl.Datetime("us"), "count": pl.Int64})


def experiment(**said):
    return Experiment(surface="cart", variants={"a": {}, "b": {}}, **said)


def judged(shoppers, done, *, days=40, declared=None, reactions=REACTIONS):
    bought = done.with_columns(amount=pl.lit(1.0))
    by = {"revenue": done, "conversion": bought, "clicks": bought.clear()}
    start = shoppers["at"].min().replace(hour=0, minute=0, second=0, microsecond=0)
    now = start + timedelta(days=days - 1, hours=23)
    return judge("x", declared or experiment(), shoppers, by, reactions, now)


def test_a_change_that_is_there_is_found_in_every_metric_it_touches(world):
    result = judged(*world(0, per_day=500, rate=0.1, lift=0.3))
    gains = {gain.metric: gain for gain in result.gains}
    assert gains["revenue"].low > 0
    assert gains["revenue"].relative[1] < 0.3 < gains["revenue"].relative[2]
    assert gains["conversion"].low > 0
    assert verdict(result).startswith("b is better than a: +")
    assert "worse" in verdict(judged(*world(0, per_day=500, rate=0.1, lift=-0.3)))
    assert result.is_valid
    sure = result.sequence.drop_nulls()
    assert len(sure) > 30
    assert (sure["high"] - sure["low"])[0] > (sure["high"] - sure["low"])[-1]


def test_the_figures_are_those_of_the_shoppers(world):
    shoppers, done = world(2, per_day=50, days=20)
    first = shoppers["user_id"][0]
    reactions = pl.DataFrame(
        {"user_id": [first, first, "stranger"], "event": ["impression", "click", "click"], "count": [8, 2, 9]}
    )
    result = judged(shoppers, done, days=20, reactions=reactions)
    own = shoppers.join(done.group_by("user_id").agg(pl.sum("amount")), on="user_id", how="left")
    for row in result.variants.iter_rows(named=True):
        amounts = own.filter(pl.col("variant") == row["variant"])["amount"]
        assert row["shoppers"] == len(amounts)
        assert row["revenue"] == pytest.approx(amounts.fill_null(0).mean())
        assert row["conversion"] == pytest.approx(amounts.is_not_null().mean())
    seen = result.variants.filter(pl.col("variant") == shoppers["variant"][0]).row(0, named=True)
    assert (seen["impressions"], seen["clicks"], seen["click_through"]) == (8, 2, 0.25)


def test_numbers_that_are_not_as_planned_make_it_invalid(world):
    result = judged(*world(0, weights=(0.46, 0.54)))
    assert not result.is_valid
    assert verdict(result).startswith("invalid: a has")
    planned = Experiment(surface="cart", variants={"a": {"weight": 46}, "b": {"weight": 54}})
    assert judged(*world(0, weights=(0.46, 0.54)), declared=planned).is_valid


def test_early_on_nothing_is_said(world):
    shoppers, done = world(0, per_day=20, days=6)
    result = judged(shoppers, done, days=6)
    assert "too early to say" in verdict(result)
    assert result.sequence["low"].null_count() == 6
    none = judge("x", experiment(), shoppers.clear(), {}, REACTIONS, shoppers["at"].max())
    assert verdict(none) == "nobody was answered yet"
    assert none.to_dict()["variants"][0]["revenue"] is None


def test_no_difference_that_matters_and_the_days_to_go(world):
    shoppers, done = world(0, per_day=600, rate=0.2)
    equal = judged(shoppers, done, declared=experiment(metric="conversion", lift=0.2))
    assert "no difference of 20.0% or more" in verdict(equal)
    wide = judged(shoppers, done, declared=experiment(lift=0.02))
    assert "not decided yet" in verdict(wide)
    assert wide.days_to_go > 40
    assert f"{wide.days_to_go:,} more days to find 2.0%" in verdict(wide)
    over = judged(shoppers, done, declared=experiment(lift=0.02, running=False))
    assert "more days" not in verdict(over)


@pytest.mark.heavy
def test_looking_every_day_at_two_equal_variants_alarms_no_more_than_it_says(world):
    alarms = sum(
        any(
            (result.sequence[end] * sign > 0).any()
            for end, sign in (("low", 1), ("high", -1))
        )
        for seed in range(150)
        for result in [judged(*world(seed, per_day=60, days=30, rate=0.05), days=30)]
    )  # fmt: skip
    assert alarms / 150 <= 0.05
