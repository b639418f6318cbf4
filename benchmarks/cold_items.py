"""Items that nobody had yet: ALS with features against chance and the popularity of their categories.

    python benchmarks/cold_items.py [--validation] [--strengths 1,10,100]

A tenth of the items is drawn at random and all their interactions are held out; they are then ranked, among themselves,
for the users who had one. MovieLens 1M: ratings of 4 and above, genres; Amazon Beauty: categories and brands. "Category
popularity" ranks an item by how many users the average item has that shares a feature with it, averaged over its
features. With --validation another tenth of the items is held out of the rest, and ranked instead: what the default of
`feature_regularization` was chosen by.
"""

import argparse

import numpy as np
import polars as pl
from common import print_table, read, recall_and_ndcg
from scipy import sparse

import endcap as ec
from endcap.data.features import Features
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

THREADS = 2


def data_set(name):
    events, items = read(name), read(name, "items")
    if name == "ml1m":
        events, items = events.filter(pl.col("rating") >= 4), items.select("item_id", "genres")
    else:
        items = items.with_columns(pl.col("item_id").cast(pl.Int32))
    return events.select("user_id", "item_id"), items


def cut(events, items, seed):
    """Hold out the interactions of a tenth of the items that have some."""
    ids = events["item_id"].unique().sort()
    cold = ids.sample(fraction=0.1, seed=seed, shuffle=True)
    held_out = pl.col("item_id").is_in(cold.implode())
    return events.filter(~held_out), events.filter(held_out)


def ranked_by(scores, cold):
    return cold[np.argsort(-scores, kind="stable")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--strengths", default="")
    chosen = parser.parse_args()
    rows = []
    for name in ("ml1m", "amazon_beauty"):
        events, items = data_set(name)
        train, test = cut(events, items, 1)
        if chosen.validation:
            train, test = cut(train, items, 2)
        data = Interactions.from_events(train)
        tested = test.filter(pl.col("user_id").is_in(data.users.ids.implode()))
        strengths = [float(s) for s in chosen.strengths.split(",") if s]
        for strength in strengths or [None]:
            model = ec.ALS(threads=THREADS, **({} if strength is None else {"feature_regularization": strength}))
            model.fit(data, item_features=items)
            whole = model.interactions_
            users, columns = whole.users.encode(tested["user_id"]), whole.items.encode(tested["item_id"])
            truth = sparse.csr_array((np.ones(len(users)), (users, columns)), shape=whole.shape)
            cold = np.unique(columns)
            top, _ = model.answer(Queries.of_everyone(whole), 20, candidates=cold)
            rows.append([name, model.feature_regularization, "ALS with features", *scored(top.items, truth)])
        features = Features.from_table(items, whole.items, "item_id").matrix[:, 1:]
        counts = np.bincount(whole.matrix.indices, minlength=whole.shape[1])
        warm = (counts > 0).astype(float)
        by_feature = (features.T @ counts) / np.maximum(features.T @ warm, 1)
        popular = (features @ by_feature) / np.maximum(features.sum(axis=1), 1)
        chance = np.random.default_rng(0)
        shape = (whole.shape[0], 1)
        lists = np.tile(ranked_by(popular[cold], cold)[:20], shape)
        rows.append([name, "", "category popularity", *scored(lists, truth)])
        lists = np.stack([chance.permutation(cold)[:20] for _ in range(shape[0])])
        rows.append([name, f"{len(cold)} items", "chance", *scored(lists, truth)])
    print_table(["data", "feature_regularization", "cold items by", "Recall@20", "NDCG@20"], rows)


def scored(lists, truth):
    return tuple(f"{value:.4f}" for value in recall_and_ndcg(lists, truth))


if __name__ == "__main__":
    main()
