import json
import warnings

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError, ParameterError, ReducedModelWarning
from endcap.evaluation.comparison import BASELINES, METRICS
from endcap.evaluation.randomisation import holm
from endcap.models.popular import Popular


class TooBig(Popular):
    def _fit(self, data, progress):
        raise MemoryError("needs 99 GiB")


class Unsuitable(Popular):
    def _fit(self, data, progress):
        raise DataError("needs ratings")


class Reduced(Popular):
    def _fit(self, data, progress):
        super()._fit(data, progress)
        self.notes_ = ("took 5 of 60 items",)
        warnings.warn("took 5 of 60 items", ReducedModelWarning, stacklevel=2)


def test_a_model_that_knows_tastes_beats_best_sellers(new_things):
    model = ec.ItemKNN()
    comparison = ec.compare([model], new_things, test="4w", k=5)
    assert comparison.table["model"].to_list()[0] == "ItemKNN"
    assert set(comparison.table["model"]) == {"ItemKNN", *BASELINES}
    assert comparison.winner == "ItemKNN"
    assert comparison.details.exclude_seen
    assert comparison.details.repeat_share == 0
    assert comparison.verdict[0].startswith("ItemKNN beats Popular by ")
    for metric in METRICS:
        inside = comparison.table.select(
            ((pl.col(f"{metric}_low") <= pl.col(metric)) & (pl.col(metric) <= pl.col(f"{metric}_high"))).all()
        )
        assert inside.item()
    ours = (pl.col("model") == "ItemKNN") & (pl.col("versus") == "Popular") & (pl.col("metric") == "ndcg")
    difference = comparison.differences.filter(ours).row(0, named=True)
    by_table = dict(comparison.table.select("model", "ndcg").iter_rows())
    assert difference["difference"] == pytest.approx(by_table["ItemKNN"] - by_table["Popular"])
    assert difference["excludes_zero"]
    assert difference["low"] > 0
    assert difference["p_value"] < difference["p_adjusted"] < 0.05
    assert "interactions_" not in model.__dict__  # a copy was fitted
    assert comparison.models["ItemKNN"].recommend(0, k=3).height == 3


def test_repeats_count_where_there_are_many(same_things):
    comparison = ec.compare(ec.Popular(), same_things, k=5)
    assert not comparison.details.exclude_seen
    assert comparison.details.repeat_share > 0.5
    assert comparison.winner == "BuyAgain"
    assert set(comparison.table["model"]) == set(BASELINES)
    as_asked = ec.compare(ec.Popular(), same_things, k=5, exclude_seen=True)
    assert as_asked.details.exclude_seen_reason == "as asked for"
    own = as_asked.table.filter(pl.col("model") == "BuyAgain")
    assert own["fallback"].item() == 1  # nothing is left of own repeats, and best-sellers fill the places
    assert not any("BuyAgain" in line for line in as_asked.verdict)


def test_p_values_are_corrected_for_each_comparison_once(new_things):
    table = ec.compare([ec.ItemKNN(), ec.EASE()], new_things, k=5).differences.filter(pl.col("metric") == "ndcg")
    p = {frozenset(r[:2]): r[2:] for r in table.select("model", "versus", "p_value", "p_adjusted").iter_rows()}
    assert p[frozenset(["Popular", "BuyAgain"])] == (1, 1)  # the same lists: seen items are excluded
    own = {pair: values for pair, values in p.items() if "BuyAgain" not in pair}
    expected = holm(np.array([value for value, _ in own.values()]))
    assert [corrected for _, corrected in own.values()] == pytest.approx(expected.tolist())


def test_best_sellers_are_measured_right(new_things):
    comparison = ec.compare([], new_things, test="4w", k=5)
    train, test = ec.split_by_time(ec.Events(new_things), test="4w")
    model = ec.Popular().fit(train)
    seen = set(train.frame.select("user_id", "item_id").iter_rows())
    hits, found = {}, {}
    for user, item in set(test.frame.select("user_id", "item_id").iter_rows()) - seen:
        found.setdefault(user, set()).add(item)
    for user, items in found.items():
        hits[user] = len(items & set(model.recommend(user, k=5)["item_id"]))
    assert comparison.details.users == len(found)
    precision = dict(comparison.table.select("model", "precision").iter_rows())
    assert precision["Popular"] == pytest.approx(np.mean(list(hits.values())) / 5)


def test_the_same_seed_the_same_table(new_things):
    def timeless(seed):
        return ec.compare(ec.ItemKNN(), new_things, seed=seed).table.drop("fit_seconds", "recommend_seconds")

    assert timeless(1).equals(timeless(1))
    assert not timeless(1).equals(timeless(2))


def test_models_that_cannot_be_run_get_a_row(new_things):
    comparison = ec.compare([TooBig(), ec.ItemKNN(), Unsuitable()], new_things)
    notes = dict(comparison.table.select("model", "notes").iter_rows())
    assert notes["TooBig"] == "not run: not enough memory: needs 99 GiB"
    assert notes["Unsuitable"] == "not run: needs ratings"
    assert comparison.table["ndcg"].null_count() == 2
    assert "TooBig was not run: not enough memory: needs 99 GiB" in comparison.verdict
    assert set(comparison.models) == {"ItemKNN", *BASELINES}
    assert "TooBig" in repr(comparison)


