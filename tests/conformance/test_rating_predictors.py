"""What every rating predictor must do, whatever it is made of."""

import importlib
import signal
import threading
import time

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import sparse

import endcap as ec
from endcap.errors import DataError, IdTypeError, NotFittedError, ParameterError
from endcap.models import RATING_PREDICTORS
from endcap.models.parameters import parameters_of

VARIANTS = {
    "Baseline": [{}, {"method": "sgd"}],
    "KNN": [
        {},
        {"centre": "mean", "similarity": "cosine"},
        {"centre": "zscore", "similarity": "pearson", "by": "item"},
        {"centre": "zscore", "min_k": 2},
        {"centre": "baseline", "similarity": "pearson_baseline", "by": "item"},
        {"centre": "baseline", "similarity": "pearson_baseline"},
    ],
    "NMF": [{}, {"biased": True}],
    "SVD": [{"factors": 8}, {"factors": 8, "biased": False, "epochs": 300}],
}
CASES = [(name, values) for name in sorted(RATING_PREDICTORS) for values in VARIANTS.get(name, [{}])]


@pytest.fixture(params=CASES, ids=lambda case: "-".join([case[0], *(str(v) for v in case[1].values())]))
def make(request):
    """A function that makes a fresh predictor of each kind in turn."""
    name, values = request.param
    cls = getattr(importlib.import_module(RATING_PREDICTORS[name]), name)
    return lambda **more: cls(**{**values, **more})


@pytest.fixture(scope="module")
def table():
    """70 users' ratings of 30 items in half stars; users differ in generosity, items in quality, both in taste."""
    rng = np.random.default_rng(11)
    quality, generosity = rng.normal(0, 0.7, 30), rng.normal(0, 0.5, 70)
    taste = rng.choice([-0.5, 0.5], 70)[:, None] * rng.choice([-0.5, 0.5], 30)
    truth = 3 + quality + generosity[:, None] + 2 * taste + rng.normal(0, 0.2, (70, 30))
    rating = np.clip(np.round(truth * 2) / 2, 0.5, 5)
    u, i = np.nonzero(rng.random((70, 30)) < 0.5)
    return pl.DataFrame({"user_id": [f"u{n}" for n in u], "item_id": i + 100, "rating": rating[u, i]})


@pytest.fixture(scope="module")
def ratings(table):
    return ec.Ratings.from_events(table, scale=(0.5, 5))


@pytest.fixture
def model(make, ratings):
    return make().fit(ratings)


@pytest.fixture(scope="module")
def everything(ratings):
    users, items = ratings.users.ids.to_list(), ratings.items.ids.to_list()
    return pl.DataFrame({"user_id": np.repeat(users, len(items)), "item_id": np.tile(items, len(users))})


def test_parameters_round_trip(make):
    model = make()
    again = type(model)(**parameters_of(model))
    assert repr(again) == repr(model)
    with pytest.raises(ParameterError, match="has no parameter 'factor'"):
        make(factor=3)


def test_asking_before_fit_says_so(make, everything):
    for ask in (lambda m: m.predict(everything), lambda m: m.recommend(), lambda m: m.save("nowhere")):
        with pytest.raises(NotFittedError, match="call fit first"):
            ask(make())


def test_a_table_in_the_same_table_out(model, everything):
    asked = everything.with_columns(note=pl.lit("kept")).sample(fraction=1, shuffle=True, seed=1)
    found = model.predict(asked)
    assert_frame_equal(found.select(asked.columns), asked)
    assert found.columns == [*asked.columns, "estimate", "was_known"]
    assert found["was_known"].all()
    assert found["estimate"].is_between(0.5, 5).all()
    straight = model.predict(everything)
    assert_frame_equal(found.drop("note").sort("user_id", "item_id"), straight.sort("user_id", "item_id"))
    assert len(model.predict(everything.head(0))) == 0


