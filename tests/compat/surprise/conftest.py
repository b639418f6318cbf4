import numpy as np
import pandas as pd
import pytest

from endcap.compat import surprise as ours


def table_of_ratings(users: int = 60, items: int = 40, each: int = 15, seed: int = 0) -> pd.DataFrame:
    draws = np.random.default_rng(seed)
    rows = np.repeat(np.arange(users), each)
    columns = np.concatenate([draws.permutation(items)[:each] for _ in range(users)])
    liking = 3 + draws.normal(0, 0.6, users)[rows] + draws.normal(0, 0.6, items)[columns]
    stars = np.clip(np.round(liking + draws.normal(0, 0.8, len(rows))), 1, 5)
    table = pd.DataFrame({"user": [f"u{u}" for u in rows], "item": columns.tolist(), "rating": stars})
    return table.sample(frac=1, random_state=0, ignore_index=True)


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    return table_of_ratings()


@pytest.fixture
def data(table: pd.DataFrame) -> ours.Dataset:
    return ours.Dataset.load_from_df(table, ours.Reader())


@pytest.fixture(scope="session")
def theirs():
    return pytest.importorskip("surprise")


@pytest.fixture
def both(theirs, table):
    """The first of five folds, in both libraries: [(library, trainset, testset), ...]."""
    found = []
    for library in (theirs, ours):
        data = library.Dataset.load_from_df(table, library.Reader())
        found.append((library, *next(library.model_selection.KFold(5, random_state=0).split(data))))
    return found
