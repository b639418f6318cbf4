"""TIFUKNN and UPCF against plain loops over baskets."""

import numpy as np
import polars as pl
import pytest

import endcap as ec

ITEMS = 12


@pytest.fixture(scope="module")
def shoppers():
    """25 shoppers' lists of 1 to 9 baskets of items, oldest first."""
    rng = np.random.default_rng(5)
    weights = [rng.dirichlet(np.full(ITEMS, 0.6)) for _ in range(25)]
    return [
        [np.unique(rng.choice(ITEMS, rng.integers(1, 6), p=w)).tolist() for _ in range(rng.integers(1, 10))]
        for w in weights
    ]


@pytest.fixture(scope="module")
def events(shoppers):
    lines = [
        (u, f"{u}-{b:02}", b, item) for u, own in enumerate(shoppers) for b, basket in enumerate(own) for item in basket
    ]
    frame = pl.DataFrame(lines, schema=["user_id", "transaction_id", "day", "item_id"], orient="row")
    return frame.select("user_id", "transaction_id", "item_id", timestamp=pl.from_epoch(pl.col("day") * 86400))


def held(basket):
    return np.isin(np.arange(ITEMS), basket).astype(float)


def tifu(baskets, groups, within, between):
    parts = [part.tolist() for part in np.array_split(np.arange(len(baskets))[::-1], min(groups, len(baskets)))]
    total = np.zeros(ITEMS)
    for age, part in enumerate(parts):  # the newest first, which is the larger one in array_split
        group = sum(within**older * held(baskets[b]) for older, b in enumerate(part)) / len(part)
        total += between**age * group / len(parts)
    return total


def mixed(habits, vectors, left, right, neighbours, alpha=None, locality=None):
    n = len(habits)
    similarity = np.array([[vectors[u] @ vectors[v] / (left[u] * right[v]) for v in range(n)] for u in range(n)])
    np.fill_diagonal(similarity, 0)
    scores = np.zeros_like(habits)
    for u in range(n):
        near = np.argsort(-similarity[u], kind="stable")[:neighbours]
        near = near[similarity[u, near] > 0]
        if alpha is not None:
            scores[u] = alpha * habits[u] + (1 - alpha) * (habits[near].mean(axis=0) if len(near) else 0)
        else:
            scores[u] = habits[u] + similarity[u, near] ** locality @ habits[near]
    return scores


def scores_of(model, n):
    table = model.recommend(k=ITEMS)
    found = np.zeros((n, ITEMS))
    told = table.filter(~pl.col("fallback"))
    found[told["user_id"].to_numpy(), told["item_id"].to_numpy()] = told["score"].to_numpy()
    return found


@pytest.mark.parametrize(("groups", "within", "between"), [(3, 0.8, 0.6), (7, 0.9, 0.7), (1, 0.5, 1.0), (50, 1.0, 0.9)])
def test_tifu_knn(shoppers, events, groups, within, between):
    model = ec.TIFUKNN(groups=groups, within_decay=within, group_decay=between, neighbours=6, alpha=0.6).fit(events)
    habits = np.array([tifu(own, groups, within, between) for own in shoppers])
    assert np.allclose(model.sources_[: len(shoppers), :ITEMS].toarray(), habits, atol=1e-6)
    lengths = np.linalg.norm(habits, axis=1)
    expected = mixed(habits, habits, lengths, lengths, 6, alpha=0.6)
    assert np.allclose(scores_of(model, len(shoppers)), expected, atol=1e-5)


@pytest.mark.parametrize(("recency", "alpha", "locality"), [(1, 0.25, 1), (3, 0.75, 2), (25, 0.5, 5)])
def test_up_cf(shoppers, events, recency, alpha, locality):
    model = ec.UPCF(recency=recency, alpha=alpha, locality=locality, neighbours=6).fit(events)
    habits = np.array([np.mean([held(b) for b in own[-recency:]], axis=0) for own in shoppers])
    sets = np.array([np.any([held(b) for b in own], axis=0) for own in shoppers]).astype(float)
    sizes = sets.sum(axis=1)
    expected = mixed(habits, sets, sizes**alpha, sizes ** (1 - alpha), 6, locality=locality)
    assert np.allclose(scores_of(model, len(shoppers)), expected, atol=1e-5)


@pytest.mark.parametrize("cls", [ec.TIFUKNN, ec.UPCF])
def test_reasons_of_every_shopper_add_up(cls, events, shoppers):
    model = cls(neighbours=6).fit(events)
    for user in range(0, len(shoppers), 4):
        for row in model.recommend(user, k=4).filter(~pl.col("fallback")).iter_rows(named=True):
            reasons = model.explain(user, row["item_id"])
            assert reasons["contribution"].sum() == pytest.approx(row["score"], rel=1e-4)


@pytest.mark.parametrize("cls", [ec.TIFUKNN, ec.UPCF])
def test_a_visitors_mentions_are_baskets_in_order(cls, events):
    model = cls(neighbours=6, **({"alpha": 1.0} if cls is ec.TIFUKNN else {"recency": 2})).fit(events)
    assert model.recommend(history=[3, 3, 8, 8], k=1)["item_id"].to_list() == [8]
    assert model.recommend(history=[8, 8, 3, 3], k=1)["item_id"].to_list() == [3]


@pytest.mark.heavy
def test_ta_feng_reaches_what_was_published(public_data):
    """The last basket of each shopper; 0.1251 is what the paper's own settings of TIFU-KNN give by its own distance."""
    table = public_data("tafeng_baskets")
    last = pl.col("basket_no") == pl.col("basket_no").max().over("user_id")
    train, test = table.filter(~last), table.filter(last).select("user_id", "item_id")
    day = pl.from_epoch(pl.col("basket_no") * 86400)
    model = ec.TIFUKNN().fit(train.select("user_id", "item_id", timestamp=day))
    found = model.recommend(k=10).join(test, on=["user_id", "item_id"]).group_by("user_id").len("hits")
    sizes = test.group_by("user_id").len("size").join(found, on="user_id", how="left").fill_null(0)
    assert (sizes["hits"] / sizes["size"]).mean() > 0.1251
