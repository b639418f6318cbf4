"""The models under test, and small data on which a right answer is known."""

import importlib
import warnings

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from endcap.data.event_log import EventLog
from endcap.data.interactions import Interactions
from endcap.data.vocabulary import Vocabulary
from endcap.models import MODELS


def small(cls):
    """Return a model of a class, small enough for small data."""
    names = set(cls.__dataclass_fields__)
    wanted = {"factors": 8, "epochs": 5, "seed": 3}
    return cls(**{name: value for name, value in wanted.items() if name in names})


@pytest.fixture(params=sorted(MODELS))
def make(request):
    """A function that makes a fresh model of each class in turn."""
    cls = getattr(importlib.import_module(MODELS[request.param]), request.param)
    with warnings.catch_warnings():
        yield lambda **values: small(cls) if not values else cls(**values)


@pytest.fixture(scope="session")
def two_tastes():
    """60 users of two tastes over 40 items: even users take even items, odd users odd ones; one session each."""
    rng = np.random.default_rng(7)
    users, items = np.meshgrid(np.arange(60), np.arange(40), indexing="ij")
    taken = (users % 2 == items % 2) & (rng.random((60, 40)) < 0.6)
    u, i = np.nonzero(taken)
    weights = rng.integers(1, 4, len(u)).astype(np.float32)
    matrix = sparse.csr_array((weights, (u, i)), shape=(60, 40))
    matrix.sort_indices()
    day = 86_400_000_000
    last_time = 1_700_000_000_000_000 + rng.integers(0, 90, matrix.nnz) * day
    return Interactions(
        matrix,
        Vocabulary.from_sorted(pl.Series([f"u{n:02}" for n in range(60)])),
        Vocabulary.from_sorted(pl.Series([f"i{n:02}" for n in range(40)])),
        last_time,
        EventLog.from_histories([rng.permutation(matrix[[user]].indices) for user in range(60)]),
    )
