"""Rating predictors side by side with scikit-surprise: accuracy and time of fit and predict, on the same folds.

python benchmarks/ratings.py [ml100k|ml1m] [folds] [predictors ...]
"""

import statistics
import sys
import time

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


def folds_of_surprise(n: int, folds: int = 5) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the rows to train on and to test on that `surprise.model_selection.KFold(5, random_state=0)` takes."""
    rows = np.arange(n)
    np.random.RandomState(0).shuffle(rows)
    parts = np.array_split(rows, folds)
    return [(np.concatenate(parts[:f] + parts[f + 1 :]), parts[f]) for f in range(folds)]


def ours(model, train: pl.DataFrame, test: pl.DataFrame) -> tuple[float, float, float]:
    ratings = ec.Ratings.from_events(train, scale=(1, 5))
    start = time.perf_counter()
    estimate = model.fit(ratings).predict(test)["estimate"]
    taken = time.perf_counter() - start
    return rmse(test["rating"], estimate), mae(test["rating"], estimate), taken


def theirs(model, train: pl.DataFrame, test: pl.DataFrame) -> tuple[float, float, float]:
    reader = su.Reader(rating_scale=(1, 5))
    frame = train.select("user_id", "item_id", "rating").to_pandas()
    trainset = su.Dataset.load_from_df(frame, reader).build_full_trainset()
    asked = test.select("user_id", "item_id", "rating").rows()
    start = time.perf_counter()
    estimate = [p.est for p in model.fit(trainset).test(asked)]
    taken = time.perf_counter() - start
    return rmse(test["rating"], estimate), mae(test["rating"], estimate), taken


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "ml100k"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    # Learning from one million ratings takes the peer's SVD++ several minutes a fold.
    wanted = sys.argv[3:] or [p for p in PREDICTORS if name == "ml100k" or p != "SVDpp"]
    table = read(name)
    if "row_in_original" in table.columns:
        table = table.sort("row_in_original")
    folds = folds_of_surprise(len(table))[:count]
    rows = []
    for predictor in wanted:
        makers = PREDICTORS[predictor]
        figures = [
            [run(make(fold), table[train], table[test]) for run, make in zip((ours, theirs), makers, strict=True)]
            for fold, (train, test) in enumerate(folds)
        ]
        columns = []
        for metric in (0, 1):
            columns += [f"{np.mean([fold[side][metric] for fold in figures]):.4f}" for side in (0, 1)]
        taken = [statistics.median(fold[side][2] for fold in figures) for side in (0, 1)]
        rows.append([predictor, *columns, *taken, taken[1] / taken[0]])
    print(f"{name}, {count} of 5 folds; seconds of fit and predict, median of the folds")
    print_table(["", "RMSE", "Surprise", "MAE", "Surprise", "seconds", "Surprise", "times faster"], rows)


if __name__ == "__main__":
    main()
