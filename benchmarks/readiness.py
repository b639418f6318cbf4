"""From how much data on surfaces are reliable: samples of real shops against the whole.

    python benchmarks/readiness.py

Of so many baskets, how many of the ten most frequent pairs, and of the ten products that are most often with one of the
20 best-sellers, are those of all baskets. With so many shoppers, the share of 500 others whose last new product ItemKNN
names among ten, from what they had before. Three draws each.
"""

import numpy as np
import polars as pl
from common import print_table
from doctor import clean_sets
from scipy import sparse

import endcap as ec

SETS = ("online_retail", "tafeng", "completejourney")
SIZES = (100, 300, 1_000, 3_000, 10_000)
DRAWS, ASKED = 3, 500


def basket_matrix(frame: pl.DataFrame) -> sparse.csr_array:
    """Return baskets of two to 100 products x products."""
    bought = frame.filter(pl.col("event") == "purchase")
    order = "transaction_id" if "transaction_id" in frame.columns else "timestamp"
    lines = bought.select("user_id", order, "item_id").unique()
    lines = lines.filter(pl.len().over("user_id", order).is_between(2, 100))
    basket = lines.select(pl.struct("user_id", order).rank("dense")).to_series().to_numpy() - 1
    item = lines["item_id"].rank("dense").to_numpy() - 1
    return sparse.csr_array((np.ones(len(lines), np.float32), (basket, item)))


def together(baskets: sparse.csr_array) -> sparse.csr_array:
    counts = (baskets.T @ baskets).tocsr()
    counts.setdiag(0)
    return counts


def top_pairs(counts: sparse.csr_array) -> set:
    upper = sparse.triu(counts, 1).tocoo()
    best = np.argsort(-upper.data, kind="stable")[:10]
    return set(zip(upper.row[best], upper.col[best], strict=True))


def partners(counts: sparse.csr_array, items: np.ndarray) -> list[set]:
    """Return the ten products most often with each of the items; fewer where fewer were with it at all."""
    rows = counts[items].toarray()
    best = np.argsort(-rows, axis=1, kind="stable")[:, :10]
    return [{item for item in names if row[item] > 0} for names, row in zip(best, rows, strict=True)]


def main() -> None:
    rng = np.random.default_rng(0)
    pairs, quality = [], []
    for name, frame, _, _ in clean_sets():
        if name not in SETS:
            continue
        baskets = basket_matrix(frame)
        best_sellers = np.argsort(-baskets.sum(axis=0))[:20]
        whole = together(baskets)
        true_pairs, true_partners = top_pairs(whole), partners(whole, best_sellers)
        for size in SIZES:
            shared, named = [], []
            for _ in range(DRAWS):
                part = together(baskets[rng.choice(baskets.shape[0], size, replace=False)])
                shared.append(len(top_pairs(part) & true_pairs) / 10)
                own = partners(part, best_sellers)
                named.append(np.mean([len(a & b) / 10 for a, b in zip(own, true_partners, strict=True)]))
            pairs.append([name, size, float(np.mean(shared)), float(np.mean(named))])
        bought = frame.filter(pl.col("event") == "purchase").sort("timestamp")
        bought = bought.filter(pl.col("item_id").n_unique().over("user_id") >= 3)
        users = rng.permutation(bought["user_id"].unique().sort().to_numpy())
        asked, others = users[:ASKED], users[ASKED:]
        theirs = bought.filter(pl.col("user_id").is_in(asked.tolist()))
        new = theirs.unique(["user_id", "item_id"], keep="first", maintain_order=True)
        last = dict(new.group_by("user_id").agg(pl.col("item_id").last()).iter_rows())
        histories = dict(new.group_by("user_id", maintain_order=True).agg(pl.col("item_id")).iter_rows())
        for size in [n for n in SIZES if n < len(others)] + [len(others)]:
            hits = []
            for _ in range(DRAWS if size < len(others) else 1):
                drawn = rng.choice(others, size, replace=False).tolist()
                data = ec.Interactions.from_events(bought.filter(pl.col("user_id").is_in(drawn)))
                model = ec.ItemKNN().fit(data)
                known = set(data.items.ids.to_list())
                for user, history in histories.items():
                    own = [item for item in history[:-1] if item in known]
                    hits.append(bool(own) and last[user] in model.recommend(history=own, k=10)["item_id"].to_list())
            quality.append([name, size, float(np.mean(hits))])
    print_table(["baskets", "drawn", "of the ten pairs", "of ten partners"], pairs)
    print_table(["shoppers", "drawn", "hit rate"], quality)


if __name__ == "__main__":
    main()
