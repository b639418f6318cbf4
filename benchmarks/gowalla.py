"""Accuracy on gowalla (LightGCN's split): Recall@20 and NDCG@20 over the full catalogue, training items left out.

    python benchmarks/gowalla.py [--model ALS]

LightGCN's definitions: items are relevant or not; recall divides by the number of a user's test items, the ideal of
NDCG has min(number of test items, 20) hits.
"""

import argparse
import time

from common import print_table, recall_and_ndcg, train_and_test

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

MODELS = {
    "GraphFilter": lambda: ec.GraphFilter(sharpening=0.9),
    "ALS, 64 factors": lambda: ec.ALS(factors=64, unobserved_weight=0.01, regularization=0.01),
    "ALS, 128 factors": lambda: ec.ALS(factors=128, unobserved_weight=0.01, regularization=0.01),
    "ALS, 256 factors": lambda: ec.ALS(factors=256, epochs=6, unobserved_weight=0.015, regularization=0.003),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="", help="only models whose name begins so")
    chosen = parser.parse_args()
    train, test = train_and_test("gowalla")
    data = Interactions.from_matrix(train)
    rows = []
    for name, make in MODELS.items():
        if not name.startswith(chosen.model):
            continue
        start = time.perf_counter()
        model = make().fit(data)
        fitted = time.perf_counter()
        top, _ = model.answer(Queries.of_everyone(data), 20)
        recall, ndcg = recall_and_ndcg(top.items, test)
        rows.append([name, f"{recall:.4f}", f"{ndcg:.4f}", fitted - start, time.perf_counter() - fitted])
    print_table(["model", "Recall@20", "NDCG@20", "fit s", "recommend all s"], rows)


if __name__ == "__main__":
    main()
