"""The next basket of each shopper: Ta-Feng as in "A Next Basket Recommendation Reality Check" (Li et al., TOIS 2023).

    python benchmarks/baskets.py            the last basket of 13,858 shoppers from the earlier ones
    python benchmarks/baskets.py tune       the last but one: what hyper-parameters are chosen on

Recall, NDCG and PHR (the share of shoppers with a hit) at 10 and 20, over the full catalogue; recall of repeat items
(bought before) and explore items (not) apart, over the shoppers who have such. NDCG is the paper's: divided by that of
a list with all of the basket's items first, also where the basket has more than 10 or 20. The paper predicts for a
fifth of the shoppers, five times, by neighbours among others; here each shopper's neighbours are among all others, by
their earlier baskets.
"""

import sys
import time
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from common import print_table, read

import endcap as ec
from endcap.data.arrays import IndexLists
from endcap.evaluation.metrics import hits
from endcap.models.queries import Queries

PUBLISHED_SETTING = {"neighbours": 300, "groups": 7, "within_decay": 0.9, "group_decay": 0.7, "alpha": 0.7}


def ta_feng():
    """Return the events, with the number of the basket for its day and transaction."""
    table = read("tafeng_baskets")
    day = pl.lit(datetime(2000, 11, 1)) + pl.col("basket_no") * pl.lit(timedelta(days=1))
    order = pl.format("{}-{}", "user_id", "basket_no")
    return ec.read_events(table.select("user_id", "item_id", timestamp=day, transaction_id=order))


def measure(model, data, test, k: int) -> list[float]:
    """Return recall, NDCG, hit rate, and the recall of repeat and explore items."""
    users, items = data.users.encode(test["user_id"]), data.items.encode(test["item_id"])
    items = np.where(items >= 0, items, data.shape[1] + np.arange(len(items))).astype(np.int32)
    asked, row = np.unique(users, return_inverse=True)
    top, _ = model.answer(Queries.of_everyone(data).take(asked), k, exclude_seen=False)
    relevant = IndexLists.from_pairs(row, items, len(asked))
    hit, size = hits(top.items, relevant), np.diff(relevant.indptr)
    discount = 1 / np.log2(np.arange(max(k, int(size.max()))) + 2)
    ndcg = hit @ discount[:k] / np.cumsum(discount)[size - 1]
    history = IndexLists.from_matrix(data.matrix)
    known = history.rows() * (data.shape[1] + len(items)) + history.indices
    seen = np.isin(asked[relevant.rows()] * (data.shape[1] + len(items)) + relevant.indices, known)
    values = [(hit.sum(axis=1) / size).mean(), ndcg.mean(), hit.any(axis=1).mean()]
    for part in (seen, ~seen):
        lists = IndexLists.from_pairs(relevant.rows()[part], relevant.indices[part], len(asked))
        n = np.diff(lists.indptr)
        values.append((hits(top.items, lists).sum(axis=1)[n > 0] / n[n > 0]).mean())
    return [float(v) for v in values]


def contestants(tune: bool) -> dict:
    if not tune:
        return {
            "Popular": ec.Popular(),
            "BuyAgain": ec.BuyAgain(),
            "ItemKNN": ec.ItemKNN(),
            "EASE": ec.EASE(),
            "TIFUKNN, as published": ec.TIFUKNN(**PUBLISHED_SETTING),
            "TIFUKNN": ec.TIFUKNN(),
            "UPCF": ec.UPCF(),
        }
    models = {}
    for within, group, groups in ((0.9, 0.7, 7), (1.0, 0.9, 7), (1.0, 1.0, 7), (1.0, 0.9, 15), (1.0, 0.95, 30)):
        for alpha in (0.3, 0.5, 0.7):
            own = {"groups": groups, "within_decay": within, "group_decay": group, "alpha": alpha}
            models[f"TIFUKNN {own}"] = ec.TIFUKNN(**own)
    for alpha in (0.25, 0.5, 0.75):
        for locality in (2, 5, 10):
            for recency in (10, 25):
                own = {"recency": recency, "alpha": alpha, "locality": locality}
                models[f"UPCF {own}"] = ec.UPCF(**own)
    return models


def main() -> None:
    tune = "tune" in sys.argv[1:]
    train, test = ec.split_last_basket(ta_feng())
    if tune:
        train, test = ec.split_last_basket(train)
    data = ec.Interactions.from_events(train, log=True)
    columns = ["recall", "NDCG", "PHR", "repeat recall", "explore recall"]
    rows = []
    for name, model in contestants(tune).items():
        start = time.perf_counter()
        model.fit(data)
        values = [f"{v:.4f}" for k in ((10,) if tune else (10, 20)) for v in measure(model, data, test.frame, k)]
        print(name, values, flush=True)
        rows.append([name, *values, f"{time.perf_counter() - start:.1f}"])
    print_table(["model", *(f"{c}@{k}" for k in ((10,) if tune else (10, 20)) for c in columns), "seconds"], rows)


if __name__ == "__main__":
    main()
