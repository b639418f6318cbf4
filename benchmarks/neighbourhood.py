"""Neighbourhood models: what each similarity is worth.

    python benchmarks/neighbourhood.py similarities      NDCG@20 by similarity, ItemKNN and UserKNN
    python benchmarks/neighbourhood.py sparse_ease [data set ...] [ease]      SparseEASE, and EASE if asked for

Measured on a random fifth of the training part of the data sets of `ranking.py`, trained on the rest, so that defaults
can be chosen by it. Full ranking of new items, 2 threads.
"""

import sys
import time

import numpy as np
from common import print_table, recall_and_ndcg
from ranking import SETS, THREADS, split
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

SIMILARITIES = (
    {"similarity": "cosine"},
    {"similarity": "tfidf"},
    {"similarity": "bm25"},
    {"similarity": "jaccard"},
    {"similarity": "lift"},
    *({"similarity": "asymmetric", "alpha": alpha} for alpha in (0.1, 0.3, 0.7)),
    *({"similarity": "conditional", "alpha": alpha} for alpha in (0.1, 0.3, 0.5, 0.7)),
)


def validation(name: str) -> tuple[Interactions, sparse.csr_array]:
    """Return four fifths of a data set's training part, and the rest."""
    data, _ = split(name)
    held_out = np.random.default_rng(1).random(data.nnz) < 0.2
    parts = []
    for chosen in (~held_out, held_out):
        part = data.matrix.copy()
        part.data = np.where(chosen, part.data, 0)
        part.eliminate_zeros()
        parts.append(part)
    return Interactions.from_matrix(parts[0]), parts[1]


def similarities() -> None:
    sets = {name: validation(name) for name in SETS}
    rows = []
    for make, extra in ((ec.ItemKNN, {}), (ec.ItemKNN, {"shrinkage": 0}), (ec.UserKNN, {})):
        for how in SIMILARITIES:
            model = make(**how, **extra, threads=THREADS)
            values = []
            for data, truth in sets.values():
                top, _ = model.fit(data).answer(Queries.of_everyone(data), 20)
                values.append(f"{recall_and_ndcg(top.items, truth)[1]:.4f}")
            rows.append([" ".join([make.__name__, *(f"{k}={v}" for k, v in {**how, **extra}.items())]), *values])
    print_table(["NDCG@20", *sets], rows)


def sparse_ease() -> None:
    """What SparseEASE keeps of EASE, and how long both take, on the test parts; regularization as in the pages."""
    cases = {"gowalla": 100.0, "ml1m": 500.0, "ms_store": 10.0, "amazon_book": 100.0}
    asked = [name for name in sys.argv[2:] if name in cases] or list(cases)
    rows = []
    for name in asked:
        data, truth = split(name)
        models = [ec.SparseEASE(regularization=cases[name], neighbours=k, threads=THREADS) for k in (50, 100, 200, 400)]
        if "ease" in sys.argv[2:]:
            models.append(ec.EASE(regularization=cases[name], max_items=None, threads=THREADS))
        for model in models:
            start = time.perf_counter(), time.process_time()
            model.fit(data)
            fitted = time.perf_counter(), time.process_time()
            top, _ = model.answer(Queries.of_everyone(data), 20)
            answered = time.perf_counter() - fitted[0]
            quality = (f"{q:.4f}" for q in recall_and_ndcg(top.items, truth))
            which = f"{name}: {type(model).__name__} {getattr(model, 'neighbours', '')}"
            rows.append([which, *quality, fitted[0] - start[0], fitted[1] - start[1], answered])
            print(rows[-1], flush=True)
    print_table(["model", "Recall@20", "NDCG@20", "fit s", "CPU s", "top 20 for all s"], rows)


def main() -> None:
    parts = {"similarities": similarities, "sparse_ease": sparse_ease}
    for name in sys.argv[1:2] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
