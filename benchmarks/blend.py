"""A Blend beside the models it is made of: accuracy, and the time to recommend for everyone.

    python benchmarks/blend.py [gowalla] [ml1m]

Places (LightGCN's split of Gowalla, Recall@20 and NDCG@20) and films (MovieLens 1M, ratings of 4 and above, one of five
folds, the same at 10): the full catalogue is ranked, items of the training part left out. The models' parameters are
those of their own pages; the weights are learned on a part of the training data.
"""

import sys
import time

from common import print_table, recall_and_ndcg
from ranking import split

import endcap as ec
from endcap.models.queries import Queries

MODELS = {
    "gowalla": [
        ec.GraphFilter(sharpening=0.9),
        ec.ALS(factors=256, epochs=6, unobserved_weight=0.015, regularization=0.003),
        ec.SparseEASE(),
    ],
    "ml1m": [
        ec.ALS(factors=128, regularization=0.01, unobserved_weight=0.4),
        ec.EASE(),
        ec.GraphFilter(),
        ec.SLIM(l1=1.0, l2=300.0),
        ec.UserKNN(),
    ],
}
AT = {"gowalla": 20, "ml1m": 10}


def main() -> None:
    for name in sys.argv[1:] or MODELS:
        data, truth = split(name)
        start = time.perf_counter()
        blend = ec.Blend(models=MODELS[name]).fit(data)
        fitted = time.perf_counter() - start
        rows = []
        for model in [*blend.components_, blend]:
            start, k = time.perf_counter(), AT[name]
            items = model.answer(Queries.of_everyone(data), k)[0].items
            took = time.perf_counter() - start
            rows.append([type(model).__name__, *(f"{value:.4f}" for value in recall_and_ndcg(items, truth)), took])
        print(f"\n{name}: {data}; the blend was fitted in {fitted:.0f} s, weights {blend.weights_.round(2).tolist()}\n")
        print_table(["model", f"Recall@{AT[name]}", f"NDCG@{AT[name]}", "recommend all s"], rows)


if __name__ == "__main__":
    main()
