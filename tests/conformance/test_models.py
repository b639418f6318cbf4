"""What every recommender must do, whatever it is made of."""

import gc
import signal
import threading
import time

import numpy as np
import polars as pl
import psutil
import pytest
from polars.testing import assert_frame_equal
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import DataError, IdTypeError, NotFittedError, ParameterError, UnknownIdError, UnknownItemWarning
from endcap.models.parameters import parameters_of


def seen_by(data, user):
    row = data.users.encode([user])[0]
    return set(data.items.decode(data.matrix[[row]].indices).to_list())


@pytest.fixture
def model(make, two_tastes):
    return make().fit(two_tastes)


# -- parameters and saving ---------------------------------------------------------------------------------


def test_parameters_round_trip(make):
    model = make()
    again = type(model)(**parameters_of(model))
    assert parameters_of(again) == parameters_of(model)
    assert repr(again) == repr(model)


def test_an_unknown_parameter_is_refused_by_name(make):
    with pytest.raises(ParameterError, match="has no parameter 'factor'"):
        make(factor=3)


def test_asking_before_fit_says_so(make):
    for ask in (lambda m: m.recommend("a"), lambda m: m.similar_items("a"), lambda m: m.save("nowhere")):
        with pytest.raises(NotFittedError, match="call fit first"):
            ask(make())


def test_a_saved_model_answers_the_same(model, tmp_path):
    model.save(tmp_path / "a.model")
    again = ec.load(tmp_path / "a.model")
    assert repr(again) == repr(model)
    assert_frame_equal(again.recommend(k=7), model.recommend(k=7), check_exact=True)
    assert_frame_equal(again.recommend(history=["i03"]), model.recommend(history=["i03"]), check_exact=True)
    assert_frame_equal(again.similar_items("i05"), model.similar_items("i05"), check_exact=True)
    assert_frame_equal(again.explain("u03", "i05"), model.explain("u03", "i05"), check_exact=True)
    assert again.interactions_.fingerprint() == model.interactions_.fingerprint()


def test_what_is_learned_has_positions_of_32_bits(model):
    # Kernels read those; wider ones would be converted for every answer.
    for name in model._learned:
        if sparse.issparse(value := getattr(model, name)):
            assert value.indices.dtype == value.indptr.dtype == np.int32


# -- determinism -------------------------------------------------------------------------------------------


def test_same_seed_same_answer_whatever_the_threads(make, two_tastes):
    parameters = parameters_of(make())
    if "threads" not in parameters:
        pytest.skip("has no threads")
    one, two = (type(make())(**{**parameters, "threads": n}).fit(two_tastes) for n in (1, 2))
    assert_frame_equal(one.recommend(k=10), two.recommend(k=10), check_exact=True)


def test_fitting_twice_equals_fitting_once(make, two_tastes):
    once = make().fit(two_tastes).recommend(k=10)
    model = make().fit(Interactions.from_matrix(sparse.random_array((9, 6), density=0.5, rng=1)))
    assert_frame_equal(model.fit(two_tastes).recommend(k=10), once, check_exact=True)


def test_the_input_is_not_written_to(make, two_tastes):
    before = two_tastes.fingerprint(), two_tastes.last_time.copy()
    make().fit(two_tastes).recommend(k=5)
    assert two_tastes.fingerprint() == before[0]
    assert np.array_equal(two_tastes.last_time, before[1])


def test_the_last_bit_of_a_batch_does_not_depend_on_its_size(model):
    everyone = model.recommend(k=10)
    for user in ("u00", "u17", "u59"):
        alone = model.recommend(user, k=10)
        among = everyone.filter(pl.col("user_id") == user).drop("user_id")
        assert_frame_equal(alone, among, check_exact=False, rel_tol=1e-5, abs_tol=1e-6)
        assert alone["item_id"].to_list() == among["item_id"].to_list()


# -- exactly k, of what may be recommended -----------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 5, 40, 1000])
def test_exactly_k_where_the_catalogue_allows_it(model, two_tastes, k):
    found = model.recommend(k=k, exclude_seen=False)
    counts = found.group_by("user_id").len()["len"]
    assert (counts == min(k, 40)).all()
    assert found.group_by("user_id").agg(pl.col("item_id").n_unique() == pl.len())["item_id"].all()


