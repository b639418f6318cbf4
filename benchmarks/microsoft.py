"""The table of Microsoft's Recommenders on MovieLens 100K under its protocol.

    python benchmarks/microsoft.py [SPLITS]

Three quarters of each item's ratings are for training; every rating of the others is right; 10 items are recommended
that the user hasn't rated. (SAR's row is from another notebook, which takes three quarters of each user's ratings.) The
first figures are on the very split of their table (pandas' shuffle of each item's ratings with seed 42), then come
mean and standard deviation over five such splits, each with a seed of its own.

Written out here with SciPy are SAR (ratings, halved every 30 days before the last one, times the items' Jaccard
similarities) and BPR (the paper's steps, plain and with item biases, summed over batches of draws). Surprise's SVD and
Cornac's BPR themselves are measured where they are installed: `pip install scikit-surprise==1.1.5 cornac==2.2.2`. All
have the parameters of the table, but for the learning rate of Endcap's `BPR`, whose steps are Adagrad's.

"Searched" is, anew for each split, the best of a small grid on its training part alone: a quarter of each item's
ratings there is held out in the same way. `Blend` is of the five models so found, and learns its weights on the
training part, too. The six see no times, since by these splits the future is no other than the past.
"""

import itertools
import sys
from typing import NamedTuple

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
BATCH = 4096  # draws of the BPR written out whose steps are summed; 1,024 make no difference to the figures


class Training(NamedTuple):
    """What BPR was told, and when."""

    epochs: int
    learning_rate: float
    factors: int = 200
    regularization: float = 0.001


BPR, BPR_2020 = Training(epochs=200, learning_rate=0.01), Training(epochs=15, learning_rate=0.075)
OF_SVD, OF_BPR = (0.095930, 0.091198, 0.032783, 0.938681), (0.441997, 0.388229, 0.212522)
OF_BPR_2020 = (0.389948, 0.349841, 0.181807)
PUBLISHED = {  # nDCG@10, precision@10, recall@10, RMSE
    "SAR, split by user": (0.382461, 0.330753, 0.176385),
    "SAR": (0.388321, 0.333828, 0.183179),
    "Surprise's SVD": OF_SVD,
    "SVD": OF_SVD,
    "Cornac's BPR": OF_BPR,
    "BPR, written out": OF_BPR,
    "BPR, rate searched": OF_BPR,
    "Cornac's BPR of 2020": OF_BPR_2020,
    "BPR of 2020": OF_BPR_2020,
}
GRIDS = {
    "EASE": {"regularization": [300.0, 500.0, 1000.0]},
    "SLIM": {"l1": [0.5, 2.0], "l2": [100.0, 300.0, 1000.0]},
    "ALS": {"factors": [32, 64], "regularization": [0.02, 0.03, 0.05], "unobserved_weight": [0.1, 0.2, 0.4]},
    "GraphFilter": {"factors": [32, 64, 128], "sharpening": [0.5, 0.8]},
    "UserKNN": {"neighbours": [50, 100, 200], "similarity": ["cosine", "bm25"]},
}
RATES = [0.1, 0.2, 0.3, 0.5, 1.0]  # of Endcap's BPR
Row = tuple[float, ...]


class Half:
    """One split: ratings to learn from, ratings to be found; shuffled and cut for each user, or for each item."""

    def __init__(self, table: pl.DataFrame, seed: int, by: str = "item_id") -> None:
        learned, hidden = [], []
        for _, group in table.with_row_index("row").select("row", by).to_pandas().groupby(by):
            rows = group["row"].sample(frac=1, random_state=seed).to_numpy()
            cut = round(0.75 * len(rows))
            learned.append(rows[:cut])
            hidden.append(rows[cut:])
        self.train, self.test = (table[np.concatenate(rows)] for rows in (learned, hidden))
        self.data = Interactions.from_events(self.train.select("user_id", "item_id", "timestamp"))
        self.undated = Interactions.from_events(self.train.select("user_id", "item_id"))
        users, items = self.data.users.encode(self.test["user_id"]), self.data.items.encode(self.test["item_id"])
        unknown = items < 0  # nobody rated them in the training part: right, and not to be found
        items[unknown] = self.data.shape[1] + np.arange(unknown.sum(), dtype=np.int32)
        self.relevant = IndexLists.from_pairs(users, items, self.data.shape[0])
        self.asked = np.flatnonzero(np.diff(self.relevant.indptr) > 0)

    def ranked(self, lists: np.ndarray) -> Row:
        found = ranking_metrics(lists[self.asked], self.relevant.take(self.asked)).mean(axis=0)[0]
        return tuple(float(found[USER_METRICS.index(m)]) for m in ("ndcg", "precision", "recall"))

    def by_scores(self, scores: np.ndarray) -> Row:
        scores = scores.astype(np.float64)
        seen = IndexLists.from_matrix(self.data.matrix)
        scores[seen.rows(), seen.indices] = -np.inf
        return self.ranked(np.argsort(-scores, axis=1, kind="stable")[:, :K].astype(np.int32))

    def by_model(self, model: ec.Recommender, data: Interactions | None = None) -> Row:
        data = self.data if data is None else data
        lists, _ = model.fit(data).answer(Queries.of_everyone(data), K, exclude_seen=True)
        return self.ranked(lists.items)


