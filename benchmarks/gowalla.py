"""Places: every ranking model with its defaults on Gowalla (LightGCN's split), and some with parameters for it.

    python benchmarks/gowalla.py                         all of them
    python benchmarks/gowalla.py Popular "ALS, 64"       those whose names begin so
    python benchmarks/gowalla.py --append figures.tsv    each also written to a file as soon as it is known

Recall@20, NDCG@20 and NDCG@10 over the full catalogue of 40,981 items, those of the training part left out, and the
seconds to fit and to recommend the best 20 to all 29,858 users, on 2 threads. As in LightGCN's paper, items are
relevant or not; recall divides by the number of a user's test items, the ideal of NDCG has min(test items, k) hits.

A model that can't learn from this set (no times, no baskets, nothing taken again) is named with the reason. EASE
learns from the 20,000 items that most users visited and takes a minute, the Blend, which fits it twice, several.
"""

import argparse
import time
from pathlib import Path

from common import print_table, recall_and_ndcg, train_and_test
from ranking import with_threads
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.errors import EndcapError
from endcap.models import MODELS
from endcap.models.queries import Queries

CHOSEN = {
    "GraphFilter, sharpening 0.9": lambda: ec.GraphFilter(sharpening=0.9, threads=2),
    "ALS, 64 factors": lambda: ec.ALS(factors=64, unobserved_weight=0.01, regularization=0.01, threads=2),
    "ALS, 128 factors": lambda: ec.ALS(factors=128, unobserved_weight=0.01, regularization=0.01, threads=2),
    "ALS, 256 factors": lambda: ec.ALS(factors=256, epochs=6, unobserved_weight=0.015, regularization=0.003, threads=2),
}
CHOSEN["Blend of three, weights .4 .3 .3"] = lambda: ec.Blend(
    models=[CHOSEN["GraphFilter, sharpening 0.9"](), CHOSEN["ALS, 256 factors"](), ec.SparseEASE(threads=2)],
    weights=[0.4, 0.3, 0.3],
)
HEADER = ["model", "Recall@20", "NDCG@20", "NDCG@10", "fit s", "recommend all s"]


def measure(model: ec.Recommender, data: Interactions, test: sparse.csr_array) -> list[object]:
    """Return accuracy and seconds of a model; the reason instead where it can't learn from the set."""
    if model._needs_log:
        return ["skipped: it learns from events in their order, and this set has no times"]
    if model._recommends_seen:
        return ["skipped: it recommends what a user had before, which this set's test part leaves out"]
    start = time.perf_counter()
    try:
        model.fit(data)
    except EndcapError as error:
        return [f"skipped: {error}"]
    fitted = time.perf_counter()
    items = model.answer(Queries.of_everyone(data), 20)[0].items
    answered = time.perf_counter()
    quality = *recall_and_ndcg(items, test), recall_and_ndcg(items[:, :10], test)[1]
    return [*(f"{value:.4f}" for value in quality), fitted - start, answered - fitted]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", help="only models whose names begin so")
    parser.add_argument("--append", type=Path, help="a file that each model's figures are written to at once")
    asked = parser.parse_args()
    train, test = train_and_test("gowalla")
    data = Interactions.from_matrix(train)
    rows = []
    for name in [*MODELS, *CHOSEN]:
        if asked.models and not name.startswith(tuple(asked.models)):
            continue
        figures = measure(CHOSEN[name]() if name in CHOSEN else with_threads(name), data, test)
        rows.append([name, *figures, *[""] * (len(HEADER) - 1 - len(figures))])
        if asked.append:
            with asked.append.open("a") as file:
                print(*rows[-1], sep="\t", file=file)
    print_table(HEADER, [row for row in rows if row[-1] != ""])
    for name, why, *_ in [row for row in rows if row[-1] == ""]:
        print(f"{name}: {why}")


if __name__ == "__main__":
    main()