def test_seen_items_are_left_out(model, two_tastes):
    found = model.recommend(k=40, exclude_seen=True)
    for user in ("u00", "u17", "u59"):
        own = set(found.filter(pl.col("user_id") == user)["item_id"].to_list())
        seen = seen_by(two_tastes, user)
        assert not own & seen
        assert len(own) == 40 - len(seen)


def test_excluded_items_never_come_back(model):
    banned = ["i00", "i01", "i02", "unheard-of"]
    found = model.recommend(["u00", "u01"], k=40, exclude=banned, exclude_seen=False)
    assert not set(found["item_id"]) & set(banned)
    assert len(found) == 2 * 37
    own = model.recommend(["u00", "u01"], k=40, exclude=[["i00"], ["i01", "i02"]], exclude_seen=False)
    assert own.group_by("user_id").len().sort("user_id")["len"].to_list() == [39, 38]
    assert "i00" not in own.filter(pl.col("user_id") == "u00")["item_id"]


def test_only_candidates_are_recommended(model):
    allowed = ["i03", "i04", "i05", "i06", "unheard-of"]
    found = model.recommend(["u00", "u01"], k=4, candidates=allowed, exclude_seen=False)
    assert found.group_by("user_id").len()["len"].to_list() == [4, 4]
    assert set(found["item_id"]) == set(allowed[:4])
    own = model.recommend(["u00", "u01"], k=4, candidates=[["i03"], ["i04", "i05"]], exclude_seen=False)
    assert sorted(own.select("user_id", "item_id").rows()) == [("u00", "i03"), ("u01", "i04"), ("u01", "i05")]


def test_candidates_of_ones_own_score_like_shared_ones(model):
    allowed = [f"i{n:02}" for n in range(0, 40, 3)]
    shared = model.recommend("u05", k=6, candidates=allowed, exclude_seen=False)
    own = model.recommend(["u05"], k=6, candidates=[allowed], exclude_seen=False).drop("user_id")
    assert shared["item_id"].to_list() == own["item_id"].to_list()
    assert np.allclose(shared["score"], own["score"], rtol=1e-4, atol=1e-5)


def test_nothing_may_be_recommended(model):
    assert len(model.recommend("u00", candidates=[], exclude_seen=False)) == 0
    assert len(model.recommend("u00", candidates=["unheard-of"])) == 0


def test_scores_fall_and_ranks_rise(model):
    found = model.recommend(["u04"], k=40, exclude_seen=False)
    assert found["rank"].to_list() == list(range(1, 41))
    assert found.filter(~pl.col("fallback"))["score"].is_sorted(descending=True)


