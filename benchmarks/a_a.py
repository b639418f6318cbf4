"""An A/A check: two copies of one model that differ in their seed alone should hardly ever be called different.

    python benchmarks/a_a.py [RUNS]

In each of 200 runs, a third of MovieLens 100K's users are drawn, a random tenth of their pairs is held out, and ALS is
trained twice with different seeds. Copies are called different as in a verdict on two models alone, so with nothing
for Holm's correction to do: a paired 95 % bootstrap interval excludes zero and a randomisation test is below 5 %. At
most 5 % of the runs may do so.
"""

import sys

import numpy as np
from common import print_table, read

import endcap as ec
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.evaluation.bootstrap import percentile_interval, resampled_means
from endcap.evaluation.metrics import USER_METRICS, ranking_metrics
from endcap.evaluation.randomisation import randomisation_test
from endcap.evaluation.task import make_task
from endcap.evaluation.verdict import LEVEL

RUNS, SHARE_OF_USERS, K = 200, 1 / 3, 10
NDCG = USER_METRICS.index("ndcg")


def ndcg(model: ec.ALS, train: Interactions, task) -> np.ndarray:
    lists, _ = model.fit(train).answer(task.queries, K, exclude_seen=True)
    return ranking_metrics(lists.items, task.relevant)[:, 0, NDCG]


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    frame = read("ml100k").select("user_id", "item_id")
    people = frame["user_id"].unique().sort()
    by_interval = by_test = by_both = 0
    apart = []
    for run in range(runs):
        chosen = people.sample(fraction=SHARE_OF_USERS, seed=run)
        part = Events(frame.filter(frame["user_id"].is_in(chosen.implode())))
        train_events, test = ec.split_shuffle(part, 0.1, seed=run)
        train = Interactions.from_events(train_events)
        task = make_task(train, test, exclude_seen=True)
        one, other = (ndcg(ec.ALS(factors=16, epochs=8, seed=2 * run + copy), train, task) for copy in (0, 1))
        low, high = percentile_interval(resampled_means((one - other)[:, None], seed=run))
        excludes = bool(low[0] > 0 or high[0] < 0)
        small = bool(randomisation_test((one - other)[None], seed=run)[0] < LEVEL)
        by_interval, by_test, by_both = by_interval + excludes, by_test + small, by_both + (excludes and small)
        apart.append(abs(one.mean() - other.mean()))
    print(f"{runs} runs, {np.mean(apart):.4f} NDCG@{K} apart on average\n")
    counts = {"interval": by_interval, "randomisation test": by_test, "both": by_both}
    print_table(["called different by", "runs", "share"], [[name, n, n / runs] for name, n in counts.items()])
    if by_both > 0.05 * runs:
        sys.exit("more than 5 % of the runs call copies of one model different")


if __name__ == "__main__":
    main()
