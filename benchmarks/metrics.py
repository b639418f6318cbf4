"""The metrics against RecTools', on the same recommendations: where they are equal, and how long each takes.

    python benchmarks/metrics.py [DATA SET]

Item neighbours recommend 20 items to every user of a data set that comes split (by default gowalla); what is timed is
the measuring alone, at three lengths. `evaluate_lists` takes the tables of ids that RecTools takes, or with the history
as a model has it; positions and the popularity of items are what `compare` has anyway. Then the same without a history,
hence without novelty and popularity. Medians of nine runs, all in turn.
"""

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
from common import alternate, print_table, skip, train_and_test
from scipy import sparse

import endcap as ec
from endcap.data.arrays import IndexLists
from endcap.data.interactions import Interactions
from endcap.evaluation.bootstrap import resampled_means
from endcap.evaluation.catalogue_metrics import catalogue_coverages
from endcap.evaluation.metrics import USER_METRICS, Background, means_of, ranking_metrics
from endcap.evaluation.randomisation import randomisation_test
from endcap.models.queries import Queries

LENGTHS = (5, 10, 20)


def rectools_metrics() -> dict:
    from rectools import metrics as m

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


@dataclass
class Recommended:
    """Lists of positions, what was right, and what was known before; as arrays, and as the tables that peers take."""

    train: sparse.csr_array
    users: np.ndarray
    lists: np.ndarray
    relevant: IndexLists

    @property
    def n_items(self) -> int:
        return self.train.shape[1]

    @property
    def users_of(self) -> np.ndarray:
        return np.bincount(self.train.indices, minlength=self.n_items) / self.train.shape[0]

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Return recommendations with their rank, what was right, and the training pairs, all as user_id, item_id."""
        n, width = self.lists.shape
        filled = self.lists.ravel() >= 0
        reco = pd.DataFrame(
            {
                "user_id": np.repeat(self.users, width)[filled],
                "item_id": self.lists.ravel()[filled],
                "rank": np.tile(np.arange(1, width + 1), n)[filled],
            }
        )
        truth = pd.DataFrame({"user_id": self.users[self.relevant.rows()], "item_id": self.relevant.indices})
        known = np.repeat(np.arange(self.train.shape[0]), np.diff(self.train.indptr))
        return reco, truth, pd.DataFrame({"user_id": known, "item_id": self.train.indices})


def recommended(name: str, users: int | None = None) -> Recommended:
    """Let item neighbours recommend to the users of a data set who have something to be found, or to the first."""
    train, test = train_and_test(name)
    data = Interactions.from_matrix(train)
    asked = np.flatnonzero(np.diff(test.indptr) > 0).astype(np.int32)[:users]
    top, _ = ec.ItemKNN().fit(data).answer(Queries.of_everyone(data).take(asked.astype(np.int64)), max(LENGTHS))
    return Recommended(train, asked, top.items, IndexLists.from_matrix(test).take(asked))


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "gowalla"
    try:
        wanted = rectools_metrics()
        from rectools.metrics import calc_metrics
    except ImportError as error:
        skip(f"needs RecTools: pip install rectools ({error})")
    given = recommended(name)
    asked, relevant, users_of = given.users, given.relevant, given.users_of
    reco, truth, before = given.tables()
    catalogue = np.arange(given.n_items)
    listing = pd.DataFrame({"item_id": catalogue})
    background = Background(given.n_items, users_of=users_of)

    def theirs() -> dict:
        return calc_metrics(wanted, reco, truth, before, catalogue)

    def ours(lists: np.ndarray, right: IndexLists) -> dict:
        values = means_of(ranking_metrics(lists, right, LENGTHS, background))
        return {f"{m}@{k}": values[c, i] for c, k in enumerate(LENGTHS) for i, m in enumerate(USER_METRICS)} | {
            f"coverage@{k}": share
            for k, share in zip(LENGTHS, catalogue_coverages(lists, len(catalogue), LENGTHS), strict=True)
        }

    def from_ids(history: object = before) -> dict:
        means = ec.evaluate_lists(reco, truth, k=LENGTHS, history=history, items=listing).means
        return {f"{metric}@{k}": value for k, metric, value in means.iter_rows()}

    def from_positions() -> dict:
        return ours(given.lists, relevant)

    needs_history = {f"{metric}@{k}" for metric in ("novelty", "popularity") for k in LENGTHS}
    fewer = {name: metric for name, metric in wanted.items() if name not in needs_history}
    trained_on = Interactions.from_matrix(given.train)
    cases = {
        "RecTools, 10 metrics at 3 lengths": theirs,
        "Endcap, from the same tables": from_ids,
        "Endcap, history as the model has it": lambda: from_ids(trained_on),
        "Endcap, from positions": from_positions,
        "RecTools, 8 metrics without a history": lambda: calc_metrics(fewer, reco, truth, catalog=catalogue),
        "Endcap, 8 metrics, from the same tables": lambda: from_ids(None),
    }
    print(f"{name}: {len(asked):,} users, {len(catalogue):,} items, {len(relevant.indices):,} relevant pairs\n")
    seconds = {label: wall for label, (wall, _) in alternate(cases, runs=9).items()}
    peer, rows = 0.0, []
    for label, wall in seconds.items():
        peer = wall if label.startswith("RecTools") else peer
        rows.append([label, wall, peer / wall])
    print_table(["", "seconds", "times faster"], rows)
    reference = theirs()
    mine = from_ids()
    for k in LENGTHS:  # theirs counts interactions, ours is the share of users; in these data a pair comes once
        reference[f"popularity@{k}"] /= given.train.shape[0]
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
