from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.automatic.choice import choose, pick
from endcap.automatic.contest import Contestant
from endcap.data.events import Events
from endcap.errors import DataError


def contestant(name: str, values: np.ndarray | None, note: str = "") -> Contestant:
    return Contestant(name, {}, "", values, 1.0, note=note)


@pytest.mark.parametrize(("lead", "taken"), [(0.0008, "ItemKNN"), (0.0014, "ALS")])
def test_of_those_within_a_standard_error_of_the_best_the_simplest_is_taken(lead, taken):
    draws = np.random.default_rng(0)
    base = draws.random(2000)
    noise = draws.normal(0, 0.05, 2000)
    entries = [
        contestant("Popular", base * 0.2),
        contestant("ItemKNN", base + noise - noise.mean() - lead),  # the standard error is 0.05 / sqrt(2000) = 0.0011
        contestant("ALS", base),
    ]
    chosen, why = pick(entries, seed=0)
    assert chosen.name == taken
    assert ("simpler" in why) == (taken == "ItemKNN")


def test_simplicity_is_not_worth_more_than_3_percent_however_unsure_the_rest_is():
    draws = np.random.default_rng(0)
    base, noise = draws.random(2000), draws.normal(0, 2, 2000)
    for lead, taken in ((0.01, "ItemKNN"), (0.02, "ALS")):  # of a mean of 0.5; the standard error is 0.045
        entries = [contestant("ItemKNN", base + noise - noise.mean() - lead), contestant("ALS", base)]
        assert pick(entries, 0)[0].name == taken


def test_a_sure_lead_of_less_than_a_thousandth_is_no_gain():
    base = np.random.default_rng(0).random(2000)
    for share, taken in ((0.9995, "ItemKNN"), (0.998, "ALS")):
        assert pick([contestant("ItemKNN", base * share), contestant("ALS", base)], 0)[0].name == taken


def test_a_clear_lead_wins():
    base = np.random.default_rng(0).random(2000)
    chosen, why = pick(
        [contestant("Popular", base * 0.2), contestant("ItemKNN", base * 0.97), contestant("ALS", base)], 0
    )
    assert chosen.name == "ALS"
    assert "best NDCG" in why


def test_data_too_few_to_tell_models_apart_get_the_safe_one():
    draws = np.random.default_rng(0)
    chosen, why = pick([contestant("Popular", draws.random(20)), contestant("ALS", draws.random(20) + 0.02)], 0)
    assert chosen.name == "Popular"
    assert "too few to tell models apart" in why


def test_nothing_that_runs_is_an_error_that_says_why():
    with pytest.raises(DataError, match="ALS: no memory"):
        pick([contestant("ALS", None, "no memory")], 0)


def test_the_choice_finds_taste_where_there_is_some(taste_shop):
    events = taste_shop()
    choice = choose(events, test=timedelta(days=14), minutes=0.1, seed=0)
    assert choice.chosen.name not in ("Popular", "BuyAgain")
    table = choice.comparison.table
    ndcg = dict(table.select("model", "ndcg").iter_rows())
    assert ndcg[choice.chosen.name] > 1.5 * ndcg["Popular"]
    assert {"Popular", "BuyAgain", "Random", choice.chosen.name} <= set(ndcg)
    assert choice.remarks
    assert choice.table()["reason"].null_count() == 0


def test_the_choice_takes_the_safe_one_where_there_is_no_taste():
    draws = np.random.default_rng(1)
    n = 3000
    when = [datetime(2026, 1, 1) + timedelta(days=float(d)) for d in np.sort(draws.random(n)) * 100]
    events = ec.read_events(
        pl.DataFrame({"user_id": draws.integers(0, 200, n), "item_id": draws.geometric(0.05, n), "timestamp": when})
    )
    choice = choose(events, test=timedelta(days=14), minutes=0.05, seed=0)
    assert choice.chosen.name in ("Popular", "BuyAgain")


def test_the_newest_weeks_are_not_chosen_by(taste_shop):
    events = taste_shop()
    frame = events.frame
    end = frame["timestamp"].max()
    late = pl.col("timestamp") > end - timedelta(days=14)
    shuffled = frame.with_columns(item_id=pl.when(late).then(pl.col("item_id").reverse()).otherwise(pl.col("item_id")))
    choices = [choose(Events(f), test=timedelta(days=14), minutes=0, seed=0) for f in (frame, shuffled)]
    assert choices[0].chosen.name == choices[1].chosen.name
    assert [c.ndcg for c in choices[0].contestants] == pytest.approx(
        [c.ndcg for c in choices[1].contestants], nan_ok=True
    )
    assert choices[0].comparison.table["ndcg"].to_list() != choices[1].comparison.table["ndcg"].to_list()


def test_named_candidates_are_the_only_ones(taste_shop):
    choice = choose(taste_shop(), test=timedelta(days=14), minutes=0, candidates=["Popular", "ItemKNN"])
    assert [one.name for one in choice.contestants] == ["Popular", "ItemKNN"]


def test_it_is_over_in_time(taste_shop):
    import time

    start = time.perf_counter()
    choose(taste_shop(), test=timedelta(days=14), minutes=0.1)
    assert time.perf_counter() - start < 30


def test_where_nobody_comes_back_models_are_asked_by_what_visitors_do_first(visits):
    choice = choose(Events(visits(0, 60)), test=timedelta(days=10), minutes=0, seed=0)
    assert choice.traits.visitors
    assert choice.comparison.details.visitors
    assert any("hardly anyone comes back" in one for one in choice.remarks)
    assert {"Markov", "VMISKNN"} <= {one.name for one in choice.contestants}
    ndcg = dict(choice.comparison.table.select("model", "ndcg").iter_rows())
    assert ndcg[choice.chosen.name] > 5 * ndcg["Popular"]


def test_the_search_goes_on_from_what_an_earlier_choice_found(taste_shop):
    names, how = ["Popular", "UserKNN"], {"test": timedelta(days=14), "minutes": 0}
    fresh = choose(taste_shop(), candidates=names, **how)
    good, bad = {"neighbours": 30}, {"similarity": "asymmetric"}
    both = [choose(taste_shop(), candidates=names, earlier={"UserKNN": one}, **how) for one in (good, bad)]
    found = [next(one for one in choice.contestants if one.name == "UserKNN") for choice in (fresh, *both)]
    assert [one.trials for one in found] == [1, 2, 1]
    assert found[1].parameters == good
    assert found[1].ndcg > found[0].ndcg
    assert found[1].by_defaults == found[0].ndcg == found[2].ndcg
    assert both[0].tuned() == {"UserKNN": good}


def test_what_is_no_longer_searched_or_is_set_by_hand_is_not_taken_from_an_earlier_choice(taste_shop):
    choice = choose(
        taste_shop(),
        test=timedelta(days=14),
        minutes=0,
        candidates=["Popular", "UserKNN"],
        fixed={"UserKNN": {"neighbours": 30}},
        earlier={"UserKNN": {"neighbours": 20, "forgotten": 1, "alpha": 7.0}, "Gone": {"x": 1}},
    )
    knn = next(one for one in choice.contestants if one.name == "UserKNN")
    assert knn.parameters == {"neighbours": 30}
    assert knn.trials == 1
