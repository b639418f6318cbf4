"""Ratings from a file, from files of folds, or from a data frame."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from endcap.compat.surprise.builtin_datasets import FILES, format_of, get_dataset_dir
from endcap.compat.surprise.reader import Reader
from endcap.compat.surprise.trainset import Trainset
from endcap.errors import DataError


class Dataset:
    """Ratings as they were given; made by one of the `load_` functions, divided by `model_selection`.

    Examples
    --------
    >>> import pandas as pd
    >>> from endcap.compat.surprise import Dataset, Reader
    >>> table = pd.DataFrame({"user": ["ann", "bob"], "item": ["sku-1", "sku-1"], "rating": [5, 3]})
    >>> Dataset.load_from_df(table, Reader()).build_full_trainset().n_users
    2
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    @classmethod
    def load_builtin(cls, name: str = "ml-100k", prompt: bool = True) -> DatasetAutoFolds:
        """Load "ml-100k", "ml-1m" or "jester" from where Surprise keeps it; nothing is ever downloaded.

        Raises
        ------
        DataError
            Where it isn't there; the message says which file is looked for.
        ParameterError
            Where there is no data set of this name.
        """
        reader = Reader(**format_of(name))
        file = Path(get_dataset_dir()) / FILES[name]
        if not file.is_file():
            raise DataError(
                f"{file} is not there, and Endcap doesn't download data: get {name} from its publisher and put it "
                "there, set SURPRISE_DATA_FOLDER to where it is, or use Dataset.load_from_file"
            )
        return cls.load_from_file(str(file), reader)

    @classmethod
    def load_from_file(cls, file_path: str, reader: Reader) -> DatasetAutoFolds:
        """Load ratings from a text file, a rating a line."""
        return DatasetAutoFolds(ratings_file=file_path, reader=reader)

    @classmethod
    def load_from_folds(cls, folds_files: Iterable[tuple[str, str]], reader: Reader) -> DatasetUserFolds:
        """Load folds, each a file to train on and a file to test on; divide it with `PredefinedKFold`."""
        return DatasetUserFolds(folds_files=list(folds_files), reader=reader)

    @classmethod
    def load_from_df(cls, df: Any, reader: Reader) -> DatasetAutoFolds:
        """Load ratings from a pandas or Polars frame of three columns: users, items and ratings, in this order."""
        return DatasetAutoFolds(reader=reader, df=df)

    def read_ratings(self, file_name: str) -> list[Any]:
        """Return (user, item, rating, timestamp) of every line of a file; `DataError` names the line it fails in."""
        skip = self.reader.skip_lines
        with open(os.path.expanduser(file_name), encoding="utf-8") as lines:
            ratings = []
            for number, line in enumerate(itertools.islice(lines, skip, None), skip + 1):
                try:
                    ratings.append(self.reader.parse_line(line))
                except DataError as error:
                    raise DataError(f"{file_name}, line {number}: {error}") from None
        return ratings

    def construct_trainset(self, raw_trainset: list[Any]) -> Trainset:
        """Return what algorithms are fitted on, of (user, item, rating, timestamp)."""
        return Trainset.of(raw_trainset, self.reader.rating_scale)

    def construct_testset(self, raw_testset: list[Any]) -> list[Any]:
        """Return (user, item, rating) of (user, item, rating, timestamp)."""
        return [(user, item, rating) for user, item, rating, _ in raw_testset]


class DatasetUserFolds(Dataset):
    """Ratings in files of folds."""

    def __init__(self, folds_files: list[tuple[str, str]], reader: Reader) -> None:
        super().__init__(reader)
        self.folds_files = folds_files
        for file in itertools.chain.from_iterable(folds_files):
            if not os.path.isfile(os.path.expanduser(file)):
                raise DataError(f"the file {file} of a fold does not exist")


class DatasetAutoFolds(Dataset):
    """Ratings in one piece."""

    def __init__(self, ratings_file: str | None = None, reader: Reader | None = None, df: Any = None) -> None:
        if reader is None or (ratings_file is None and df is None):
            raise DataError("give a file of ratings or a data frame, and a Reader")
        super().__init__(reader)
        self.has_been_split = False
        self.raw_ratings: list[Any]
        if ratings_file is not None:
            self.ratings_file = ratings_file
            self.raw_ratings = self.read_ratings(ratings_file)
        else:
            self.df = df
            rows = df.iter_rows() if hasattr(df, "iter_rows") else df.itertuples(index=False)
            self.raw_ratings = [(user, item, float(rating), None) for user, item, rating in rows]

    def build_full_trainset(self) -> Trainset:
        """Return all the ratings as what algorithms are fitted on."""
        return self.construct_trainset(self.raw_ratings)
