"""EASE's fit against RecTools' EASEModel and against the bare inverse by SciPy's Cholesky.

    python benchmarks/ease.py [gowalla]

MovieLens 1M (6,040 users, 3,706 items), 2 threads, the runs of all in turn. With `gowalla`: instead, one fit on all
40,981 places of Gowalla in single precision (some 10 GB, minutes), with recall and NDCG on LightGCN's split.
"""

import os
import sys
import time

import numpy as np
from common import alternate, print_table, read, recall_and_ndcg, skip, train_and_test
from scipy import sparse
from scipy.linalg import lapack
from threadpoolctl import threadpool_limits

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

THREADS, K = 2, 20


def gowalla() -> None:
    train, test = train_and_test("gowalla")
    data = Interactions.from_matrix(train)
    start = time.perf_counter()
    # 100 was the best of 30 to 300 on a held-out fifth of the training part, 12,000 items.
    model = ec.EASE(regularization=100, max_items=train.shape[1], threads=THREADS).fit(data)
    fitted = time.perf_counter()
    items = model.answer(Queries.of_everyone(data), K)[0].items
    recommended = time.perf_counter()
    figures = [f"{value:.4f}" for value in recall_and_ndcg(items, test)]
    row = [repr(model), fitted - start, recommended - fitted, *figures]
    print_table(["model", "fit s", f"top {K} for all s", f"recall@{K}", f"NDCG@{K}"], [row])


def movielens() -> None:
    os.environ["OMP_NUM_THREADS"] = str(THREADS)
    try:
        import pandas as pd
        from rectools import Columns
        from rectools.dataset import Dataset
        from rectools.models import EASEModel
    except ImportError:
        skip("needs RecTools: pip install rectools")
    table = read("ml1m")
    users, items = (np.unique(table[c].to_numpy(), return_inverse=True)[1] for c in ("user_id", "item_id"))
    matrix = sparse.csr_array((np.ones(len(users), np.float32), (users, items)))
    data = Interactions.from_matrix(matrix)
    pairs = {Columns.User: users, Columns.Item: items, Columns.Weight: 1.0, Columns.Datetime: "2000-01-01"}
    dataset = Dataset.construct(pd.DataFrame(pairs))
    gram = np.asfortranarray((matrix.T @ matrix).toarray() + 300 * np.eye(matrix.shape[1], dtype=np.float32))

    def inverse() -> None:
        with threadpool_limits(THREADS, "blas"):
            factor, _ = lapack.spotrf(gram.copy(order="F"), lower=1, overwrite_a=1, clean=0)
            lapack.spotri(factor, lower=1, overwrite_c=1)

    def peer() -> None:
        with threadpool_limits(THREADS, "blas"):
            EASEModel(regularization=300, num_threads=THREADS).fit(dataset)

    times = alternate(
        {
            "RecTools EASEModel": peer,
            "bare inverse (spotrf, spotri)": inverse,
            "Endcap EASE": lambda: ec.EASE(regularization=300, threads=THREADS).fit(data),
        }
    )
    base = times["RecTools EASEModel"]
    rows = [[name, wall, cpu, base[0] / wall, base[1] / cpu] for name, (wall, cpu) in times.items()]
    print_table(["fit on MovieLens 1M", "seconds", "CPU s", "faster", "CPU less"], rows)


if __name__ == "__main__":
    if sys.argv[1:] == ["gowalla"]:
        gowalla()
    else:
        movielens()
