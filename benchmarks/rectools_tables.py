"""RecTools: a table that it publishes, under its protocol; its models beside Endcap's on the same data.

    python benchmarks/rectools_tables.py [--part beauty,models]

beauty: bert4rec_repro, the fork in which RecTools' transformers are measured, has a table on Amazon Beauty as the
authors of BERT4Rec prepared it: a text file of their repository, github.com/FeiSun/BERT4Rec, data/beauty.txt. Lay it at
$ENDCAP_DATA/bert4rec/beauty.txt. (The data set amazon_beauty is another preparation, of 22,363 users instead of
40,226.) Everybody's last item is to be found among all that the user hasn't had yet, by 10 recommendations; it counts
as missed where nobody had it in training. Their row "MF-BPR" is LightFM's BPR with 128 factors and 20 epochs, which
is measured here where LightFM is installed; their transformers are not run, and Endcap has none. "Searched" is the best
of five settings where everybody's last item but one is to be found.

models: RecTools' EASEModel, PopularModel and wrappers of implicit beside Endcap's, on all pairs of MovieLens 1M (the
first of five folds is the test) and on Gowalla (LightGCN's split); recall and NDCG at 20 of both by the same function.
Models called equal have the same definition; where their figures differ by more than ties do, that is a failure.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Iterator

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as implicit asks for

import numpy as np
import polars as pl
from common import DATA, print_table, read, recall_and_ndcg, skip, train_and_test
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

THREADS = 2
OF_TIES = 0.0002  # so far apart are figures of the same model, where ties are broken in another way
PUBLISHED = {  # recall@10, NDCG@10
    "MF-BPR": (0.0185, 0.0090),
    "SASRec, original": (0.0079, 0.0036),
    "BERT4Rec, original": (0.0163, 0.0079),
    "BERT4Rec-VAE": (0.0331, 0.0188),
    "BERT4Rec, RecTools": (0.0434, 0.0242),
    "SASRec, RecTools": (0.0595, 0.0359),
}
MODELS_OF_BEAUTY = {
    "BPR, 128 factors": ec.BPR(factors=128, threads=THREADS),
    "Popular": ec.Popular(),
    "ALS": ec.ALS(threads=THREADS),
    "ItemKNN": ec.ItemKNN(threads=THREADS),
    "UserKNN": ec.UserKNN(threads=THREADS),
    "RP3beta": ec.RP3beta(threads=THREADS),
    "SLIM": ec.SLIM(threads=THREADS),
    "Markov": ec.Markov(threads=THREADS),
    "SequentialRules": ec.SequentialRules(threads=THREADS),
    "VMISKNN": ec.VMISKNN(threads=THREADS),
}


def lists_of(model: ec.Recommender, data: Interactions, k: int) -> np.ndarray:
    return model.fit(data).answer(Queries.of_everyone(data), k, exclude_seen=True)[0].items


def beauty_events() -> pl.DataFrame:
    file = DATA / "bert4rec" / "beauty.txt"
    if not file.is_file():
        skip(f"needs data/beauty.txt of github.com/FeiSun/BERT4Rec as {file} (set ENDCAP_DATA)")
    table = pl.DataFrame(np.loadtxt(file, np.int64), schema=["user_id", "item_id"], orient="row")
    # There are no times in it, only the order.
    return table.with_columns(pl.from_epoch(pl.int_range(pl.len()).over("user_id"), time_unit="s").alias("timestamp"))


def last_out(table: pl.DataFrame) -> tuple[pl.DataFrame, Interactions, sparse.csr_array]:
    """Return everything but every user's last item, twice, and that item; unknown ones in a column of their own."""
    is_last = pl.int_range(pl.len()).over("user_id") == pl.len().over("user_id") - 1
    train, test = table.filter(~is_last), table.filter(is_last)
    data = Interactions.from_events(train, log=True)
    users, items = data.users.encode(test["user_id"]), data.items.encode(test["item_id"])
    users, items = users[users >= 0], items[users >= 0]
    items[items < 0] = data.shape[1]
    shape = (data.shape[0], data.shape[1] + 1)
    return train, data, sparse.csr_array((np.ones(len(users)), (users, items)), shape=shape)


def lightfm_lists(data: Interactions, k: int) -> np.ndarray:
    from lightfm import LightFM

    from endcap.data.arrays import IndexLists
    from endcap.models.top_k import top_k_dense

    model = LightFM(no_components=128, loss="bpr", random_state=0)
    at = tuple(codes.astype(np.int32) for codes in data.matrix.nonzero())  # as it asks for
    taken = sparse.coo_matrix((np.ones(data.nnz, np.float32), at), shape=data.shape)
    model.fit(taken, epochs=20, num_threads=THREADS)
    # The bias of an item as one factor more.
    users = np.column_stack([model.user_embeddings, np.ones(data.shape[0])])
    items = np.column_stack([model.item_embeddings, model.item_biases])
    factors = (np.ascontiguousarray(part, np.float32) for part in (users, items))
    return top_k_dense(*factors, k, IndexLists.from_matrix(data.matrix), None, threads=THREADS).items


