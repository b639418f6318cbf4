"""The table of Microsoft's Recommenders on MovieLens 100K under its protocol.

    python benchmarks/microsoft.py [SPLITS]

Three quarters of each user's ratings are for training; every rating of the others is right; 10 items are recommended
that the user hasn't rated. The first figures are on the very split of their table (pandas' shuffle of each user's
ratings with seed 42), then come mean and standard deviation over five such splits, each with a seed of its own. SAR is
written out here with SciPy: ratings, halved every 30 days before the last one, times the items' Jaccard similarities.
`SVD` and `BPR` have their parameters (but BPR's learning rate: theirs is of plain gradient steps, ours of Adagrad's).

"Searched" is, anew for each split, the best of a small grid on its training part alone: a quarter of each user's
ratings there is held out in the same way. `Blend` is of the five models so found, and learns its weights on the
training part, too. The five see no times, since by these splits the future is no other than the past.
"""

import itertools
import sys

import numpy as np
import polars as pl
from common import print_table, read
from scipy import sparse

import endcap as ec
from endcap.data.arrays import IndexLists
from endcap.data.interactions import Interactions
from endcap.evaluation.metrics import USER_METRICS, ranking_metrics
from endcap.evaluation.rating_metrics import mae, rmse
from endcap.models.queries import Queries

K, SPLITS, THEIR_SEED = 10, 5, 42
PUBLISHED = {  # nDCG@10, precision@10, recall@10, RMSE
    "SAR": (0.382, 0.331, 0.176, None),
    "BPR": (0.442, 0.388, 0.213, None),
    "SVD": (0.096, 0.091, 0.033, 0.939),
}
GRIDS = {
    "EASE": {"regularization": [300.0, 500.0, 1000.0]},
    "SLIM": {"l1": [0.5, 2.0], "l2": [100.0, 300.0, 1000.0]},
    "ALS": {"factors": [32, 64], "regularization": [0.02, 0.03, 0.05], "unobserved_weight": [0.1, 0.2, 0.4]},
    "GraphFilter": {"factors": [32, 64, 128], "sharpening": [0.5, 0.8]},
    "UserKNN": {"neighbours": [50, 100, 200], "similarity": ["cosine", "bm25"]},
}
ALSO = (
    *("ItemKNN as SAR", "Popular", "BPR, our defaults", "EASE, our defaults"),
    *(f"{name}, searched" for name in (*GRIDS, "Blend")),
)


class Half:
    """One split: ratings to learn from, ratings to be found."""

    def __init__(self, table: pl.DataFrame, seed: int) -> None:
        table = table.with_row_index("row")
        hidden = np.zeros(len(table), np.bool_)
        for _, group in table.select("row", "user_id").to_pandas().groupby("user_id"):
            rows = group["row"].sample(frac=1, random_state=seed).to_numpy()
            hidden[rows[round(0.75 * len(rows)) :]] = True
        self.train, self.test = (table.filter(part).drop("row") for part in (~hidden, hidden))
        self.data = Interactions.from_events(self.train.select("user_id", "item_id", "timestamp"))
        self.undated = Interactions.from_events(self.train.select("user_id", "item_id"))
        users, items = self.data.users.encode(self.test["user_id"]), self.data.items.encode(self.test["item_id"])
        unknown = items < 0  # nobody rated them in the training part: right, and not to be found
        items[unknown] = self.data.shape[1] + np.arange(unknown.sum(), dtype=np.int32)
        self.relevant = IndexLists.from_pairs(users, items, self.data.shape[0])
        self.asked = np.flatnonzero(np.diff(self.relevant.indptr) > 0)

    def ranked(self, lists: np.ndarray) -> tuple[float, ...]:
        found = ranking_metrics(lists[self.asked], self.relevant.take(self.asked)).mean(axis=0)[0]
        return tuple(float(found[USER_METRICS.index(m)]) for m in ("ndcg", "precision", "recall"))

    def by_scores(self, scores: np.ndarray) -> np.ndarray:
        scores = scores.astype(np.float64)
        seen = IndexLists.from_matrix(self.data.matrix)
        scores[seen.rows(), seen.indices] = -np.inf
        return np.argsort(-scores, axis=1, kind="stable")[:, :K].astype(np.int32)

    def by_model(self, model: ec.Recommender, data: Interactions | None = None) -> tuple[float, ...]:
        data = self.data if data is None else data
        lists, _ = model.fit(data).answer(Queries.of_everyone(data), K, exclude_seen=True)
        return self.ranked(lists.items)