def sar(half: Half) -> Row:
    table, data = half.train, half.data
    days = (table["timestamp"].max() - table["timestamp"]).dt.total_seconds().to_numpy() / 86400
    at = data.users.encode(table["user_id"]), data.items.encode(table["item_id"])
    affinity = sparse.csr_array((table["rating"].to_numpy() * 0.5 ** (days / 30), at), shape=data.shape)
    taken = (data.matrix > 0).astype(np.float64)
    both = (taken.T @ taken).toarray()
    jaccard = both / (np.diag(both)[:, None] + np.diag(both) - both)
    return half.by_scores(affinity @ jaccard)


def svd(half: Half, seed: int) -> Row:
    model = ec.SVD(factors=150, epochs=15, learning_rate=0.005, regularization=0.02, seed=seed).fit(half.train)
    asked = model.predict(half.test)
    actual, estimate = asked["rating"].to_numpy(), asked["estimate"].to_numpy()
    users, items = half.data.users.ids, half.data.items.ids
    pairs = pl.DataFrame({"user_id": users}).join(
        pl.DataFrame({"item_id": items}), how="cross", maintain_order="left_right"
    )
    scores = model.predict(pairs)["estimate"].to_numpy().reshape(len(users), len(items))
    return *half.by_scores(scores), rmse(actual, estimate), mae(actual, estimate)


def surprise_svd(half: Half, seed: int) -> Row:
    from surprise import SVD, Dataset, Reader

    table = half.train.select("user_id", "item_id", "rating").to_pandas()
    learned = Dataset.load_from_df(table, Reader("ml-100k")).build_full_trainset()
    model = SVD(n_factors=150, n_epochs=15, lr_all=0.005, reg_all=0.02, random_state=seed).fit(learned)
    users = [learned.to_inner_uid(u) for u in half.data.users.ids.to_list()]
    items = [learned.to_inner_iid(i) for i in half.data.items.ids.to_list()]
    scores = model.bu[users][:, None] + model.bi[items] + model.pu[users] @ model.qi[items].T
    scores = np.clip(learned.global_mean + scores, 1, 5)
    at = half.data.users.encode(half.test["user_id"]), half.data.items.encode(half.test["item_id"])
    actual, estimate = half.test["rating"].to_numpy(), scores[at]
    return *half.by_scores(scores), rmse(actual, estimate), mae(actual, estimate)


def cornac_bpr(half: Half, seed: int, told: Training) -> Row:
    from cornac import models
    from cornac.data import Dataset

    learned = Dataset.from_uir(half.train.select("user_id", "item_id", "rating").rows(), seed=seed)
    steps = {"max_iter": told.epochs, "learning_rate": told.learning_rate, "lambda_reg": told.regularization}
    model = models.BPR(k=told.factors, **steps, seed=seed).fit(learned)
    users = [learned.uid_map[u] for u in half.data.users.ids.to_list()]
    items = [learned.iid_map[i] for i in half.data.items.ids.to_list()]
    return half.by_scores(model.u_factors[users] @ model.i_factors[items].T + model.i_biases[items])


def bpr(half: Half, seed: int, told: Training) -> Row:
    taken = half.data.matrix.toarray() > 0
    users, items = np.nonzero(taken)
    random = np.random.default_rng(seed)
    x, y = ((random.random((rows, told.factors + 1), np.float32) - 0.5) / told.factors for rows in taken.shape)
    x[:, -1], y[:, -1] = 1, 0  # in the last place of an item's vector is its bias
    for _ in range(told.epochs):
        drawn, other = random.integers(len(users), size=len(users)), random.integers(len(y), size=len(users))
        is_new = ~taken[users[drawn], other]  # else: no step
        drawn, other = drawn[is_new], other[is_new]
        for batch in (slice(start, start + BATCH) for start in range(0, len(drawn), BATCH)):
            u, i, j = users[drawn[batch]], items[drawn[batch]], other[batch]
            x_u, difference = x[u], y[i] - y[j]
            wrong = 1 / (1 + np.exp((x_u * difference).sum(axis=1)))
            step(x, u[None], wrong, difference, told)
            step(y, np.stack([i, j]), np.stack([wrong, -wrong]), x_u, told)
            x[:, -1] = 1
    return half.by_scores(x @ y.T)