def test_a_reduced_model_says_so_once(new_things):
    comparison = ec.compare(Reduced(), new_things)
    assert comparison.table.filter(pl.col("model") == "Reduced")["notes"].item() == "took 5 of 60 items"
    assert any(line.startswith("Popular and Reduced can't be told apart") for line in comparison.verdict)
    assert comparison.proposed == "Popular"
    assert comparison.verdict[0].startswith("No model beats best-sellers for everyone")


def test_models_of_one_class_are_told_apart(new_things):
    several = [ec.Popular(), ec.Popular(window="2w"), ec.Popular(window="2w")]
    names = set(ec.compare(several, new_things).table["model"])
    assert names == {"Popular", "Popular(window='2w')", "Popular(window='2w') #2", "BuyAgain", "Random"}
    named = ec.compare({"lately": ec.Popular(window="2w")}, new_things)
    assert set(named.table["model"]) == {"lately", "BuyAgain", "Random"}


def test_progress_goes_from_start_to_end(new_things):
    seen = []
    ec.compare(ec.ItemKNN(), new_things, progress=lambda what, share: seen.append((what, share)))
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert any(what.startswith("ItemKNN") for what, _ in seen)


def test_as_json_and_html(new_things):
    comparison = ec.compare({"<b>": ec.ItemKNN()}, new_things)
    data = json.loads(comparison.to_json())
    assert data["winner"] == "<b>"
    assert data["exclude_seen"] is True
    assert data["table"][0]["ndcg"] == comparison.table["ndcg"][0]
    assert "&lt;b&gt;" in comparison._repr_html_()
    assert "<b>" not in comparison._repr_html_()


def test_bad_arguments(new_things):
    with pytest.raises(ParameterError, match="k=0"):
        ec.compare(ec.Popular(), new_things, k=0)
    with pytest.raises(ParameterError, match="give models"):
        ec.compare([ec.Popular], new_things)
    with pytest.raises(ParameterError, match="kept for them"):
        ec.compare({"Popular": ec.ItemKNN()}, new_things)
    with pytest.raises(DataError, match="timestamp"):
        ec.compare(ec.Popular(), new_things.drop("timestamp"))


def test_movielens_where_most_people_came_only_once(public_data):
    comparison = ec.compare([ec.ItemKNN()], ec.read_events(public_data("ml100k")), test=0.2)
    details = comparison.details
    assert details.exclude_seen
    assert details.repeat_share == 0
    assert details.cold_users > details.users > 50
    assert dict(comparison.table.select("model", "ndcg").iter_rows())["Popular"] > 0.1
    assert comparison.winner in comparison.verdict[0]


def test_a_model_that_draws_by_chance_is_fitted_with_several_seeds(new_things):
    models = [ec.ItemKNN(), ec.ALS(factors=4, epochs=2, seed=7)]
    thrice = ec.compare(models, new_things, k=5)
    once = ec.compare(models, new_things, k=5, fits=1)
    assert dict(thrice.table.select("model", "fits").iter_rows()) == {
        "ItemKNN": 1, "ALS": 3, "Popular": 1, "BuyAgain": 1, "Random": 3
    }  # fmt: skip
    assert set(once.table["fits"]) == {1}
    ours = {c.table.filter(pl.col("model") == "ALS")["ndcg"].item() for c in (thrice, once)}
    assert len(ours) == 2  # the mean of three, and the first
    assert thrice.models["ALS"].seed == 7
    both = [
        c.table.filter(pl.col("model") == "ItemKNN").drop("fit_seconds", "recommend_seconds") for c in (thrice, once)
    ]
    assert both[0].equals(both[1])
    with pytest.raises(ParameterError, match="fits=0"):
        ec.compare(models, new_things, fits=0)


def test_copies_that_differ_in_the_seed_alone_are_one_model(new_things):
    models = {f"copy {seed}": ec.ALS(factors=8, seed=seed) for seed in range(4)}
    comparison = ec.compare(models, new_things, k=5)
    between = comparison.differences.filter(
        pl.col("model").str.starts_with("copy")
        & pl.col("versus").str.starts_with("copy")
        & (pl.col("metric") == "ndcg")
    )
    assert between.height == 3
    assert (between["p_adjusted"] > 0.05).all()


def test_events_without_times_are_compared_on_a_random_share_and_it_is_said():
    draws = np.random.default_rng(0)
    user = draws.integers(0, 80, 3000)
    item = (user % 4) * 25 + draws.integers(0, 25, 3000)
    events = ec.read_events(pl.DataFrame({"user_id": user, "item_id": item}))
    comparison = ec.compare([ec.ItemKNN()], events, test=0.2, k=5)
    assert comparison.details.train_end is None
    assert comparison.details.exclude_seen
    assert "no times" in comparison.details.exclude_seen_reason
    assert "drawn by chance" in str(comparison)
    ndcg = dict(comparison.table.select("model", "ndcg").iter_rows())
    assert ndcg["ItemKNN"] > 1.5 * ndcg["Popular"]
    with pytest.raises(DataError, match="timestamp"):
        ec.compare([ec.ItemKNN()], events, test="4w")
