"""A new shopper is answered, from the history alone, about as if the model had been trained with that shopper."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from endcap.data.interactions import Interactions
from endcap.models.linear_model import LinearModel
from endcap.models.user_knn import UserKNN

BOUND = 0.1
"""How far the scores of all items may be from the retrained model's, by Euclidean length: one shopper of 400 more."""
ROUNDING = 1e-5
RARITY = 0.01  # one shopper of 200 more changes in how many sessions items are, and nothing else
SEQUENCES = {
    "BuyAgain": ROUNDING,
    "Markov": ROUNDING,
    "SequentialRules": ROUNDING,
    "SessionKNN": RARITY,
    "TIFUKNN": ROUNDING,
    "UPCF": ROUNDING,
    "VMISKNN": RARITY,
}
"""The same for models that look at order or repeats."""


@pytest.fixture(scope="module")
def matrix():
    rng = np.random.default_rng(5)
    taste = np.arange(400)[:, None] % 4 == np.arange(50) % 4
    return sparse.csr_array((rng.random((400, 50)) < np.where(taste, 0.5, 0.05)).astype(np.float32))


def test_a_new_shopper_is_answered_as_after_retraining(make, matrix):
    if not isinstance(make(), (LinearModel, UserKNN)) or make()._needs_log:
        pytest.skip("neither linear in the history nor a neighbourhood of users, or one of sequences")
    without = matrix.copy()
    without.data[without.indptr[399] : without.indptr[400]] = 0
    without.eliminate_zeros()
    folded, retrained = make().fit(without), make().fit(matrix)
    told = folded.recommend(history=matrix[[399]].indices.tolist(), k=50).sort("item_id")
    expected = retrained.recommend(399, k=50).sort("item_id")
    assert told["item_id"].to_list() == expected["item_id"].to_list()
    a, b = (table.filter(~table["fallback"]) for table in (told, expected))
    both = a.join(b, on="item_id", suffix="_retrained")
    difference = (both["score"] - both["score_retrained"]).to_numpy()
    assert len(both) > 5
    assert np.linalg.norm(difference) < BOUND * np.linalg.norm(both["score_retrained"].to_numpy())


@pytest.fixture(scope="module")
def visits():
    """Two to nine sessions of each of 200 shoppers, of baskets of one item, most often of the shopper's taste."""
    rng = np.random.default_rng(11)
    rows = []
    for user in range(200):
        start = datetime(2024, 1, 1) + timedelta(hours=float(rng.uniform(0, 2000)))
        for session in range(rng.integers(2, 10)):
            for step in range(rng.integers(2, 7)):
                item = 5 * int(rng.integers(8)) + (user % 5 if rng.random() < 0.8 else int(rng.integers(5)))
                rows.append((user, item, start + timedelta(days=session, minutes=step), f"{user}-{session}"))
    return pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp", "session_id"], orient="row")


@pytest.mark.parametrize("history", [[3, 8, 13, 33], [3, 8, 8, 3, 21, 13], [7]])
def test_a_sequence_goes_on_as_after_retraining(make, visits, history):
    """The new shopper's session is the newest; every item is a basket of its own, as of a visitor."""
    name = type(make()).__name__
    if name not in SEQUENCES:
        pytest.skip("looks neither at order nor at repeats")
    newest = visits["timestamp"].max()
    own = pl.DataFrame({"user_id": 999, "item_id": history, "timestamp": newest, "session_id": "new"})
    own = own.with_columns(transaction_id=pl.format("new-{}", pl.int_range(pl.len())))
    both = pl.concat([visits, own], how="diagonal_relaxed").with_columns(pl.col("item_id").cast(pl.Int64))
    folded, retrained = (make().fit(Interactions.from_events(t, log=True)) for t in (visits, both))
    told = folded.recommend(history=history, k=40, exclude_seen=False).sort("item_id")
    expected = retrained.recommend(999, k=40, exclude_seen=False).sort("item_id")
    a, b = (table.filter(~table["fallback"]) for table in (told, expected))
    assert a["item_id"].to_list() == b["item_id"].to_list()
    assert len(a) > 0
    difference = np.linalg.norm((a["score"] - b["score"]).to_numpy())
    assert difference <= SEQUENCES[name] * np.linalg.norm(b["score"].to_numpy())
