"""Rating predictors side by side with scikit-surprise: accuracy, time and memory of fit and predict, on the same folds.

Each measurement has a process of its own. Processor seconds are told next to those of the clock, as they depend less on
what else the machine does; memory is the peak above what the process held with the
table read: the library's own copy of the ratings, `fit` and `predict`.

    python benchmarks/ratings.py [ml100k|ml1m] [folds] [predictors ...] [--seeds 5]

With `--seeds`, predictors that start from random numbers are measured with seeds 0, 1, ... in both: means, and
the standard deviation of a seed's mean over the folds.
"""

import argparse
import multiprocessing
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from common import print_table, read, skip

import endcap as ec
from endcap.evaluation.rating_metrics import mae, rmse

try:
    import surprise as su
except ImportError:
    skip("needs the peer: pip install scikit-surprise==1.1.5")

ITEM_KNN = {"name": "pearson_baseline", "user_based": False}
PREDICTORS = {
    "RandomRating": (lambda s: ec.RandomRating(seed=s), lambda s: su.NormalPredictor()),
    "Baseline": (lambda s: ec.Baseline(), lambda s: su.BaselineOnly(verbose=False)),
    "SlopeOne": (lambda s: ec.SlopeOne(), lambda s: su.SlopeOne()),
    "KNN": (lambda s: ec.KNN(), lambda s: su.KNNBasic(verbose=False)),
    "KNN-mean": (lambda s: ec.KNN(centre="mean"), lambda s: su.KNNWithMeans(verbose=False)),
    "KNN-zscore": (lambda s: ec.KNN(centre="zscore"), lambda s: su.KNNWithZScore(verbose=False)),
    "KNN-baseline": (lambda s: ec.KNN(centre="baseline"), lambda s: su.KNNBaseline(verbose=False)),
    "KNN-baseline-item": (
        lambda s: ec.KNN(centre="baseline", similarity="pearson_baseline", by="item"),
        lambda s: su.KNNBaseline(sim_options=ITEM_KNN, verbose=False),
    ),
    "SVD": (lambda s: ec.SVD(seed=s), lambda s: su.SVD(random_state=s)),
    "NMF": (lambda s: ec.NMF(seed=s), lambda s: su.NMF(random_state=s)),
    "CoClustering": (lambda s: ec.CoClustering(seed=s), lambda s: su.CoClustering(random_state=s)),
    "SVDpp": (lambda s: ec.SVDpp(seed=s), lambda s: su.SVDpp(random_state=s, cache_ratings=True)),
}
SEEDED = ("RandomRating", "SVD", "NMF", "CoClustering", "SVDpp")


def folds_of_surprise(n: int, folds: int = 5) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the rows to train on and to test on that `surprise.model_selection.KFold(5, random_state=0)` takes."""
    rows = np.arange(n)
    np.random.RandomState(0).shuffle(rows)
    parts = np.array_split(rows, folds)
    return [(np.concatenate(parts[:f] + parts[f + 1 :]), parts[f]) for f in range(folds)]


def held(field: str) -> float:
    """Return MiB of memory: `VmRSS` is what the process has now, `VmHWM` the peak since it was reset."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def ours(model, train: pl.DataFrame, test: pl.DataFrame):
    ratings = ec.Ratings.from_events(train, scale=(1, 5))
    return lambda: model.fit(ratings).predict(test)["estimate"]


def theirs(model, train: pl.DataFrame, test: pl.DataFrame):
    reader = su.Reader(rating_scale=(1, 5))
    frame = train.select("user_id", "item_id", "rating").to_pandas()
    trainset = su.Dataset.load_from_df(frame, reader).build_full_trainset()
    asked = test.select("user_id", "item_id", "rating").rows()
    return lambda: [p.est for p in model.fit(trainset).test(asked)]


def measure(name: str, predictor: str, side: int, fold: int, seed: int) -> list[float]:
    """Return RMSE, MAE, seconds, processor seconds and MiB of one library (0: ours) on one fold."""
    table = read(name)
    if "row_in_original" in table.columns:
        table = table.sort("row_in_original")
    train, test = (table[rows] for rows in folds_of_surprise(len(table))[fold])
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = held("VmRSS")
    work = (ours, theirs)[side](PREDICTORS[predictor][side](seed), train, test)
    start, used = time.perf_counter(), time.process_time()
    estimate = work()
    taken, used = time.perf_counter() - start, time.process_time() - used
    memory = held("VmHWM") - before
    return [rmse(test["rating"], estimate), mae(test["rating"], estimate), taken, used, memory]


def summary(measured: list[list[list[float]]], metric: int) -> str:
    """Return the mean of a metric, and how far seeds' means are apart where there are several."""
    means = np.mean([[fold[metric] for fold in seed] for seed in measured], axis=1)
    return f"{means.mean():.4f}" + (f" ± {means.std(ddof=1):.4f}" if len(means) > 1 else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="ml100k", choices=["ml100k", "ml1m"])
    parser.add_argument("folds", nargs="?", type=int, default=5)
    parser.add_argument("predictors", nargs="*", metavar="predictor")
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    # Learning from one million ratings takes the peer's SVD++ several minutes a fold.
    wanted = asked.predictors or [p for p in PREDICTORS if asked.name == "ml100k" or p != "SVDpp"]
    rows = []
    # A fresh process for each: neither memory kept by an earlier model nor loaded libraries are counted.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as processes:
        for predictor in wanted:
            seeds = range(asked.seeds if predictor in SEEDED else 1)
            sides = [
                [
                    [processes.apply(measure, (asked.name, predictor, side, fold, seed)) for fold in range(asked.folds)]
                    for seed in seeds
                ]
                for side in (0, 1)
            ]
            row = [predictor, *(summary(side, metric) for metric in (0, 1) for side in sides)]
            for cost in (2, 3, 4):
                a, b = (statistics.median(fold[cost] for seed in side for fold in seed) for side in sides)
                row += [a, b, b / max(a, 1e-9)]
            rows.append(row)
            print(*row, file=sys.stderr, flush=True)
    print(f"{asked.name}, {asked.folds} of 5 folds, {asked.seeds} seeds; fit and predict, median of all")
    costs = [column for unit in ("s", "CPU s", "MiB") for column in (unit, "Surprise", "times")]
    print_table(["", "RMSE", "Surprise", "MAE", "Surprise", *costs], rows)


if __name__ == "__main__":
    main()
