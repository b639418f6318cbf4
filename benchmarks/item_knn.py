"""Item-item neighbours against implicit's CosineRecommender: fit, and 20 items for every user.

    python benchmarks/item_knn.py

Gowalla (29,858 users, 40,981 items), 100 neighbours, 2 threads, the runs of both in turn. implicit's `recommend` works
on one core. "same similarity": no shrinkage, so that both compute the same neighbours; "defaults": those of ItemKNN.
"""

import numpy as np
from common import alternate, print_table, recall_and_ndcg, skip, train_and_test
from scipy.sparse import csr_matrix

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

THREADS, NEIGHBOURS, K = 2, 100, 20


def main() -> None:
    try:
        from implicit.nearest_neighbours import CosineRecommender
    except ImportError:
        skip("needs implicit: pip install implicit==0.7.3")
    train, test = train_and_test("gowalla")
    data = Interactions.from_matrix(train)
    everyone, users = Queries.of_everyone(data), np.arange(train.shape[0])
    peer = CosineRecommender(K=NEIGHBOURS, num_threads=THREADS)
    same = ec.ItemKNN(neighbours=NEIGHBOURS, shrinkage=0, self_similarity=0, threads=THREADS)
    default = ec.ItemKNN(neighbours=NEIGHBOURS, threads=THREADS)
    for_peer = csr_matrix(train)
    answers = {}

    def keep(name, items):
        answers[name] = items

    fit = alternate(
        {
            "implicit CosineRecommender": lambda: peer.fit(for_peer, show_progress=False),
            "ItemKNN, same similarity": lambda: same.fit(data),
            "ItemKNN, defaults": lambda: default.fit(data),
        }
    )
    recommend = alternate(
        {
            "implicit CosineRecommender": lambda: keep(
                "implicit CosineRecommender", peer.recommend(users, for_peer, N=K)[0]
            ),
            "ItemKNN, same similarity": lambda: keep("ItemKNN, same similarity", same.answer(everyone, K)[0].items),
            "ItemKNN, defaults": lambda: keep("ItemKNN, defaults", default.answer(everyone, K)[0].items),
            "ItemKNN, defaults, as a table": lambda: default.recommend(k=K),
        }
    )
    rows = []
    for what, times in (("fit", fit), (f"top {K} for all", recommend)):
        base = times["implicit CosineRecommender"]
        for name, (wall, cpu) in times.items():
            quality = recall_and_ndcg(answers[name], test) if what != "fit" and name in answers else ("", "")
            rows.append([f"{what}: {name}", wall, cpu, base[0] / wall, base[1] / cpu, *quality])
    print_table(["what", "seconds", "CPU s", "faster", "CPU less", f"recall@{K}", f"NDCG@{K}"], rows)


if __name__ == "__main__":
    main()
