"""Metrics against those of RecTools, ranx and LensKit on the same recommendations: equal, or different by definition.

    python benchmarks/metric_definitions.py [DATA SET]

Item neighbours recommend 20 items to 2,000 users of a data set that comes split (by default gowalla). Compared are
means over users, at three lengths. A library that isn't installed is passed over: RecTools and ranx come with
`pip install endcap[bench]`; LensKit (`pip install "lenskit>=2025"`) needs PyTorch, and may be in an environment of its
own. LensKit's NDCG is asked for with log2 of 1 + the place; by itself it counts places 1 and 2 the same. What is known
to differ is named here with the reason; anything else that differs is a failure.
"""

import sys
from collections.abc import Callable

import numpy as np
from common import print_table
from metrics import LENGTHS, Recommended, recommended, rectools_metrics

from endcap.evaluation.catalogue_metrics import catalogue_coverage, gini
from endcap.evaluation.metrics import USER_METRICS, Background, means_of, ranking_metrics

USERS, EQUAL = 2_000, 1e-9
WEIGHTED = "revenue_ndcg"
DIFFERENT = {
    ("RecTools", "map"): "sums are divided by r, here by min(k, r)",
    ("ranx", "map"): "sums are divided by r, here by min(k, r)",
    ("LensKit", "recall"): "hits are divided by min(k, r), here by r",
}


def ours(asked: Recommended, values: np.ndarray) -> dict[str, float]:
    background = Background(asked.n_items, users_of=asked.users_of, values=values)
    means = means_of(ranking_metrics(asked.lists, asked.relevant, LENGTHS, background))
    found = {f"{m}@{k}": means[c, i] for c, k in enumerate(LENGTHS) for i, m in enumerate(USER_METRICS)}
    for k in LENGTHS:
        found[f"coverage@{k}"] = catalogue_coverage(asked.lists[:, :k], asked.n_items)
        found[f"gini@{k}"] = gini(asked.lists[:, :k], asked.n_items)
    return found


def by_rectools(asked: Recommended, values: np.ndarray) -> dict[str, float]:
    wanted = rectools_metrics()
    from rectools.metrics import calc_metrics

    found = calc_metrics(wanted, *asked.tables(), np.arange(asked.n_items))
    # Theirs counts interactions, ours is the share of users; in these data a pair comes once.
    return found | {f"popularity@{k}": found[f"popularity@{k}"] / asked.train.shape[0] for k in LENGTHS}


def by_ranx(asked: Recommended, values: np.ndarray) -> dict[str, float]:
    from ranx import Qrels, Run, evaluate

    reco, truth, _ = asked.tables()
    text = {"user_id": str, "item_id": str}
    reco = reco.astype(text).assign(score=1.0 / reco["rank"])
    truth = truth.astype(text).assign(score=1)
    run = Run.from_df(reco, q_id_col="user_id", doc_id_col="item_id", score_col="score")
    names = ("precision", "recall", "f1", "hit_rate", "map", "mrr", "ndcg")
    right = Qrels.from_df(truth, q_id_col="user_id", doc_id_col="item_id", score_col="score")
    found = evaluate(right, run, [f"{m}@{k}" for m in names for k in LENGTHS], make_comparable=True)
    priced = Qrels.from_df(truth.assign(score=values.astype(int)), "user_id", "item_id", "score")
    weighted = evaluate(priced, run, [f"ndcg@{k}" for k in LENGTHS], make_comparable=True)
    return found | {f"{WEIGHTED}@{k}": weighted[f"ndcg@{k}"] for k in LENGTHS}


def by_lenskit(asked: Recommended, values: np.ndarray) -> dict[str, float]:
    from lenskit import metrics as m
    from lenskit.data import ItemListCollection
    from lenskit.metrics import LogRankWeight
    from lenskit.metrics.ranking import AveragePrecision

    reco, truth, _ = asked.tables()
    lists = ItemListCollection.from_df(reco.assign(score=1.0 / reco["rank"]), ["user_id"])
    right = ItemListCollection.from_df(truth.assign(value=values), ["user_id"])
    kinds = {
        "precision": m.Precision,
        "recall": m.Recall,
        "hit_rate": m.Hit,
        "mrr": m.RecipRank,
        "map": AveragePrecision,
    }
    weight = LogRankWeight(offset=1)
    found = {}
    for k in LENGTHS:
        analysis = m.RunAnalysis()
        for name, kind in kinds.items():
            analysis.add_metric(kind(n=k), label=name)
        analysis.add_metric(m.NDCG(n=k, weight=weight), label="ndcg")
        analysis.add_metric(m.NDCG(n=k, weight=weight, gain="value"), label=WEIGHTED)
        analysis.add_metric(m.ListGini(n=k, items=asked.n_items), label="gini")
        result = analysis.measure(lists, right)
        means = result.list_metrics().mean().to_dict() | result.global_metrics().to_dict()
        found |= {f"{name}@{k}": value for name, value in means.items()}
    return found


PEERS: dict[str, Callable[[Recommended, np.ndarray], dict[str, float]]] = {
    "RecTools": by_rectools,
    "ranx": by_ranx,
    "LensKit": by_lenskit,
}


def main() -> None:
    asked = recommended(sys.argv[1] if len(sys.argv) > 1 else "gowalla", USERS)
    values = np.random.default_rng(0).integers(1, 100, len(asked.relevant.indices)).astype(np.float64)
    mine, rows, failed = ours(asked, values), [], []
    for peer, measure in PEERS.items():
        try:
            theirs = measure(asked, values)
        except ImportError as error:
            print(f"passed over: {peer} ({error})")
            continue
        names = sorted({name.split("@")[0] for name in theirs})
        apart = {n: max(abs(mine[f"{n}@{k}"] - theirs[f"{n}@{k}"]) for k in LENGTHS) for n in names}
        for name in names:
            why = DIFFERENT.get((peer, name), "")
            verdict = "equal" if apart[name] <= EQUAL else why or "DIFFERENT"
            failed += [f"{peer} {name}"] if verdict == "DIFFERENT" else []
            rows.append([peer, name, f"{apart[name]:.0e}", verdict])
    print_table(["library", "metric", "largest difference", ""], rows)
    if failed:
        sys.exit(f"different without a known reason: {', '.join(failed)}")


if __name__ == "__main__":
    main()
