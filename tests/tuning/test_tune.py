import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.data.ratings import Ratings
from endcap.errors import DataError, ParameterError
from endcap.evaluation.rating_metrics import rmse
from endcap.tuning import folds as folds_module


def figures(tuning):
    return [(one.parameters, one.steps) for one in tuning.search.tried]


def test_the_same_seed_finds_the_same(shop):
    one, two, other = (ec.tune(ec.ItemKNN, shop(), trials=12, test="10d", seed=seed) for seed in (1, 1, 2))
    assert figures(one) == figures(two) != figures(other)
    assert one.final == two.final
    assert one.importance == two.importance
    assert sum(one.importance.values()) == pytest.approx(1)


def test_trials_side_by_side_are_as_repeatable_and_as_good(ratings):
    one, two = (ec.tune(ec.SVD, ratings(), trials=9, parallel=2, seed=1) for _ in range(2))
    assert figures(one) == figures(two)
    assert len(one.search.tried) == 9


def test_the_test_window_is_never_seen_by_the_search(shop):
    frame = shop().frame
    late = pl.col("timestamp") > frame["timestamp"].max() - timedelta(days=10)
    other = frame.with_columns(item_id=pl.when(late).then((pl.col("item_id") * 7) % 30).otherwise(pl.col("item_id")))
    one, two = (ec.tune(ec.ItemKNN, table, trials=10, test="10d") for table in (frame, other))
    assert figures(one) == figures(two)
    assert one.parameters == two.parameters
    assert one.validation == two.validation
    assert one.final != two.final


def test_the_newest_ratings_are_never_seen_by_the_search(ratings):
    frame = ratings().frame
    late = pl.int_range(pl.len()) >= round(0.8 * len(frame))
    other = frame.with_columns(rating=pl.when(late).then(6 - pl.col("rating")).otherwise(pl.col("rating")))
    one, two = (ec.tune(ec.Baseline, table, trials=8) for table in (frame, other))
    assert figures(one) == figures(two)
    assert one.final != two.final


def test_the_figures_are_those_of_a_fit_by_hand(ratings):
    events = ratings()
    tuning = ec.tune(ec.Baseline, events, trials=8)
    train, test = ec.split_by_time(events, test=0.2)
    hidden = Ratings.from_events(test).pairs()  # of repeated ratings the last counts
    found = tuning.search.model(**tuning.parameters).fit(train).predict(hidden)
    assert tuning.final.figures["tuned"].value == pytest.approx(rmse(found["rating"], found["estimate"]))
    gain = tuning.final.figures["defaults"].value - tuning.final.figures["tuned"].value
    assert tuning.final.gain.value == pytest.approx(gain)
    assert tuning.final.gain.low <= gain <= tuning.final.gain.high


def test_figures_of_recommenders_are_those_of_compare(shop):
    events = shop()
    tuning = ec.tune(ec.ItemKNN, events, trials=5, test="10d", exclude_seen=False)
    tuned = ec.ItemKNN(**tuning.parameters)
    table = ec.compare({"defaults": ec.ItemKNN(), "tuned": tuned}, events, test="10d", exclude_seen=False).table
    ndcg = dict(table.select("model", "ndcg").iter_rows())
    for name, one in tuning.final.figures.items():
        assert one.value == pytest.approx(ndcg[name]), name


def test_a_gain_that_is_there_is_found_and_said(ratings):
    tuning = ec.tune(ec.Baseline, ratings(users=150), start={"user_regularization": 50.0}, trials=20)
    assert tuning.final.is_certain
    assert tuning.proposed["user_regularization"] < 50
    assert tuning.new().user_regularization == tuning.parameters["user_regularization"]
    assert "use " in tuning.verdict[0]
    assert tuning.optimism == pytest.approx(tuning.promised - tuning.final.gain.value)


def test_defaults_that_are_as_good_are_kept(shop):
    tuning = ec.tune(ec.ItemKNN, shop(), trials=8, test="10d")  # best-sellers are all there is
    assert not tuning.final.is_certain
    assert tuning.proposed == {}
    assert "efaults" in tuning.verdict[0]
    assert tuning.new().neighbours == ec.ItemKNN().neighbours


def test_ratings_without_times_are_parted_by_chance(ratings):
    table = ratings().frame.drop("timestamp")
    one, two, other = (ec.tune(ec.Baseline, table, trials=3, seed=seed) for seed in (0, 0, 1))
    assert one.final == two.final != other.final
    assert "random parts" in one.how[0]


def test_fixed_parameters_stay_and_start_ones_come_first(ratings):
    tuning = ec.tune(ec.SVD, ratings(), trials=4, fixed={"factors": 4}, start={"epochs": 7, "seed": 5})
    assert "factors" not in tuning.parameters
    assert tuning.defaults["epochs"] == 7
    assert tuning.fixed == {"factors": 4, "seed": 5}


def test_it_may_start_outside_of_the_space(ratings):
    rates = {"user_bias": 0.01}
    tuning = ec.tune(ec.SVD, ratings(), trials=4, start={"factors": 300, "learning_rate": rates, "regularization": 0.0})
    assert tuning.defaults["factors"] == 300
    assert tuning.fixed == {"learning_rate": rates, "regularization": 0.0}


