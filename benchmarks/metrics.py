"""The metrics against RecTools', on the same recommendations: where they are equal, and how long each takes.

    python benchmarks/metrics.py [DATA SET]

Item neighbours recommend 20 items to every user of a data set that comes split (by default gowalla);
what is timed is the measuring alone, at three lengths, from the table of ids that RecTools takes and, in its own line,
from positions, which `compare` has anyway. Medians of three runs, the two in turn.
"""

import sys

import numpy as np
import pandas as pd
import polars as pl
from common import alternate, print_table, skip, train_and_test

import endcap as ec
from endcap.data.arrays import IndexLists
from endcap.data.interactions import Interactions
from endcap.data.vocabulary import Vocabulary
from endcap.evaluation.bootstrap import resampled_means
from endcap.evaluation.catalogue_metrics import catalogue_coverage
from endcap.evaluation.metrics import USER_METRICS, Background, ranking_metrics
from endcap.evaluation.randomisation import randomisation_test
from endcap.models.queries import Queries

LENGTHS = (5, 10, 20)


def rectools_metrics() -> dict:
    try:
        from rectools import metrics as m
    except ImportError as error:
        skip(f"needs RecTools: pip install rectools ({error})")
    found = {}
    for k in LENGTHS:
        found |= {
            f"precision@{k}": m.Precision(k=k),
            f"recall@{k}": m.Recall(k=k),
            f"f1@{k}": m.F1Beta(k=k),
            f"hit_rate@{k}": m.HitRate(k=k),
            f"map@{k}": m.MAP(k=k),
            f"mrr@{k}": m.MRR(k=k),
            f"ndcg@{k}": m.NDCG(k=k, divide_by_achievable=True),
            f"novelty@{k}": m.MeanInvUserFreq(k=k),
            f"popularity@{k}": m.AvgRecPopularity(k=k),
            f"coverage@{k}": m.CatalogCoverage(k=k, normalize=True),
        }
    return found


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "gowalla"
    wanted = rectools_metrics()
    from rectools import Columns
    from rectools.metrics import calc_metrics

    train, test = train_and_test(name)
    data = Interactions.from_matrix(train)
    asked = np.flatnonzero(np.diff(test.indptr) > 0).astype(np.int32)
    relevant = IndexLists.from_matrix(test).take(asked)
    top, _ = ec.ItemKNN().fit(data).answer(Queries.of_everyone(data).take(asked.astype(np.int64)), max(LENGTHS))
    users_of = np.bincount(train.indices, minlength=train.shape[1]) / train.shape[0]
    users = np.repeat(asked, max(LENGTHS))
    filled = top.items.ravel() >= 0
    reco = pd.DataFrame(
        {
            Columns.User: users[filled],
            Columns.Item: top.items.ravel()[filled],
            Columns.Rank: np.tile(np.arange(1, max(LENGTHS) + 1), len(asked))[filled],
        }
    )
    truth = pd.DataFrame({Columns.User: asked[relevant.rows()], Columns.Item: relevant.indices})
    before = pd.DataFrame(
        {Columns.User: np.repeat(np.arange(train.shape[0]), np.diff(train.indptr)), Columns.Item: train.indices}
    )
    catalogue = np.arange(train.shape[1])
    items = Vocabulary.from_sorted(pl.Series(catalogue))
    people = Vocabulary.from_sorted(pl.Series(asked))

    def theirs() -> dict:
        return calc_metrics(wanted, reco, truth, before, catalogue)

    def ours(lists: np.ndarray, right: IndexLists) -> dict:
        values = ranking_metrics(lists, right, LENGTHS, Background(len(catalogue), users_of=users_of)).mean(axis=0)
        return {f"{m}@{k}": values[c, i] for c, k in enumerate(LENGTHS) for i, m in enumerate(USER_METRICS)} | {
            f"coverage@{k}": catalogue_coverage(lists[:, :k], len(catalogue)) for k in LENGTHS
        }

    def from_ids() -> dict:
        lists = np.full((len(asked), max(LENGTHS)), -1, np.int32)
        rows = people.encode(pl.Series(reco[Columns.User].to_numpy()))
        lists[rows, reco[Columns.Rank].to_numpy() - 1] = items.encode(pl.Series(reco[Columns.Item].to_numpy()))
        pairs = (truth[c].to_numpy() for c in (Columns.User, Columns.Item))
        user, item = (v.encode(pl.Series(ids)) for v, ids in zip((people, items), pairs, strict=True))
        return ours(lists, IndexLists.from_pairs(user, item, len(asked)))

    print(f"{name}: {len(asked):,} users, {len(catalogue):,} items, {len(relevant.indices):,} relevant pairs\n")
    seconds = alternate({"RecTools": theirs, "ids": from_ids, "positions": lambda: ours(top.items, relevant)}, runs=3)
    reference = theirs()
    rows = [
        [label, seconds[case][0], seconds["RecTools"][0] / seconds[case][0]]
        for case, label in (
            ("RecTools", "RecTools, 10 metrics at 3 lengths"),
            ("ids", "Endcap, from a table of ids"),
            ("positions", "Endcap, from positions"),
        )
    ]
    print_table(["", "seconds", "times faster"], rows)
    mine = from_ids()
    for k in LENGTHS:  # theirs counts interactions, ours is the share of users; in these data a pair comes once
        reference[f"popularity@{k}"] /= train.shape[0]
    print()
    apart = {m: abs(mine[m] - reference[m]) for m in wanted}
    same = {m for m, d in apart.items() if d <= 1e-9}
    print(f"equal to 1e-9: {len(same)} of {len(wanted)}: {', '.join(sorted({m.split('@')[0] for m in same}))}")
    for metric in sorted(set(wanted) - same):
        print(f"differs: {metric}: {mine[metric]:.6f} here, {reference[metric]:.6f} there")

    draws = np.random.default_rng(0).random((100_000, 7))
    pairs = draws[:, :1].T - draws[:, 1:2].T
    timed = alternate(
        {
            "1,000 resamples of 100,000 users, one metric": lambda: resampled_means(draws[:, :1]),
            "the same, seven metrics": lambda: resampled_means(draws),
            "randomisation test, 10,000 choices of signs for 100,000 users": lambda: randomisation_test(pairs),
        },
        runs=3,
    )
    print()
    print_table(["intervals and tests", "seconds"], [[what, wall] for what, (wall, _) in timed.items()])


if __name__ == "__main__":
    main()
