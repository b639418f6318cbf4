"""Why a rating predictor is the wrong tool to choose what to show: NDCG@10 of items sorted by estimate.

MovieLens 100K, 80/20 by user at random, the full catalogue ranked, every test item relevant:

    python benchmarks/rank_by_estimate.py
"""

import numpy as np
from common import print_table, read, recall_and_ndcg
from scipy import sparse

import endcap as ec

K = 10


def main() -> None:
    table = read("ml100k")
    draws = np.random.default_rng(0)
    position = np.lexsort((draws.random(len(table)), table["user_id"].to_numpy()))
    user = table["user_id"].to_numpy()[position]
    starts = np.searchsorted(user, user)
    counts = np.bincount(user)[user]
    held_out = np.zeros(len(table), np.bool_)
    held_out[position] = np.arange(len(user)) - starts < 0.2 * counts
    train, test = table.filter(~held_out).drop("timestamp"), table.filter(held_out)
    users, items = ec.Ratings.from_events(train).users, ec.Ratings.from_events(train).items
    rows, columns = users.encode(test["user_id"]), items.encode(test["item_id"])
    known = columns >= 0
    truth = sparse.csr_array(
        (np.ones(known.sum()), (rows[known], columns[known])), shape=(len(users), len(items)), dtype=np.float32
    )
    data = ec.Interactions.from_events(train.select("user_id", "item_id"))
    found = []
    for model in (ec.Popular(), ec.EASE(), ec.Baseline(), ec.SVD(), ec.SVDpp(), ec.KNN(centre="baseline")):
        predictor = hasattr(model, "predict")
        answer = model.fit(train if predictor else data).recommend(k=K)
        top = np.full((len(users), K), -1)
        top[users.encode(answer["user_id"]), answer["rank"].to_numpy() - 1] = items.encode(answer["item_id"])
        found.append([type(model).__name__, f"{recall_and_ndcg(top, truth)[1]:.3f}"])
    print_table(["", f"NDCG@{K}"], found)


if __name__ == "__main__":
    main()