def test_scores_are_those_of_score(model):
    found = model.recommend("u04", k=10, exclude_seen=False).filter(~pl.col("fallback"))
    told = model.score("u04", found["item_id"])
    assert np.allclose(found["score"], told["score"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("k", [0, -1, 2.5, True, "10"])
def test_k_below_one_is_refused(model, k):
    with pytest.raises(ParameterError, match="k="):
        model.recommend("u00", k=k)
    with pytest.raises(ParameterError, match="k="):
        model.similar_items("i00", k=k)


# -- shoppers nobody has seen ------------------------------------------------------------------------------


def test_an_unknown_user_gets_best_sellers_and_is_told_so(model, two_tastes):
    found = model.recommend("stranger", k=5)
    best = ec.Popular().fit(two_tastes).recommend("stranger", k=5)
    assert found["item_id"].to_list() == best["item_id"].to_list()
    if model._personal:
        assert found["fallback"].all()


def test_a_known_and_an_unknown_user_together(model):
    found = model.recommend(["u00", "stranger", "u01"], k=3)
    assert found["user_id"].to_list() == ["u00"] * 3 + ["stranger"] * 3 + ["u01"] * 3
    alone = model.recommend("u01", k=3)
    assert found.filter(pl.col("user_id") == "u01")["item_id"].to_list() == alone["item_id"].to_list()


def test_a_visitor_is_served_from_a_history(model):
    found = model.recommend(history=["i03", "i09"], k=5)
    assert len(found) == 5
    several = model.recommend(history=[["i03", "i09"], [], ["i08"]], k=5)
    assert several.filter(pl.col("query") == 0)["item_id"].to_list() == found["item_id"].to_list()
    assert several.group_by("query").len()["len"].to_list() == [5, 5, 5]


def test_unknown_items_in_a_history_are_left_out_and_named(model):
    with pytest.warns(UnknownItemWarning, match="1 of 3 items in the history .* left out: 'unheard-of'"):
        with_unknown = model.recommend(history=["unheard-of", "i03", "i09"], k=5)
    assert_frame_equal(with_unknown, model.recommend(history=["i03", "i09"], k=5))
    with pytest.warns(UnknownItemWarning, match="2 of 3 items"):
        model.recommend(history=[["unheard-of"], ["i03", "unheard-of"]], k=5)
    with pytest.warns(UnknownItemWarning):
        model.explain(history=["unheard-of", "i03"], item="i05")


def test_an_empty_history_gets_best_sellers(model):
    found = model.recommend(history=[], k=5)
    assert len(found) == 5
    assert_frame_equal(found, model.recommend("stranger", k=5))


def test_repeats_in_a_history_are_no_error(model):
    assert len(model.recommend(history=["i03"] * 50, k=5)) == 5


def test_the_order_of_a_history_counts_for_models_of_sequences_alone(model):
    told, mixed = (["i03", "i09", "i14", "i03"], ["i14", "i03", "i03", "i09"])
    several = model.recommend(history=[told, mixed], k=10)
    one, other = (several.filter(pl.col("query") == q).drop("query") for q in (0, 1))
    if model._needs_log:
        assert len(one) == len(other) == 10
        return
    assert_frame_equal(one, other, check_exact=True)
    once = model.recommend(history=["i03", "i09", "i14"], k=10, exclude_seen=True)
    assert set(once["item_id"]).isdisjoint({"i03", "i09", "i14"})


def test_users_and_history_together_are_refused(model):
    with pytest.raises(ParameterError, match="not both"):
        model.recommend("u00", history=["i00"])


def test_an_id_of_the_wrong_type_is_an_error_and_not_unknown(model):
    with pytest.raises(IdTypeError, match="text"):
        model.recommend(7)
    with pytest.raises(IdTypeError, match="text"):
        model.recommend("u00", exclude=[3])


# -- similar items and reasons -----------------------------------------------------------------------------


def test_similar_items_do_not_hold_the_item_itself(model):
    found = model.similar_items(["i03", "i08"], k=5)
    assert (found["item_id"] != found["query_item_id"]).all()
    one = model.similar_items("i08", k=5)
    assert found.filter(pl.col("query_item_id") == "i08")["item_id"].to_list() == one["item_id"].to_list()
    allowed = model.similar_items("i03", k=5, candidates=["i07", "i09"])
    assert set(allowed["item_id"]) <= {"i07", "i09"}


def test_an_unknown_item_is_named(model):
    with pytest.raises(UnknownIdError, match="unheard-of"):
        model.similar_items("unheard-of")
    with pytest.raises(UnknownIdError, match="unheard-of"):
        model.explain("u00", "unheard-of")
    with pytest.raises(UnknownIdError, match="stranger"):
        model.explain("stranger", "i00")


def test_reasons_add_up_to_the_score(model, two_tastes):
    top = model.recommend("u06", k=1).row(0, named=True)
    reasons = model.explain("u06", top["item_id"])
    assert reasons["contribution"].is_sorted(descending=True)
    if not model._personal:
        assert len(reasons) == 0
        return
    assert set(reasons["item_id"]) <= seen_by(two_tastes, "u06")
    assert reasons["contribution"].sum() == pytest.approx(top["score"], rel=1e-3, abs=1e-4)


def test_reasons_for_a_visitor(model):
    reasons = model.explain(history=["i03", "i09"], item="i05")
    assert set(reasons["item_id"]) <= {"i03", "i09"}


# -- odd data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (3, 3)])
def test_tiny_data(make, shape):
    data = Interactions.from_matrix(np.ones(shape, np.float32))
    model = make().fit(data)
    assert len(model.recommend(0, k=3, exclude_seen=False)) == min(3, shape[1])
    assert len(model.recommend(0, k=3, exclude_seen=True)) == 0
    assert len(model.similar_items(0, k=3)) <= shape[1] - 1


def test_all_users_identical(make):
    model = make().fit(sparse.csr_array(np.tile([1.0, 0, 1, 1, 0], (30, 1))))
    assert len(model.recommend(0, k=5, exclude_seen=False)) == 5


def test_users_and_items_without_interactions(make):
    matrix = sparse.csr_array(([1.0, 1, 1], ([0, 0, 2], [1, 3, 3])), shape=(4, 6))
    model = make().fit(matrix)
    found = model.recommend(k=6, exclude_seen=False)
    assert len(found) == 24
    assert found["score"].is_finite().all()


def test_huge_and_tiny_weights_give_finite_scores(make):
    rng = np.random.default_rng(5)
    matrix = sparse.random_array((30, 20), density=0.3, rng=rng)
    matrix.data = 10.0 ** rng.integers(-6, 7, matrix.nnz)
    found = make().fit(matrix).recommend(k=20, exclude_seen=False)
    assert found["score"].is_finite().all()


def test_nothing_to_learn_from_is_an_error(make):
    with pytest.raises(DataError, match="no interactions"):
        make().fit(sparse.csr_array((5, 5), dtype=np.float32))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_a_matrix_with_nonsense_is_refused(make, bad):
    with pytest.raises(DataError, match="NaN, infinite or negative"):
        make().fit(sparse.csr_array(np.array([[1.0, bad], [0, 1]])))


def test_a_sparse_matrix_is_accepted(make, two_tastes):
    model = make().fit(sparse.coo_matrix(two_tastes.matrix))
    found = model.recommend(3, k=4)
    assert found["item_id"].dtype.is_integer()
    assert found["item_id"].to_list() == [
        int(i[1:]) for i in make().fit(two_tastes_without_time(two_tastes)).recommend("u03", k=4)["item_id"]
    ]


def two_tastes_without_time(data):
    return Interactions(data.matrix, data.users, data.items, None)


# -- quality, memory, Ctrl-C -------------------------------------------------------------------------------


def test_it_learns_the_taste(make, model, two_tastes):
    if not model._personal:
        pytest.skip("does not generalise, by design")
    found = model.recommend(k=5)
    same = found["user_id"].str.slice(1).cast(int) % 2 == found["item_id"].str.slice(1).cast(int) % 2
    assert same.mean() > 0.95


def test_a_failed_fit_leaves_the_model_as_it_was(make, two_tastes):
    model = make().fit(two_tastes)
    before = model.recommend(k=5)
    with pytest.raises(DataError):
        model.fit(sparse.csr_array((5, 5), dtype=np.float32))

    def stop(what, share):
        raise KeyboardInterrupt

    try:
        model.fit(Interactions.from_matrix(sparse.random_array((50, 30), density=0.2, rng=1)), progress=stop)
    except KeyboardInterrupt:
        assert_frame_equal(model.recommend(k=5), before, check_exact=True)


@pytest.mark.heavy
def test_ctrl_c_stops_within_a_second(make):
    rng = np.random.default_rng(2)
    matrix = sparse.random_array((60_000, 8_000), density=0.002, rng=rng)
    data = Interactions.from_matrix(matrix)
    names = set(parameters_of(make()))
    big = {n: v for n, v in {"factors": 256, "epochs": 1000}.items() if n in names}
    model = type(make())(**big)
    pressed = []

    def press():
        pressed.append(time.monotonic())
        signal.raise_signal(signal.SIGINT)

    timer = threading.Timer(0.7, press)
    timer.start()
    try:
        model.fit(data)
        timer.cancel()
        time.sleep(0.1)
        if pressed:
            pytest.fail("Ctrl-C was swallowed")
    except KeyboardInterrupt:
        assert time.monotonic() - pressed[0] < 1.5
        with pytest.raises(NotFittedError):
            model.recommend(0)
    finally:
        timer.cancel()


@pytest.mark.heavy
def test_memory_does_not_grow_over_many_fits(make, two_tastes):
    process = psutil.Process()
    for _ in range(20):
        make().fit(two_tastes).recommend(k=5)
    gc.collect()
    before = process.memory_info().rss
    for _ in range(100):
        make().fit(two_tastes).recommend(k=5)
    gc.collect()
    assert process.memory_info().rss - before < 16e6
