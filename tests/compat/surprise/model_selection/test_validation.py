import numpy as np
import pytest

from endcap.compat.surprise import SVD, BaselineOnly
from endcap.compat.surprise.model_selection import KFold, PredefinedKFold, cross_validate


def test_same_figures_as_surprise(theirs, table, data):
    other = theirs.Dataset.load_from_df(table, theirs.Reader())
    split = theirs.model_selection.KFold(3, random_state=2)
    measures = ["RMSE", "mae", "mse"]
    expected = theirs.model_selection.cross_validate(theirs.SVD(random_state=0), other, measures, split, True)
    found = cross_validate(SVD(random_state=0), data, measures, KFold(3, random_state=2), True)
    assert found.keys() == expected.keys()
    for name in expected:
        if "time" not in name:
            np.testing.assert_allclose(found[name], expected[name], atol=1e-4)


def test_threads_change_nothing(data):
    one, many = (
        cross_validate(SVD(random_state=0), data, cv=KFold(4, random_state=0), n_jobs=jobs) for jobs in (1, -1)
    )
    np.testing.assert_array_equal(one["test_rmse"], many["test_rmse"])


def test_table_is_printed(data, capsys):
    cross_validate(BaselineOnly(), data, ["rmse"], cv=2, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Evaluating RMSE of algorithm BaselineOnly on 2 split(s)."
    assert lines[2].split() == ["Fold", "1", "Fold", "2", "Mean", "Std"]
    assert [line[:18].strip() for line in lines[3:]] == ["RMSE (testset)", "Fit time", "Test time"]


@pytest.mark.parametrize("wrong", [{"measures": ["ndcg"]}, {"cv": "five"}])
def test_wrong_questions(data, wrong):
    with pytest.raises(ValueError, match=r"ndcg|five"):
        cross_validate(BaselineOnly(), data, **wrong)


def test_folds_of_files_have_to_be_there(data):
    with pytest.raises(AttributeError):
        cross_validate(BaselineOnly(), data, cv=PredefinedKFold())