def test_a_saved_predictor_answers_the_same(model, everything, table, tmp_path):
    model.save(tmp_path / "a.model")
    again = ec.load(tmp_path / "a.model")
    assert repr(again) == repr(model)
    assert_frame_equal(again.predict(everything), model.predict(everything), check_exact=True)
    visitor = table.head(9).with_columns(user_id=pl.lit("visitor"))
    asked = everything.head(30).with_columns(user_id=pl.lit("visitor"))
    assert_frame_equal(again.predict(asked, ratings=visitor), model.predict(asked, ratings=visitor), check_exact=True)
    assert again.ratings_.fingerprint() == model.ratings_.fingerprint()
    assert again.ratings_.scale == model.ratings_.scale


def test_same_seed_same_answer_whatever_the_threads(make, ratings, everything):
    if "threads" not in parameters_of(make()):
        one, two = make().fit(ratings), make().fit(ratings)
    else:
        one, two = (make(threads=n).fit(ratings) for n in (1, 2))
    assert_frame_equal(one.predict(everything), two.predict(everything), check_exact=True)


def test_fitting_twice_equals_fitting_once(make, ratings, everything):
    once = make().fit(ratings).predict(everything)
    model = make().fit(sparse.csr_array(np.arange(1.0, 13).reshape(3, 4)))
    assert_frame_equal(model.fit(ratings).predict(everything), once, check_exact=True)


def test_inputs_are_not_written_to(make, table, everything):
    ratings = ec.Ratings.from_events(table, scale=(0.5, 5))
    for array in (ratings.matrix.data, ratings.matrix.indices, ratings.matrix.indptr):
        array.flags.writeable = False
    model = make().fit(ratings)
    before = model.predict(everything)
    visitors = ec.Ratings.from_events(table.head(40), scale=(0.5, 5))
    for array in (visitors.matrix.data, visitors.matrix.indices, visitors.matrix.indptr):
        array.flags.writeable = False
    model.predict(everything, ratings=visitors)
    assert_frame_equal(model.predict(everything), before, check_exact=True)


def test_unknown_users_and_items_get_an_estimate_and_are_marked(model):
    asked = pl.DataFrame({"user_id": ["u1", "nobody", "nobody"], "item_id": [999, 100, 999]})
    found = model.predict(asked)
    assert found["was_known"].to_list() == [False, False, False]
    assert found["estimate"].is_between(0.5, 5).all()
    assert found["estimate"].is_finite().all()


def test_ids_of_another_type_are_an_error(model):
    with pytest.raises(IdTypeError):
        model.predict(pl.DataFrame({"user_id": ["u1"], "item_id": ["100"]}))
    with pytest.raises(IdTypeError):
        model.predict(pl.DataFrame({"user_id": [1], "item_id": [100]}))
    numbered = pl.DataFrame({"user_id": [1], "item_id": [100], "rating": [3.0]})
    with pytest.raises(IdTypeError):
        model.predict(pl.DataFrame({"user_id": ["u1"], "item_id": [100]}), ratings=numbered)


def test_a_missing_column_is_named(model):
    with pytest.raises(DataError, match="item_id"):
        model.predict(pl.DataFrame({"user_id": ["u1"]}))


def test_one_user_and_one_item(make):
    alone = pl.DataFrame({"user_id": ["a"], "item_id": ["x"], "rating": [2.5]})
    model = make().fit(alone)
    assert model.predict(alone)["estimate"].to_list() == [2.5]  # the scale has no other value
    assert model.predict(pl.DataFrame({"user_id": ["b"], "item_id": ["y"]}))["estimate"].to_list() == [2.5]


def test_half_stars_count(make):
    """Everybody gives item 1 half a star more than item 0."""
    rng = np.random.default_rng(3)
    low = rng.choice([1.0, 2.0, 3.0], 40)
    matrix = np.stack([low, low + 0.5], axis=1)
    u, i = np.nonzero(np.ones((40, 2)))
    rated = ec.Ratings.from_events(
        pl.DataFrame({"user_id": u, "item_id": i, "rating": matrix[u, i]}).filter(
            (pl.col("user_id") > 0) | (pl.col("item_id") == 0)
        ),
        scale=(0.5, 5),
    )
    whole = ec.Ratings.from_matrix(sparse.csr_array(np.floor(rated.matrix.toarray())), scale=(0.5, 5))
    assert sorted(set(rated.matrix.data.tolist()) - {1.0, 2.0, 3.0}) == [1.5, 2.5, 3.5]
    asked = pl.DataFrame({"user_id": u, "item_id": i})
    differ = make().fit(rated).predict(asked)["estimate"] - make().fit(whole).predict(asked)["estimate"]
    assert differ.abs().max() > 0.01