def step(vectors: np.ndarray, rows: np.ndarray, signed: np.ndarray, gradients: np.ndarray, told: Training) -> None:
    """Add to the vectors in `rows`, shape (1 or 2, draws), their draws' gradients, each times `signed`."""
    draws = np.broadcast_to(np.arange(rows.shape[1]), rows.shape)
    sums = sparse.csr_array((signed.ravel(), (rows.ravel(), draws.ravel())), (len(vectors), rows.shape[1])) @ gradients
    shrink = told.regularization * np.bincount(rows.ravel(), minlength=len(vectors)).astype(np.float32)
    vectors += told.learning_rate * (sums - shrink[:, None] * vectors)


def best_of(inner: Half, name: str, grid: dict[str, list], **fixed: float) -> ec.Recommender:
    settings = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    models = [getattr(ec, name)(**one, **fixed) for one in settings]
    found = [inner.by_model(model, inner.undated)[0] for model in models]
    best = int(np.argmax(found))
    print(f"{name} {settings[best]}, {found[best]:.4f} in the search", file=sys.stderr)
    return models[best]


def searched(half: Half, seed: int) -> dict[str, Row]:
    print(f"seed {seed}", file=sys.stderr)
    inner = Half(half.train, seed)
    as_theirs = {"factors": BPR.factors, "epochs": BPR.epochs, "regularization": BPR.regularization, "seed": seed}
    chosen = [best_of(inner, name, grid) for name, grid in GRIDS.items()]
    chosen.append(ec.Blend(models=chosen, seed=seed))
    rows = {"BPR, rate searched": half.by_model(best_of(inner, "BPR", {"learning_rate": RATES}, **as_theirs))}
    rows |= {f"{type(model).__name__}, searched": half.by_model(model, half.undated) for model in chosen}
    print(f"weights {chosen[-1].weights_.round(2).tolist()}", file=sys.stderr)
    print("nDCG@10", *(f"{name} {row[0]:.4f}" for name, row in rows.items()), sep="; ", file=sys.stderr)
    return rows


def of_peers(half: Half, seed: int) -> dict[str, Row]:
    rows = {}
    try:
        rows["Surprise's SVD"] = surprise_svd(half, seed)
    except ImportError as error:
        print(f"skipped: Surprise's SVD ({error})", file=sys.stderr)
    try:
        rows["Cornac's BPR"] = cornac_bpr(half, seed, BPR)
        rows["Cornac's BPR of 2020"] = cornac_bpr(half, seed, BPR_2020)
    except ImportError as error:
        print(f"skipped: Cornac's BPR ({error})", file=sys.stderr)
    return rows


def measured(seed: int) -> dict[str, Row]:
    table = read("ml100k").with_columns(pl.col("rating").cast(pl.Float64))
    half = Half(table, seed)
    of_2020 = ec.BPR(factors=200, epochs=BPR_2020.epochs, regularization=BPR_2020.regularization, seed=seed)
    as_sar = ec.ItemKNN(similarity="jaccard", neighbours=2000, shrinkage=0, half_life="30d", prior=0)
    return {
        **of_peers(half, seed),
        "SAR, split by user": sar(Half(table, seed, by="user_id")),
        "SAR": sar(half),
        "SVD": svd(half, seed),
        "BPR, written out": bpr(half, seed, BPR),
        "BPR of 2020": half.by_model(of_2020),
        "BPR, our defaults": half.by_model(ec.BPR(seed=seed)),
        "ItemKNN as SAR": half.by_model(as_sar),
        "Popular": half.by_model(ec.Popular()),
        "EASE, our defaults": half.by_model(ec.EASE()),
        **searched(half, seed),
    }


def main() -> None:
    splits = int(sys.argv[1]) if len(sys.argv) > 1 else SPLITS
    runs = [measured(THEIR_SEED + number) for number in range(splits)]
    names = [name for name in (*PUBLISHED, *runs[0]) if name in runs[0]]
    rows = []
    for name in dict.fromkeys(names):
        values = np.array([run[name] for run in runs])
        theirs, row = PUBLISHED.get(name, ()), [name]
        for place in range(4):
            row.append(f"{theirs[place]:.6f}" if place < len(theirs) else "")
            here = f"{values[0, place]:.6f}" if place < values.shape[1] else ""
            if here and splits > 1:
                here += f"; {values[:, place].mean():.4f} ±{values[:, place].std(ddof=1):.3f}"
            row.append(here)
        rows.append(row)
    metrics = ("nDCG@10", "P@10", "R@10", "RMSE")
    print_table(["", *(f"{m} {who}" for m in metrics for who in ("theirs", "here"))], rows)


if __name__ == "__main__":
    main()
