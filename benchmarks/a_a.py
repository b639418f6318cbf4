"""An A/A check: two copies of one model that differ in their seed alone should hardly ever be called different.

    python benchmarks/a_a.py               every case below
    python benchmarks/a_a.py 50 ALS        50 runs, the cases with ALS

In each of 200 runs, part of a data set's users is drawn, a random tenth of their pairs is held out, and the copies are
compared as `compare` does it: each is fitted with three seeds, and they are called different where the 95 % interval of
the difference excludes zero and its p-value is below 5 %. The same with one fit each shows what that is for: the more
users, the surer it is that two fits aren't exactly as good, though the model is the same. The interval of a share of
runs is Clopper and Pearson's (1934). At most 5 % of the runs of each case may call copies different.
"""

import datetime as dt
import sys

import polars as pl
from common import print_table, read
from scipy.special import betaincinv

import endcap as ec
from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.evaluation.comparison import Comparison, Details
from endcap.evaluation.fits import FITS
from endcap.evaluation.metrics import Background
from endcap.evaluation.task import make_task
from endcap.evaluation.trial import Trial, try_model
from endcap.evaluation.verdict import told_apart

RUNS, K = 200, 10
CASES = {
    ("ALS", "ml100k", 1 / 3): lambda seed: ec.ALS(factors=16, epochs=8, seed=seed),
    ("BPR", "ml100k", 1 / 3): lambda seed: ec.BPR(factors=16, epochs=10, seed=seed),
    ("ALS", "gowalla", 0.2): lambda seed: ec.ALS(factors=16, epochs=4, seed=seed),
    ("LogisticMF", "online_retail", 0.2): lambda seed: ec.LogisticMF(factors=16, epochs=10, seed=seed),
}


def called_different(one: list[Trial], other: list[Trial], run: int) -> bool:
    moment, n = dt.datetime(2026, 1, 1), len(one[0].values)
    details = Details(
        k=K,
        cutoffs=(K,),
        users=n,
        relevant=n,
        exclude_seen=True,
        exclude_seen_reason="",
        repeat_share=None,
        train_events=n,
        train_users=n,
        train_items=1 + max(int(trial.recommended.max()) for trial in one + other),
        train_end=moment,
        test_events=n,
        test_end=moment,
        cold_users=0,
        repeating_users=0,
        cold_items=0,
        cold_pairs=0,
        seed=run,
    )
    differences = Comparison.of_trials({"one": one, "other": other}, details).differences
    return told_apart(differences.row(by_predicate=pl.col("metric") == "ndcg", named=True))


def pairs_of(name: str) -> pl.DataFrame:
    ids = {"CustomerID": "user_id", "StockCode": "item_id"}
    return read(name).rename(ids, strict=False).select("user_id", "item_id").drop_nulls()


def interval(count: int, runs: int) -> str:
    low = betaincinv(count, runs - count + 1, 0.025) if count else 0.0
    high = betaincinv(count + 1, runs - count, 0.975) if count < runs else 1.0
    return f"{low:.1%} to {high:.1%}"


def main() -> None:
    runs = next((int(a) for a in sys.argv[1:] if a.isdigit()), RUNS)
    named = [a for a in sys.argv[1:] if not a.isdigit()]
    rows, failed = [], []
    for (name, data, share), make in CASES.items():
        if named and not {name, data} & set(named):
            continue
        frame = pairs_of(data)
        people = frame["user_id"].unique().sort()
        single = several = users = 0
        for run in range(runs):
            chosen = people.sample(fraction=share, seed=run)
            part = Events(frame.filter(pl.col("user_id").is_in(chosen.implode())))
            train_events, test = ec.split_shuffle(part, 0.1, seed=run)
            train = Interactions.from_events(train_events)
            task = make_task(train, test, exclude_seen=True)
            background = Background(task.n_items)
            one, other = (
                try_model(make(2 * run + copy), train, task, (K,), background, lambda _what, _done: None, FITS)
                for copy in (0, 1)
            )
            single += called_different(one[:1], other[:1], run)
            several += called_different(one, other, run)
            users += len(task.queries)
        case = f"{name} on {data}"
        rows.append([case, users // runs, single / runs, several, several / runs, interval(several, runs)])
        failed += [case] if several > 0.05 * runs else []
    print(f"copies called different, of {runs} runs\n")
    print_table(["", "users", "one fit: share", f"{FITS} fits: runs", "share", "95 % interval"], rows)
    if failed:
        sys.exit(f"more than 5 % of the runs call copies different: {', '.join(failed)}")


if __name__ == "__main__":
    main()