def test_to_dict_is_json(shop, tmp_path):
    tuning = ec.tune(ec.Popular, shop(), trials=6, test="10d")
    told = json.loads(tuning.write(tmp_path / "t.json").read_text())
    assert told["parameters"] == tuning.parameters
    assert len(told["curve"]) == 6
    assert set(told["test"]) == {"defaults", "tuned", "Popular", "BuyAgain"}


def test_large_data_begin_on_a_part_of_the_shoppers(shop, monkeypatch):
    plain = ec.tune(ec.ItemKNN, shop(), trials=15, test="10d")
    monkeypatch.setattr(folds_module, "RUNGS", ((1000, 1 / 2),))
    halved = ec.tune(ec.ItemKNN, shop(), trials=15, test="10d")
    ended = [one for one in halved.search.tried if "worse half" in one.note]
    assert ended
    assert all(len(one.steps) == 1 for one in ended)
    assert len(halved.search.tried[0].steps) == len(plain.search.tried[0].steps) + 1
    assert halved.validation["defaults"] == plain.validation["defaults"]


KILLED = """
    import os, signal, sys
    import numpy as np, polars as pl
    import endcap as ec
    from endcap.models.rating_predictor import RatingPredictor

    fits = 0
    fit = RatingPredictor.fit
    def counted(self, *args, **named):
        global fits
        fits += 1
        with open(sys.argv[2], "a") as file:
            file.write("fit\\n")
        return fit(self, *args, **named)
    RatingPredictor.fit = counted
    tuning = ec.tune(ec.SVD, pl.read_parquet(sys.argv[1]), trials=12, seed=3, storage=sys.argv[3])
    print(len(tuning.search.tried), tuning.search.resumed)
"""


def test_after_a_kill_it_goes_on_where_it_was_and_finds_the_same(ratings, tmp_path):
    table = ratings(users=150, n=20_000).frame
    table.write_parquet(tmp_path / "ratings.parquet")
    (tmp_path / "run.py").write_text(textwrap.dedent(KILLED))
    fits, journal = tmp_path / "fits", tmp_path / "search.jsonl"
    command = [sys.executable, tmp_path / "run.py", tmp_path / "ratings.parquet", fits, journal]
    running = subprocess.Popen(command)
    patience = time.monotonic() + 120
    while not journal.exists() or journal.read_bytes().count(b"\n") < 5:
        assert running.poll() is None, "it ended before it was killed"
        assert time.monotonic() < patience
        time.sleep(0.002)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    kept = journal.read_bytes().count(b"\n") - 1
    assert 4 <= kept < 12
    before = fits.read_text().count("fit")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["12", str(kept)]
    whole = ec.tune(ec.SVD, table, trials=12, seed=3)
    steps = sum(len(one.steps) for one in whole.search.tried[kept:])
    assert fits.read_text().count("fit") - before == steps + len(whole.final.figures)  # none of the first ones again
    resumed = ec.tune(ec.SVD, table, trials=12, seed=3, storage=journal)
    assert figures(resumed) == figures(whole)
    assert resumed.final == whole.final
    assert resumed.search.resumed == 12


def test_a_file_of_other_data_is_refused(ratings, tmp_path):
    ec.tune(ec.Baseline, ratings(), trials=2, storage=tmp_path / "a.jsonl")
    with pytest.raises(DataError, match="is of another search"):
        ec.tune(ec.Baseline, ratings(seed=9), trials=2, storage=tmp_path / "a.jsonl")
    with pytest.raises(DataError, match="is of another search"):
        ec.tune(ec.Baseline, ratings(), trials=2, storage=tmp_path / "a.jsonl", seed=1)


@pytest.mark.parametrize(
    ("model", "named", "message"),
    [
        (ec.Markov, {}, "Markov has nothing to search"),
        (ec.SVD(), {}, "takes the class of a model"),
        (ec.Baseline, {"trials": 0}, "trials=0 won't do"),
        (ec.Baseline, {"parallel": 0}, "parallel=0 won't do"),
        (ec.Baseline, {"fixed": {"factors": 3}}, "has no parameter 'factors'"),
        (ec.Baseline, {"test": "4w"}, "give a share"),
    ],
)
def test_what_can_not_be_is_refused(model, named, message, ratings):
    with pytest.raises(ParameterError, match=message):
        ec.tune(model, ratings().frame.drop("timestamp"), **named)


def test_a_model_that_can_not_be_run_is_told(ratings, monkeypatch):
    def no_memory(self, data, progress):
        raise MemoryError("3 GB are needed")

    monkeypatch.setattr(ec.Baseline, "_fit", no_memory)
    with pytest.raises(DataError, match="no trial of Baseline could be run: not enough memory: 3 GB"):
        ec.tune(ec.Baseline, ratings(), trials=2)


def test_real_ratings(public_data):
    table = public_data("ml_small")
    tuning = ec.tune(ec.Baseline, ec.read_events(table), trials=20)
    assert tuning.validation["tuned"] <= tuning.validation["defaults"]
    assert 0.7 < tuning.final.figures["tuned"].value < 1.2
    assert not np.isnan(tuning.final.gain.low)
