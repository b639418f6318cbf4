"""BPR against implicit's and WARP against LightFM's: seconds an epoch; accuracy of BPR, WARP and LogisticMF.

    python benchmarks/bpr.py [--data gowalla,ml1m] [--part epoch,accuracy,longer]

An epoch is a pass over all pairs with 64 factors and 2 threads; the median of ten epochs, a fit of ours before and one
after the peer's. LightFM and WARP both draw up to ten negatives a pair. "fit s" of the accuracy holds everything.
Accuracy: as in benchmarks/ranking.py, whose splits these are; defaults of every model, implicit's and LightFM's too.
"longer", on request: BPR with its defaults and with twice the epochs.
"""

import argparse
import statistics
import sys
import time

import numpy as np
from common import print_table, recall_and_ndcg
from ranking import split
from scipy import sparse

import endcap as ec
from endcap.data.arrays import IndexLists
from endcap.models.queries import Queries
from endcap.models.top_k import top_k_dense

FACTORS, THREADS, EPOCHS, K = 64, 2, 10, 20


def ours(cls, data):
    told = []
    cls(factors=FACTORS, epochs=EPOCHS, threads=THREADS).fit(data, progress=lambda *_: told.append(time.perf_counter()))
    return list(np.diff(told[: EPOCHS + 1]))


def implicit_bpr(data):
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    times = []
    model = BayesianPersonalizedRanking(factors=FACTORS, iterations=EPOCHS, num_threads=THREADS, random_state=0)
    model.fit(
        sparse.csr_matrix(data.matrix), show_progress=False, callback=lambda _epoch, seconds, *_: times.append(seconds)
    )
    return times


def lightfm_warp(data):
    from lightfm import LightFM

    model, matrix, times = LightFM(no_components=FACTORS, loss="warp", random_state=0), data.matrix.tocoo(), []
    model.fit_partial(sparse.coo_matrix(matrix), epochs=1, num_threads=THREADS)  # sets up what later epochs use
    for _ in range(EPOCHS):
        start = time.perf_counter()
        model.fit_partial(sparse.coo_matrix(matrix), epochs=1, num_threads=THREADS)
        times.append(time.perf_counter() - start)
    return times


def compare_epochs(names):
    rows = []
    for name in names:
        data, _ = split(name)
        for cls, peer_name, peer in ((ec.BPR, "implicit BPR", implicit_bpr), (ec.WARP, "LightFM WARP", lightfm_warp)):
            try:
                before, theirs, after = ours(cls, data), peer(data), ours(cls, data)
            except ImportError as error:
                print(f"skipped: {peer_name} ({error})")
                continue
            a, b = statistics.median(theirs), statistics.median(before + after)
            rows.append([name, f"{cls.__name__} / {peer_name}", a, b, a / b])
    print_table(["data", "models", "peer s", "Endcap s", "faster"], rows)


def implicit_defaults(data):
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(num_threads=THREADS, random_state=0)
    model.fit(sparse.csr_matrix(data.matrix), show_progress=False)
    return model.user_factors, model.item_factors


def lightfm_defaults(data):
    from lightfm import LightFM

    model = LightFM(no_components=FACTORS, loss="warp", random_state=0)
    model.fit(sparse.coo_matrix(data.matrix), epochs=30, num_threads=THREADS)
    items = np.hstack([model.item_embeddings, model.item_biases[:, None]])
    return np.hstack([model.user_embeddings, np.ones((data.shape[0], 1), np.float32)]), items


def accuracy(names):
    for name in names:
        data, truth = split(name)
        rows = []
        seen = IndexLists.from_matrix(data.matrix)
        for model in (ec.Popular(), ec.ALS(), ec.BPR(), ec.WARP(), ec.LogisticMF()):
            if hasattr(model, "threads"):
                model.threads = THREADS
            start = time.perf_counter()
            model.fit(data)
            seconds = time.perf_counter() - start
            top, _ = model.answer(Queries.of_everyone(data), K)
            rows.append([type(model).__name__, *(f"{v:.4f}" for v in recall_and_ndcg(top.items, truth)), seconds])
            print(*rows[-1], file=sys.stderr)
        peers = {"implicit BPR, defaults": implicit_defaults, "LightFM WARP, 64 factors, 30 epochs": lightfm_defaults}
        for peer, fit in peers.items():
            try:
                start = time.perf_counter()
                users, items = (np.ascontiguousarray(part, np.float32) for part in fit(data))
            except ImportError as error:
                print(f"skipped: {peer} ({error})")
                continue
            seconds = time.perf_counter() - start
            found = top_k_dense(users, items, K, seen, None, threads=THREADS).items
            rows.append([peer, *(f"{v:.4f}" for v in recall_and_ndcg(found, truth)), seconds])
        print(f"\n{name}: {data}")
        print_table(["model", f"Recall@{K}", f"NDCG@{K}", "fit s"], rows)


def longer(names):
    settings = ({}, {"epochs": 80}, {"epochs": 80, "learning_rate": 0.5, "regularization": 0.003})
    rows = []
    for name in names:
        data, truth = split(name)
        for told in settings:
            top, _ = ec.BPR(threads=THREADS, **told).fit(data).answer(Queries.of_everyone(data), K)
            rows.append([name, str(told), *(f"{v:.4f}" for v in recall_and_ndcg(top.items, truth))])
    print_table(["data", "parameters", f"Recall@{K}", f"NDCG@{K}"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="gowalla,ml1m")
    parser.add_argument("--part", default="epoch,accuracy")
    chosen = parser.parse_args()
    names = chosen.data.split(",")
    if "epoch" in chosen.part:
        compare_epochs(names)
    if "accuracy" in chosen.part:
        accuracy(names)
    if "longer" in chosen.part:
        longer(names)


if __name__ == "__main__":
    main()