def sar(half: Half) -> tuple[float, ...]:
    table, data = half.train, half.data
    days = (table["timestamp"].max() - table["timestamp"]).dt.total_seconds().to_numpy() / 86400
    at = data.users.encode(table["user_id"]), data.items.encode(table["item_id"])
    affinity = sparse.csr_array((table["rating"].to_numpy() * 0.5 ** (days / 30), at), shape=data.shape)
    taken = (data.matrix > 0).astype(np.float64)
    both = (taken.T @ taken).toarray()
    jaccard = both / (np.diag(both)[:, None] + np.diag(both) - both)
    return half.ranked(half.by_scores(affinity @ jaccard))


def svd(half: Half, seed: int) -> tuple[float, ...]:
    model = ec.SVD(factors=150, epochs=15, learning_rate=0.005, regularization=0.02, seed=seed).fit(half.train)
    asked = model.predict(half.test)
    actual, estimate = asked["rating"].to_numpy(), asked["estimate"].to_numpy()
    users, items = half.data.users.ids, half.data.items.ids
    pairs = pl.DataFrame({"user_id": users}).join(
        pl.DataFrame({"item_id": items}), how="cross", maintain_order="left_right"
    )
    scores = model.predict(pairs)["estimate"].to_numpy().reshape(len(users), len(items))
    return *half.ranked(half.by_scores(scores)), rmse(actual, estimate), mae(actual, estimate)


def searched(half: Half, seed: int) -> dict[str, tuple[float, ...]]:
    inner, chosen = Half(half.train, seed), []
    for name, grid in GRIDS.items():
        settings = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
        models = [getattr(ec, name)(**one) for one in settings]
        found = [inner.by_model(model, inner.undated)[0] for model in models]
        best = int(np.argmax(found))
        chosen.append(models[best])
        print(f"seed {seed}: {name} {settings[best]}, {found[best]:.4f} in the search", file=sys.stderr)
    chosen.append(ec.Blend(models=chosen, seed=seed))
    rows = {f"{type(model).__name__}, searched": half.by_model(model, half.undated) for model in chosen}
    print(f"seed {seed}: weights {chosen[-1].weights_.round(2).tolist()}", file=sys.stderr)
    print(f"seed {seed}: nDCG@10", *(f"{name} {row[0]:.4f}" for name, row in rows.items()), sep="; ", file=sys.stderr)
    return rows


def measured(seed: int) -> dict[str, tuple[float, ...]]:
    half = Half(read("ml100k").with_columns(pl.col("rating").cast(pl.Float64)), seed)
    as_sar = ec.ItemKNN(similarity="jaccard", neighbours=2000, shrinkage=0, half_life="30d", prior=0)
    return {
        "SAR": sar(half),
        "BPR": half.by_model(ec.BPR(factors=200, epochs=15, regularization=0.001, seed=seed)),
        "SVD": svd(half, seed),
        "ItemKNN as SAR": half.by_model(as_sar),
        "Popular": half.by_model(ec.Popular()),
        "BPR, our defaults": half.by_model(ec.BPR(seed=seed)),
        "EASE, our defaults": half.by_model(ec.EASE()),
        **searched(half, seed),
    }


def main() -> None:
    splits = int(sys.argv[1]) if len(sys.argv) > 1 else SPLITS
    runs = [measured(THEIR_SEED + number) for number in range(splits)]
    rows = []
    for name in (*PUBLISHED, *ALSO):
        values = np.array([run[name] for run in runs])
        row = [name]
        for place, theirs in enumerate(PUBLISHED.get(name, (None,) * 4)):
            here = ""
            if place < values.shape[1]:
                here = f"{values[0, place]:.3f}"
                if splits > 1:
                    here += f"; {values[:, place].mean():.4f} ±{values[:, place].std(ddof=1):.3f}"
            row += ["" if theirs is None else f"{theirs:.3f}", here]
        rows.append(row)
    metrics = ("nDCG@10", "P@10", "R@10", "RMSE")
    print_table(["", *(f"{m} {who}" for m in metrics for who in ("theirs", "here"))], rows)


if __name__ == "__main__":
    main()
