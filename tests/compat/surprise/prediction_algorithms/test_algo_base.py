import numpy as np
import pytest

from endcap.compat import surprise as ours


def own_algorithm(library):
    class Own(library.AlgoBase):
        def __init__(self):
            library.AlgoBase.__init__(self, sim_options={"name": "pearson_baseline", "user_based": False})

        def fit(self, trainset):
            library.AlgoBase.fit(self, trainset)
            self.bu, self.bi = self.compute_baselines()
            self.sim = self.compute_similarities()
            return self

        def estimate(self, u, i):
            if not self.trainset.knows_item(i):
                raise library.PredictionImpossible("unknown item")
            return self.trainset.global_mean + self.bi[i] + self.sim[i].mean(), {"near": len(self.get_neighbors(i, 3))}

    return Own()


def test_own_algorithm_is_as_in_surprise(both):
    found = [own_algorithm(library).fit(train).test([*test, ("u1", "none", 1.0)]) for library, train, test in both]
    assert [p.details for p in found[0]] == [p.details for p in found[1]]
    assert found[1][-1].details == {"was_impossible": True, "reason": "unknown item"}
    np.testing.assert_allclose([p.est for p in found[0]], [p.est for p in found[1]], atol=1e-5)


def test_own_algorithm_has_to_estimate(data):
    with pytest.raises(NotImplementedError, match="estimate"):
        ours.AlgoBase().fit(data.build_full_trainset()).predict("u1", 1)


def test_options_given_are_not_changed():
    options = {"name": "msd"}
    ours.KNNBasic(sim_options=options)
    assert options == {"name": "msd"}
