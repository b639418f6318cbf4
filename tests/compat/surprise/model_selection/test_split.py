import pytest

from endcap.compat import surprise as ours

SPLITS = {
    "KFold": {"n_splits": 3, "random_state": 1},
    "KFold in order": {"n_splits": 7, "shuffle": False},
    "RepeatedKFold": {"n_splits": 2, "n_repeats": 2, "random_state": 1},
    "ShuffleSplit": {"n_splits": 2, "test_size": 0.3, "train_size": 100, "random_state": 1},
    "LeaveOneOut": {"n_splits": 2, "min_n_ratings": 2, "random_state": 1},
}


@pytest.mark.parametrize("case", SPLITS)
def test_same_divisions_as_surprise(theirs, table, case):
    found = []
    for library in (theirs, ours):
        data = library.Dataset.load_from_df(table, library.Reader())
        division = getattr(library.model_selection, case.split()[0])(**SPLITS[case])
        folds = [(trainset.build_testset(), testset) for trainset, testset in division.split(data)]
        found.append((division.get_n_folds(), folds))
    assert found[0] == found[1]


def test_train_test_split_as_surprise(theirs, table):
    found = []
    for library in (theirs, ours):
        data = library.Dataset.load_from_df(table, library.Reader())
        trainset, testset = library.model_selection.train_test_split(data, test_size=0.25, random_state=3)
        found.append((trainset.build_testset(), testset))
    assert found[0] == found[1]


def test_files_of_folds(tmp_path):
    (tmp_path / "train").write_text("ann 1 4\nbob 1 3\n")
    (tmp_path / "test").write_text("bob 2 4\n")
    data = ours.Dataset.load_from_folds([(str(tmp_path / "train"), str(tmp_path / "test"))], ours.Reader())
    division = ours.model_selection.PredefinedKFold()
    [(trainset, testset)] = division.split(data)
    assert (trainset.n_ratings, testset, division.get_n_folds()) == (2, [("bob", "2", 4.0)], 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda m: m.KFold(1),
        lambda m: m.KFold(10_000),
        lambda m: m.ShuffleSplit(n_splits=0),
        lambda m: m.ShuffleSplit(test_size=-0.1),
        lambda m: m.ShuffleSplit(test_size=10_000),
        lambda m: m.ShuffleSplit(test_size=0.6, train_size=0.6),
        lambda m: m.LeaveOneOut(min_n_ratings=15),
    ],
)
def test_impossible_divisions(data, make):
    with pytest.raises(ValueError, match=r"won't do|are more than|are left"):
        next(make(ours.model_selection).split(data))