def beauty() -> None:
    table = beauty_events()
    train, data, truth = last_out(table)
    print(f"Beauty: {len(table):,} events, {data.shape[0]:,} users, {table['item_id'].n_unique():,} items")
    print(f"The last item of {truth[:, [-1]].sum():,.0f} users is nobody's in training.")
    rows = [[name, *(f"{v:.4f}" for v in figures), "", ""] for name, figures in PUBLISHED.items()]

    def show(name: str, lists: np.ndarray) -> list[str]:
        figures = [f"{v:.4f}" for v in recall_and_ndcg(lists, truth)]
        print(name, *figures, file=sys.stderr, flush=True)
        return figures

    try:
        rows[0][3:] = show("LightFM", lightfm_lists(data, 10))
    except ImportError as error:
        print(f"skipped: LightFM ({error})")
    _, inner, inner_truth = last_out(train)
    rules = [ec.SequentialRules(last=last, threads=THREADS) for last in range(1, 6)]
    found = [recall_and_ndcg(lists_of(model, inner, 10), inner_truth)[1] for model in rules]
    best = rules[int(np.argmax(found))]
    models = MODELS_OF_BEAUTY | {f"SequentialRules, searched: last {best.last}": best}
    rows += [[name, "", "", *show(name, lists_of(model, data, 10))] for name, model in models.items()]
    print_table(["", "recall@10 theirs", "NDCG@10 theirs", "recall@10 here", "NDCG@10 here"], rows)


def splits() -> Iterator[tuple[str, sparse.csr_array, sparse.csr_array]]:
    table = read("ml1m")
    at = [np.unique(table[c].to_numpy(), return_inverse=True)[1] for c in ("user_id", "item_id")]
    held_out = (table["fold"] == table["fold"].min()).to_numpy()
    shape = tuple(int(codes.max()) + 1 for codes in at)
    parts = (
        sparse.csr_array((np.ones(rows.sum(), np.float32), tuple(codes[rows] for codes in at)), shape=shape)
        for rows in (~held_out, held_out)
    )
    yield ("ml1m", *parts)
    yield ("gowalla", *train_and_test("gowalla"))


def transposed(ease: type) -> type:
    """Return RecTools' EASE with the weights as Steck has them: it scores by X B' what was solved for as X B."""

    class Transposed(ease):
        def _fit(self, dataset: object) -> None:
            super()._fit(dataset)
            self.weight = np.ascontiguousarray(self.weight.T)

    return Transposed


def pairs_of_models(items: int) -> dict[str, tuple[Callable, ec.Recommender, bool]]:
    """Return RecTools' model, Endcap's, and whether they are the same model."""
    from implicit.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import TFIDFRecommender
    from rectools import models as theirs

    both = {
        "PopularModel / Popular": (theirs.PopularModel, ec.Popular(), True),
        "ImplicitALSWrapperModel / ALS told the same": (
            lambda: theirs.ImplicitALSWrapperModel(
                AlternatingLeastSquares(factors=64, alpha=40, random_state=0, num_threads=THREADS)
            ),
            # Hu et al.'s objective as implicit has it: a confidence of 40 for what was taken, and of 1 for the rest.
            ec.ALS(
                factors=64,
                epochs=15,
                confidence="constant",
                unobserved_weight=1.0,
                alpha=39.0,
                regularization=0.01,
                frequency_scaling=0.0,
                threads=THREADS,
            ),
            False,
        ),
        "ImplicitItemKNN, TF-IDF, 100 / ItemKNN told the same": (
            lambda: theirs.ImplicitItemKNNWrapperModel(TFIDFRecommender(K=100, num_threads=THREADS)),
            ec.ItemKNN(similarity="tfidf", neighbours=100, shrinkage=0, threads=THREADS),
            False,
        ),
    }
    if items < 10_000:
        ease = ec.EASE(regularization=300, threads=THREADS)
        both["EASEModel, 300 / EASE"] = (lambda: theirs.EASEModel(regularization=300), ease, False)
        both["the same, weights transposed / EASE"] = (
            lambda: transposed(theirs.EASEModel)(regularization=300),
            ease,
            True,
        )
    return both


def models() -> None:
    try:
        import pandas as pd
        from rectools import Columns
        from rectools.dataset import Dataset
    except ImportError as error:
        skip(f"needs RecTools: pip install rectools ({error})")
    warnings.filterwarnings("ignore", category=UserWarning)
    failed = []
    for name, train, test in splits():
        data, truth = Interactions.from_matrix(train), test
        users, items = train.nonzero()
        columns = {Columns.User: users, Columns.Item: items, Columns.Weight: 1.0, Columns.Datetime: "2000-01-01"}
        dataset = Dataset.construct(pd.DataFrame(columns))
        known, rows = np.unique(users), []

        def of_rectools(model, dataset=dataset, known=known, shape=train.shape) -> np.ndarray:
            model.fit(dataset)
            told = model.recommend(users=known, dataset=dataset, k=20, filter_viewed=True)
            lists = np.full((shape[0], 20), -1, np.int64)
            lists[told[Columns.User], told[Columns.Rank] - 1] = told[Columns.Item]
            return lists

        for label, (make_theirs, ours, same) in pairs_of_models(train.shape[1]).items():
            found = recall_and_ndcg(of_rectools(make_theirs()), truth)
            here = recall_and_ndcg(lists_of(ours, data, 20), truth)
            rows.append([label, *(f"{v:.4f}" for v in (*found, *here)), "equal" if same else ""])
            print(rows[-1], file=sys.stderr, flush=True)
            if same and max(abs(a - b) for a, b in zip(found, here, strict=True)) > OF_TIES:
                failed.append(f"{name}: {label}")
        print(f"\n{name}: {data}")
        print_table(["RecTools' / Endcap's", "recall@20 theirs", "NDCG@20", "recall@20 ours", "NDCG@20", ""], rows)
    if failed:
        sys.exit(f"not equal: {', '.join(failed)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", default="beauty,models")
    parts = parser.parse_args().part.split(",")
    if "models" in parts:
        models()
    if "beauty" in parts:
        beauty()


if __name__ == "__main__":
    main()