def test_a_visitor_is_predicted_from_the_ratings_given(make, table, ratings, everything):
    """A user left out of training gets from the fold-in about what training would have given."""
    errors = {"folded": [], "unknown": []}
    for user in ("u3", "u21", "u40", "u64"):
        theirs = table.filter(pl.col("user_id") == user)
        given, hidden = theirs.head(len(theirs) // 2 + 1), theirs.tail(len(theirs) - len(theirs) // 2 - 1)
        rest = ec.Ratings.from_events(table.filter(pl.col("user_id") != user), scale=(0.5, 5))
        model = make().fit(rest)
        folded = model.predict(hidden, ratings=given)
        assert folded["was_known"].all()
        unknown = model.predict(hidden)
        assert not unknown["was_known"].any()
        for name, found in (("folded", folded), ("unknown", unknown)):
            errors[name].extend((found["estimate"] - hidden["rating"]).to_list())
    if type(make()).__name__ == "RandomRating":
        return
    folded, unknown = (np.sqrt(np.mean(np.square(errors[name]))) for name in ("folded", "unknown"))
    assert folded < unknown


def test_ratings_given_replace_those_of_a_known_user_alone(model, table, everything):
    given = table.filter(pl.col("user_id") == "u5").with_columns(rating=5.5 - pl.col("rating"))
    before, after = model.predict(everything), model.predict(everything, ratings=given)
    others = pl.col("user_id") != "u5"
    assert_frame_equal(after.filter(others), before.filter(others), check_exact=True)
    if type(model).__name__ != "RandomRating":
        assert not after.filter(~others)["estimate"].equals(before.filter(~others)["estimate"])


def test_ratings_of_unknown_items_tell_nothing(model):
    given = pl.DataFrame({"user_id": ["new"], "item_id": [999], "rating": [5.0]})
    found = model.predict(pl.DataFrame({"user_id": ["new"], "item_id": [100]}), ratings=given)
    assert np.isfinite(found["estimate"].to_numpy()).all()


def test_given_ratings_must_be_on_the_scale(model):
    given = pl.DataFrame({"user_id": ["new"], "item_id": [100], "rating": [9.0]})
    with pytest.raises(DataError, match="scale"):
        model.predict(pl.DataFrame({"user_id": ["new"], "item_id": [100]}), ratings=given)


def test_recommend_ranks_unseen_items_by_estimate(model, ratings):
    found = model.recommend("u7", k=3)
    assert found["rank"].to_list() == [1, 2, 3]
    seen = ratings.items.decode(ratings.matrix[[ratings.users.encode(["u7"])[0]]].indices)
    assert not set(found["item_id"]) & set(seen)
    everyone = model.recommend(k=3)
    assert everyone.filter(pl.col("user_id") == "u7")["item_id"].to_list() == found["item_id"].to_list()
    assert found["score"].is_sorted(descending=True)


def test_a_failed_fit_leaves_the_model_as_it_was(model, table, everything):
    before = model.predict(everything)
    bad = table.with_columns(rating=pl.when(pl.int_range(pl.len()) == 3).then(float("nan")).otherwise("rating"))
    with pytest.raises(DataError, match="NaN or infinite, the first in row 4"):
        model.fit(bad)
    assert_frame_equal(model.predict(everything), before, check_exact=True)


@pytest.mark.parametrize(
    "large",
    [lambda: ec.SVD(epochs=10_000), lambda: ec.SVDpp(epochs=10_000), lambda: ec.NMF(epochs=100_000)],
    ids=["SVD", "SVDpp", "NMF"],
)
def test_ctrl_c_is_heard(large, ratings):
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    model = large()
    timer.start()
    start = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        model.fit(ratings)
    assert time.perf_counter() - start < 3
    assert "ratings_" not in model.__dict__
