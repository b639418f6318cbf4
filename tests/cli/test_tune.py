import json
import shutil
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest


@pytest.fixture
def shop(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "shop")
    return tmp_path / "shop"


def test_a_page_figures_and_the_trials(endcap, shop):
    done = endcap("tune", "ItemKNN", "--trials", 12, "--shop", shop, "--json")
    assert done.code == 0, done.err
    assert done.json["model"] == "ItemKNN"
    assert len(done.json["curve"]) == 12
    assert done.json["written"] == {}
    assert json.loads((shop / "tuning.json").read_text())["parameters"] == done.json["parameters"]
    page = (shop / "tuning.html").read_text()
    for part in ("Best parameters", "What it is worth", "The search", "What mattered", "How this was done"):
        assert part in page
    assert (shop / "tuning" / "ItemKNN.jsonl").read_text().count("\n") == 13


def test_resume_goes_on_and_without_it_begins_anew(endcap, shop):
    asked = ("tune", "ItemKNN", "--shop", shop, "--json", "--trials")
    first = endcap(*asked, 3).json["trials"]
    more = endcap(*asked, 5, "--resume").json
    assert more["resumed"] == 3
    assert more["trials"][:3] == first
    assert len(more["trials"]) == 5
    assert endcap(*asked, 3).json["resumed"] == 0


def test_better_parameters_are_written_and_comments_stay(endcap, shop):
    file = shop / "endcap.toml"
    file.write_text(file.read_text() + "\n[models.ItemKNN]  # mine\nself_similarity = 0.0001\nthreads = 1\n")
    done = endcap("tune", "ItemKNN", "--trials", 15, "--shop", shop, "--write", "--json").json
    text = file.read_text()
    assert "# mine" in text
    assert "The settings of this shop" in text
    from endcap.config import Config

    assert done["defaults"]["self_similarity"] == 0.0001
    assert done["written"]
    assert Config.read(shop).models["ItemKNN"] == {"self_similarity": 0.0001, "threads": 1} | done["written"]


def test_a_rating_predictor_is_tuned_for_its_error_and_training_goes_on_with_what_was_written(endcap, tmp_path):
    draws = np.random.default_rng(0)
    n = 4000
    user, item = draws.integers(0, 60, n), draws.integers(0, 80, n)
    liked = 3 + np.sin(user) + np.cos(item) + draws.normal(0, 0.5, n)
    day = [datetime(2026, 1, 1) + timedelta(hours=int(h)) for h in np.sort(draws.integers(0, 2400, n))]
    table = {"user_id": user, "item_id": item, "rating": np.clip(np.round(liked), 1, 5), "timestamp": day}
    pl.DataFrame(table).write_csv(tmp_path / "ratings.csv")
    shop = tmp_path / "shop"
    assert endcap("init", shop, tmp_path / "ratings.csv").code == 0
    done = endcap("tune", "SVD", "--trials", 6, "--shop", shop, "--write", "--json")
    assert done.code == 0, done.err
    assert done.json["metric"] == "RMSE"
    assert done.json["test"]["tuned"]["value"] < 1.5
    file = shop / "endcap.toml"
    if not done.json["written"]:
        file.write_text(file.read_text() + "\n[models.SVD]\nfactors = 20\n")
    assert "[models.SVD]" in file.read_text()
    assert endcap("train", "--shop", shop, "--minutes", 0).code == 0


def test_ratings_are_asked_for_where_there_are_none(endcap, shop):
    done = endcap("tune", "SVD", "--trials", 3, "--shop", shop)
    assert done.code == 3  # it is the data that won't do
    assert "rating" in done.err


def test_an_unknown_model_is_told(endcap, shop):
    done = endcap("tune", "Magic", "--shop", shop)
    assert done.code == 4
    assert "Magic" in done.err


def test_the_text_says_what_to_make_of_it(endcap, shop):
    done = endcap("tune", "ItemKNN", "--trials", 3, "--shop", shop, "--write")
    assert done.code == 0, done.err
    assert "3 trials" in done.out
    assert "tuning.html" in done.out
