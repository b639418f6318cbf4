import pickle

import numpy as np
import pytest

from endcap.compat import surprise as ours
from endcap.errors import DataError, ModelFileError

ALGORITHMS = [
    ours.BaselineOnly, ours.KNNBasic, ours.KNNWithMeans, ours.KNNWithZScore, ours.KNNBaseline, ours.SVD, ours.SVDpp,
    ours.NMF, ours.SlopeOne, ours.CoClustering, ours.NormalPredictor,
]  # fmt: skip


@pytest.mark.parametrize("cls", ALGORITHMS)
def test_algorithm_comes_back_as_it_was(data, tmp_path, cls, capsys):
    algo = cls()
    ours.dump.dump(str(tmp_path / "new"), algo=algo)
    assert not hasattr(ours.dump.load(str(tmp_path / "new"))[1], "trainset")
    trainset, testset = ours.model_selection.train_test_split(data, random_state=0)
    testset.append(("nobody", 1, None))
    np.random.seed(0)
    predictions = algo.fit(trainset).test(testset)
    ours.dump.dump(str(tmp_path / "fitted"), predictions, algo, verbose=1)
    assert "saved" in capsys.readouterr().out
    kept, loaded = ours.dump.load(str(tmp_path / "fitted"))
    assert kept == predictions
    np.random.seed(0)
    assert loaded.test(testset) == predictions
    assert loaded.trainset.ur == trainset.ur
    assert vars(loaded).keys() == vars(algo).keys()


def test_parameters_come_back(tmp_path):
    ours.dump.dump(str(tmp_path / "a"), algo=ours.SVDpp(lr_all=0.1, lr_yj=0.3, random_state=4))
    algo = ours.dump.load(str(tmp_path / "a"))[1]
    assert (algo.lr_bu, algo.lr_yj, algo.random_state) == (0.1, 0.3, 4)


def test_nothing_is_dumped_and_loaded(tmp_path):
    ours.dump.dump(str(tmp_path / "nothing"))
    assert ours.dump.load(str(tmp_path / "nothing")) == (None, None)


def test_own_algorithms_are_refused(tmp_path):
    class SVD(ours.SVD):
        pass

    with pytest.raises(DataError, match="can't be dumped safely"):
        ours.dump.dump(str(tmp_path / "own"), algo=SVD())
    with pytest.raises(DataError, match="text and numbers"):
        ours.dump.dump(str(tmp_path / "own"), [ours.Prediction((1, 2), object(), 1.0, 2.0, {})])


def test_pickles_and_damage_are_refused(tmp_path):
    file = tmp_path / "pickle"
    file.write_bytes(pickle.dumps({"predictions": None, "algo": None}))
    with pytest.raises(ModelFileError, match="pickle"):
        ours.dump.load(str(file))
    with pytest.raises(ModelFileError, match="no file"):
        ours.dump.load(str(tmp_path / "missing"))
    ours.dump.dump(str(file), algo=ours.SVD())
    file.write_bytes(file.read_bytes().replace(b'"class": "SVD"', b'"class": "abs"'))
    with pytest.raises(ModelFileError, match="damaged"):
        ours.dump.load(str(file))
