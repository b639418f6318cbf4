"""Accuracy of ranking models on four real data sets, and speed against irspack where it is installed.

    python benchmarks/ranking.py                  every model below, every data set
    python benchmarks/ranking.py RP3beta gowalla  only those named

Full ranking, items seen in training left out of lists and truth, users with something to find only. Gowalla: LightGCN's
split. MovieLens 1M: ratings of 4 and above, the first of the five folds is the test. Ta-Feng, Online Retail: the last
four weeks are the test. Default parameters, 2 threads. On request also amazon_book (KGAT's split) and ml100k: all
ratings, a quarter of each user's drawn by chance as the test.
"""

import datetime as dt
import sys

import numpy as np
import polars as pl
from common import alternate, print_table, read, recall_and_ndcg, train_and_test
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

MODELS = ("Popular", "ItemKNN", "UserKNN", "RP3beta", "GraphFilter", "SLIM")
MORE_SETS = ("amazon_book", "ml100k")
SETS = ("gowalla", "ml1m", "tafeng", "online_retail")
THREADS = 2


def pairs_of(name: str) -> pl.DataFrame:
    """Return a data set with times as `user_id, item_id, timestamp`."""
    table = read(name)
    if name == "online_retail":
        real = pl.col("CustomerID").is_not_null() & (pl.col("Quantity") > 0) & (pl.col("UnitPrice") > 0)
        table = table.filter(real).rename({"CustomerID": "user_id", "StockCode": "item_id", "InvoiceDate": "timestamp"})
    return table.select("user_id", "item_id", pl.col("timestamp").cast(pl.Datetime("us")))


def held_out_after(table: pl.DataFrame, span: dt.timedelta) -> pl.Expr:
    """Return which rows are of the newest stretch of time."""
    return pl.col("timestamp") > table["timestamp"].max() - span


def split(name: str, table: pl.DataFrame | None = None) -> tuple[Interactions, sparse.csr_array]:
    """Return the training and test part of a data set; of `table` where only a part of one with times is given."""
    if name in ("gowalla", "amazon_book"):
        train, test = train_and_test(name)
        return Interactions.from_matrix(train), test
    if name == "ml100k":
        table = read(name)
        shuffled = pl.int_range(pl.len()).shuffle(seed=42).over("user_id")
        held_out = shuffled >= (0.75 * pl.len().over("user_id")).round()
        table = table.select("user_id", "item_id")
    elif name == "ml1m":
        table = read(name).filter(pl.col("rating") >= 4)
        held_out = pl.col("fold") == table["fold"].min()
        table = table.select("user_id", "item_id", "fold")
    else:
        table = pairs_of(name) if table is None else table
        held_out = held_out_after(table, dt.timedelta(weeks=4))
    data, test = Interactions.from_events(table.filter(~held_out)), table.filter(held_out)
    users, items = data.users.encode(test["user_id"]), data.items.encode(test["item_id"])
    known = (users >= 0) & (items >= 0)
    truth = sparse.csr_array((np.ones(known.sum()), (users[known], items[known])), shape=data.shape)
    truth = sparse.csr_array((truth > 0) > (data.matrix > 0))
    truth.sort_indices()
    return data, truth


def with_threads(name: str) -> ec.Recommender:
    cls = getattr(ec, name)
    return cls(threads=THREADS) if "threads" in cls.__dataclass_fields__ else cls()


def accuracy(models: list[str], sets: list[str]) -> None:
    for data_name in sets:
        data, truth = split(data_name)
        rows = []
        for name in models:
            model, answers = with_threads(name), {}

            def answer(model=model, answers=answers, data=data):
                answers["items"] = model.answer(Queries.of_everyone(data), 20)[0].items

            seconds = alternate({"fit": lambda model=model, data=data: model.fit(data), "answer": answer}, runs=1)
            quality = *recall_and_ndcg(answers["items"], truth), recall_and_ndcg(answers["items"][:, :10], truth)[1]
            rows.append([name, *(f"{q:.4f}" for q in quality), *(seconds[what][0] for what in ("fit", "answer"))])
        print(f"\n{data_name}: {data}")
        print_table(["model", "Recall@20", "NDCG@20", "NDCG@10", "fit s", "top 20 for all s"], rows)


def against_irspack() -> None:
    try:
        from irspack import RP3betaRecommender
        from irspack.recommenders import CosineUserKNNRecommender
    except ImportError:
        print("\nskipped: the comparison with irspack needs it (pip install irspack)")
        return
    data, _ = split("gowalla")
    x = sparse.csr_matrix(data.matrix.astype(np.float64))
    pairs = {
        "RP3beta": (
            ec.RP3beta(neighbours=100, alpha=1, beta=0.6, threads=THREADS),
            lambda: RP3betaRecommender(x, alpha=1, beta=0.6, top_k=100, n_threads=THREADS),
        ),
        "UserKNN": (
            ec.UserKNN(neighbours=100, similarity="cosine", threads=THREADS),
            lambda: CosineUserKNNRecommender(x, top_k=100, shrinkage=0, n_threads=THREADS),
        ),
    }
    rows = []
    for name, (ours, make_theirs) in pairs.items():

        def both(ours=ours):
            ours.fit(data).answer(Queries.of_everyone(data), 20)

        def theirs(make_theirs=make_theirs):
            fitted = make_theirs().learn()
            for start in range(0, data.shape[0], 1000):
                scores = fitted.get_score_remove_seen(np.arange(start, min(start + 1000, data.shape[0])))
                np.argpartition(-scores, 20, axis=1)

        seconds = alternate({"endcap": both, "irspack": theirs}, runs=5)
        (wall, cpu), (peer_wall, peer_cpu) = seconds["endcap"], seconds["irspack"]
        rows.append([name, wall, cpu, peer_wall, peer_cpu, peer_wall / wall, peer_cpu / cpu])
    print("\nGowalla: fit and top 20 for all, against irspack")
    print_table(["model", "s", "CPU s", "irspack s", "irspack CPU s", "faster", "CPU less"], rows)


def main() -> None:
    asked = sys.argv[1:]
    models = [m for m in asked if m in ec.__all__] or list(MODELS)
    accuracy(models, [s for s in asked if s in SETS + MORE_SETS] or list(SETS))
    if not asked:
        against_irspack()


if __name__ == "__main__":
    main()
