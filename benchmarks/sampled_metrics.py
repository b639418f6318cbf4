"""Ranking against 100 sampled items picks the wrong model where ranking the whole catalogue doesn't.

    python benchmarks/sampled_metrics.py [DATA SET ...]     by default amazon_beauty and amazon_toys

The last item of every user is the test. Models with their default parameters rank it twice: among the whole catalogue,
and among 100 items drawn at random from those the user doesn't have, the same for every model; both as in a list that
is filled up with best-sellers, which so break ties. Intervals are of 1,000 resamples of the users. Called better is
the model whose paired difference has a 95 % interval above zero.
"""

import sys
import time

import numpy as np
import polars as pl
from common import print_table, read

import endcap as ec
from endcap.data.arrays import IndexLists
from endcap.data.interactions import Interactions
from endcap.evaluation.bootstrap import percentile_interval, resampled_means
from endcap.models.queries import Queries

SETS = ("amazon_beauty", "amazon_toys")
MODELS = ("Popular", "ItemKNN", "RP3beta", "ALS", "BPR")
NEGATIVES, K = 100, 10
HIT, NDCG = 0, 1


def last_out(name: str) -> tuple[Interactions, np.ndarray, np.ndarray]:
    """Return the training data, and the users asked with their last item, both as positions."""
    table = read(name).unique(["user_id", "item_id"], keep="first", maintain_order=True)
    last = pl.int_range(pl.len()).over("user_id") == pl.len().over("user_id") - 1
    data, test = Interactions.from_events(table.filter(~last).select("user_id", "item_id")), table.filter(last)
    users, items = data.users.encode(test["user_id"]), data.items.encode(test["item_id"])
    known = (users >= 0) & (items >= 0)
    return data, users[known].astype(np.int64), items[known]


def draw_negatives(data: Interactions, users: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Return 100 items for each user that are neither in the history nor the one to be found."""
    rng = np.random.default_rng(0)
    histories = IndexLists.from_matrix(data.matrix).take(users)
    drawn = np.empty((len(users), NEGATIVES), np.int32)
    for row, item in enumerate(items):
        own = histories.indices[histories.indptr[row] : histories.indptr[row + 1]]
        some = rng.choice(data.shape[1], NEGATIVES + len(own) + 1, replace=False)
        drawn[row] = some[~np.isin(some, own) & (some != item)][:NEGATIVES]
    return drawn


def worth(place: np.ndarray) -> np.ndarray:
    """Return hit rate and NDCG at 10 of one right item at each place, shape (users, 2)."""
    inside = place <= K
    return np.column_stack([inside, np.where(inside, 1 / np.log2(1 + place), 0)]).astype(np.float64)


def by_full_ranking(model: ec.Recommender, asked: Queries, items: np.ndarray) -> np.ndarray:
    lists, _ = model.answer(asked, K, exclude_seen=True)
    found = lists.items == items[:, None]
    return worth(np.where(found.any(axis=1), found.argmax(axis=1) + 1, K + 1))


def by_sample(model: ec.Recommender, asked: Queries, items: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    candidates = np.column_stack([items, negatives]).astype(np.int32)
    rows = np.repeat(np.arange(len(items), dtype=np.int32), candidates.shape[1])
    scores = model._score(asked, rows, candidates.ravel()).reshape(candidates.shape)
    sales = np.bincount(model.interactions_.matrix.indices, minlength=model.interactions_.shape[1])[candidates]
    above = (scores[:, 1:] > scores[:, :1]) | ((scores[:, 1:] == scores[:, :1]) & (sales[:, 1:] > sales[:, :1]))
    return worth(1 + above.sum(axis=1))


def figures(values: dict[str, np.ndarray]) -> dict[str, list[str]]:
    cells = {}
    for name, value in values.items():
        low, high = percentile_interval(resampled_means(value))
        means = value.mean(axis=0)
        cells[name] = [f"{means[m]:.4f} ({low[m]:.4f} to {high[m]:.4f})" for m in (HIT, NDCG)]
    return cells


def best(values: dict[str, np.ndarray], metric: int) -> str:
    return max(values, key=lambda name: values[name][:, metric].mean())


def verdict(way: str, one: str, other: str, values: dict[str, np.ndarray], metric: int) -> str:
    apart = values[one][:, metric] - values[other][:, metric]
    low, high = (float(end[0]) for end in percentile_interval(resampled_means(apart[:, None])))
    sure = "surely " if low > 0 else "not surely "
    return f"{way}: {one} is {sure}better than {other}, by {apart.mean():.4f} (95 %: {low:.4f} to {high:.4f})"


def main() -> None:
    for name in [a for a in sys.argv[1:] if not a.startswith("-")] or SETS:
        data, users, items = last_out(name)
        asked, negatives = Queries.of_everyone(data).take(users), draw_negatives(data, users, items)
        print(f"\n{name}: {len(users):,} users, {data.shape[1]:,} items\n", flush=True)
        full, sampled = {}, {}
        for model_name in MODELS:
            start = time.perf_counter()
            model = getattr(ec, model_name)().fit(data)
            full[model_name] = by_full_ranking(model, asked, items)
            sampled[model_name] = by_sample(model, asked, items, negatives)
            print(f"  {model_name}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        whole, part = figures(full), figures(sampled)
        header = ["", "HR@10, whole catalogue", "NDCG@10", f"HR@10, {NEGATIVES} sampled", "NDCG@10"]
        print_table(header, [[n, *whole[n], *part[n]] for n in MODELS])
        print()
        for metric, title in ((HIT, "hit rate"), (NDCG, "NDCG")):
            right, wrong = best(full, metric), best(sampled, metric)
            if right == wrong:
                print(f"{title}: both rankings pick {right}")
                continue
            print(verdict(f"{title}, whole catalogue", right, wrong, full, metric))
            print(verdict(f"{title}, {NEGATIVES} sampled", wrong, right, sampled, metric))


if __name__ == "__main__":
    main()
