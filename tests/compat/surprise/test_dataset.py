import polars as pl
import pytest

from endcap.compat.surprise import SVD, Dataset, Reader, get_dataset_dir
from endcap.errors import DataError


def test_file_is_read_as_told(tmp_path):
    file = tmp_path / "ratings.csv"
    file.write_text("user,item,stars\nann , 1,4\nbob,2,2.5\n")
    data = Dataset.load_from_file(str(file), Reader(sep=",", skip_lines=1))
    assert data.raw_ratings == [("ann", "1", 4.0, None), ("bob", "2", 2.5, None)]


def test_a_bad_line_is_named(tmp_path):
    file = tmp_path / "ratings.csv"
    file.write_text("ann,1,4\nbob,2\n")
    with pytest.raises(DataError, match=r"ratings.csv, line 2: .*'bob,2'"):
        Dataset.load_from_file(str(file), Reader(sep=","))


def test_builtin_data_are_read_where_they_are_and_never_downloaded(tmp_path, monkeypatch):
    monkeypatch.setenv("SURPRISE_DATA_FOLDER", str(tmp_path))
    assert get_dataset_dir() == str(tmp_path)
    with pytest.raises(DataError, match="doesn't download"):
        Dataset.load_builtin("ml-100k", prompt=False)
    with pytest.raises(ValueError, match="netflix"):
        Dataset.load_builtin("netflix")
    (tmp_path / "ml-100k/ml-100k").mkdir(parents=True)
    (tmp_path / "ml-100k/ml-100k/u.data").write_text("196\t242\t3\t881250949\n")
    assert Dataset.load_builtin("ml-100k").raw_ratings == [("196", "242", 3.0, "881250949")]


def test_folds_come_from_files(tmp_path):
    (tmp_path / "train").write_text("ann 1 4\n")
    (tmp_path / "test").write_text("bob 1 4\n")
    Dataset.load_from_folds([(str(tmp_path / "train"), str(tmp_path / "test"))], Reader())
    with pytest.raises(DataError, match="missing"):
        Dataset.load_from_folds([(str(tmp_path / "train"), str(tmp_path / "missing"))], Reader())


def test_polars_frame(table):
    assert (
        Dataset.load_from_df(pl.DataFrame(table.to_dict("list")), Reader()).raw_ratings
        == Dataset.load_from_df(table, Reader()).raw_ratings
    )


def test_nothing_given():
    with pytest.raises(DataError, match="give a file"):
        Dataset.load_from_df(None, None)


def test_a_rating_that_is_no_number_is_refused(table):
    table = table.assign(rating=table["rating"].where(table["user"] != "u3"))
    trainset = Dataset.load_from_df(table, Reader()).build_full_trainset()
    with pytest.raises(DataError, match="15 ratings are NaN"):
        SVD().fit(trainset)


@pytest.mark.parametrize("line_format", ["user item", "users item rating", "user item rating rating"])
def test_wrong_line_formats(line_format):
    with pytest.raises(ValueError, match="line_format"):
        Reader(line_format=line_format)
