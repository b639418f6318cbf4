"""Every algorithm against the real one: the same numbers, as far as single precision goes."""

import numpy as np
import pytest

from endcap.compat import surprise as ours

ALGORITHMS = {
    "baseline als": ("BaselineOnly", {"bsl_options": {"n_epochs": 3, "reg_u": 5}}),
    "baseline sgd": ("BaselineOnly", {"bsl_options": {"method": "sgd", "learning_rate": 0.01}}),
    "SVD": ("SVD", {"random_state": 0, "n_factors": 7, "lr_bu": 0.02, "reg_qi": 0.1}),
    "SVD unbiased": ("SVD", {"random_state": 0, "biased": False, "init_mean": 0.5}),
    "SVD++": ("SVDpp", {"random_state": 0, "lr_yj": 0.02, "reg_yj": 0.1}),
    "NMF": ("NMF", {"random_state": 0, "reg_pu": 0.1}),
    "NMF biased": ("NMF", {"random_state": 0, "biased": True, "n_epochs": 3}),
    "Slope One": ("SlopeOne", {}),
    "co-clustering": ("CoClustering", {"random_state": 0, "n_cltr_u": 2}),
    "random": ("NormalPredictor", {}),
}
SIMILARITIES = ("cosine", "msd", "pearson", "pearson_baseline")


def predicted(both, name, options):
    found = []
    for library, trainset, testset in both:
        np.random.seed(5)
        algo = getattr(library, name)(**options).fit(trainset)
        found.append((algo, algo.test(testset)))
    return found


@pytest.mark.parametrize("case", ALGORITHMS)
def test_same_numbers_as_surprise(both, case):
    (_, theirs), (_, mine) = predicted(both, *ALGORITHMS[case])
    assert [(p.uid, p.iid, p.r_ui, p.details) for p in mine] == [(p.uid, p.iid, p.r_ui, p.details) for p in theirs]
    # Biases of NMF move with every rating, and the two libraries go through these in another order.
    tolerance = 0.05 if case == "NMF biased" else 1e-4
    np.testing.assert_allclose([p.est for p in mine], [p.est for p in theirs], atol=tolerance)


@pytest.mark.parametrize("name", SIMILARITIES)
@pytest.mark.parametrize("by_user", [True, False])
@pytest.mark.parametrize("centre", ["KNNBasic", "KNNWithMeans", "KNNWithZScore", "KNNBaseline"])
def test_same_neighbours_as_surprise(both, centre, by_user, name):
    # With k above the number of neighbours nothing depends on which of two equally similar ones comes first.
    options = {"k": 100, "min_k": 3, "verbose": False}
    options["sim_options"] = {"name": name, "user_based": by_user, "min_support": 3, "shrinkage": 20}
    options["bsl_options"] = {"method": "sgd", "n_epochs": 4}
    (theirs, expected), (mine, found) = predicted(both, centre, options)
    np.testing.assert_allclose([p.est for p in found], [p.est for p in expected], atol=1e-3)
    assert [p.details for p in found] == [p.details for p in expected]
    np.testing.assert_allclose(mine.sim, theirs.sim, atol=1e-6)
    nearest, wanted = mine.get_neighbors(2, 3), theirs.get_neighbors(2, 3)
    np.testing.assert_allclose(theirs.sim[2, nearest], theirs.sim[2, wanted], atol=1e-6)


@pytest.mark.parametrize("name", ["SVD", "SVDpp", "NMF"])
def test_same_parameters_learned(both, name):
    (theirs, _), (mine, _) = predicted(both, name, {"random_state": 1, "n_epochs": 4})
    for part in ("bu", "bi", "pu", "qi", *(["yj"] if name == "SVDpp" else [])):
        np.testing.assert_allclose(getattr(mine, part), getattr(theirs, part), atol=1e-4)


@pytest.mark.parametrize("case", [*ALGORITHMS, "KNNBasic", "KNNWithMeans", "KNNWithZScore", "KNNBaseline"])
def test_unknown_users_and_items(both, case):
    name, options = ALGORITHMS.get(case, (case, {"min_k": 2}))
    strangers = [("u0", "nothing", 3.0), ("nobody", 3, None), ("nobody", "nothing", 1.0), ("u1", 3, 2.0)]
    (theirs, _), (mine, _) = predicted(both, name, options)
    np.random.seed(5)
    expected = theirs.test(strangers)
    np.random.seed(5)
    found = mine.test(strangers)
    assert [p.details for p in found] == [p.details for p in expected]
    skipped = 2 if name == "CoClustering" else 0  # Surprise gives the mean of all where one side is known
    tolerance = 0.05 if case == "NMF biased" else 1e-4
    np.testing.assert_allclose([p.est for p in found[skipped:]], [p.est for p in expected[skipped:]], atol=tolerance)
    np.random.seed(5)
    assert [mine.predict(*pair) for pair in strangers] == found


def test_a_pair_alone_gets_the_same_answer_as_among_many(data):
    trainset, testset = ours.model_selection.train_test_split(data, random_state=0)
    algo = ours.KNNWithMeans(sim_options={"user_based": False}).fit(trainset)
    assert [algo.predict(*pair) for pair in testset] == algo.test(testset)


def test_no_pairs_no_predictions(data):
    assert ours.SVD().fit(data.build_full_trainset()).test([]) == []


def test_subclasses_are_asked_pair_by_pair(data):
    class Louder(ours.SlopeOne):
        def estimate(self, u, i):
            return super().estimate(u, i)[0] + 0.25

    class Plain(ours.SlopeOne):
        def default_prediction(self):
            return 1.5

    trainset = data.build_full_trainset()
    pairs = [("u1", 1, None), ("nobody", 1, None)]
    plain, louder = (cls().fit(trainset).test(pairs) for cls in (Plain, Louder))
    assert louder[0].est == pytest.approx(min(plain[0].est + 0.25, 5))
    assert plain[1].est == 1.5
    assert plain[1].details["was_impossible"]


def test_verbose_prints_predictions(data, capsys):
    algo = ours.BaselineOnly().fit(data.build_full_trainset())
    algo.test([("u1", 1, 3.0)], verbose=True)
    algo.predict("u1", 1, 3.0, verbose=True)
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    assert first.startswith("user: u1         item: 1          r_ui = 3.00   est = ")


def test_an_estimate_may_leave_the_scale_when_not_clipped(data):
    algo = ours.SVD(biased=False, init_mean=5, n_epochs=1, lr_all=0).fit(data.build_full_trainset())
    assert algo.predict("u1", 1).est == 5
    assert algo.predict("u1", 1, clip=False).est > 100


@pytest.mark.parametrize(
    "make",
    [
        lambda: ours.KNNBasic(sim_options={"name": "wrong"}),
        lambda: ours.KNNBaseline(bsl_options={"method": "wrong"}),
        lambda: ours.BaselineOnly(bsl_options={"method": "wrong"}),
        lambda: ours.SVD(n_factors=0),
        lambda: ours.CoClustering(random_state="x"),
    ],
)
def test_wrong_options_are_refused(data, make):
    with pytest.raises(ValueError, match="won't do"):
        make().fit(data.build_full_trainset())


def test_negative_start_of_nmf_is_refused():
    with pytest.raises(ValueError, match="init_low"):
        ours.NMF(init_low=-1)
