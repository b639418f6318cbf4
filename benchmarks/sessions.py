"""Next items of sessions: HR@20 and MRR@20 on public data sets, and the time of one answer.

    python benchmarks/sessions.py [--data yoochoose64] [--search] [--latency]

Every prefix of a test session is asked for its next item, among all items (`endcap.evaluate_sessions`). yoochoose64 and
retailrocket_sessions have no times, so that a session's place in the file stands for its age: a row a second.
`--search` looks for the parameters in TUNED: one at a time, on the last sessions of the training data (yoochoose64: the
last tenth, retailrocket_sessions: the last twentieth, bol_example: its own validation part), by HR@20 + MRR@20; test
sessions are never looked at. Where a value costs more HR@20 than it brings MRR@20, it was left out. `--latency` times
single answers with 10 million synthetic clicks and with yoochoose_days in the index.
"""

import argparse
import time

import numpy as np
import polars as pl
from common import print_table, read

import endcap as ec
from endcap import native
from endcap.data.arrays import IndexLists
from endcap.models.queries import Queries

GRID = {
    "repeat": [0.05, 0.1, 0.2, 0.4, 0.6, 1.0],
    "recent": [500, 1000, 2000, 5000],
    "neighbours": [100, 200, 300, 500],
    "position_decay": [1.0, 1.5, 2.0, 3.0, 4.0, 6.0],
    "match_decay": [1.0, 1.5, 2.0, 3.0, 6.0],
    "distance_decay": [1.0, 1.5, 2.0, 3.0],
    "backward": [0.3, 0.5, 0.7, 1.0],
    "rarity_weight": [0.0, 0.1, 0.3],
    "half_life": ["3d", "6d", "12d"],
}
TUNED = {
    "yoochoose64": {
        "repeat": 0.1,
        "recent": 5000,
        "position_decay": 2.0,
        "match_decay": 1.5,
        "half_life": "6d",
    },
    "retailrocket_sessions": {
        "repeat": 1.0,
        "recent": 5000,
        "neighbours": 500,
        "position_decay": 6.0,
        "half_life": "6d",
    },
    "bol_example": {},
}
HELD_OUT = {"yoochoose64": 0.1, "retailrocket_sessions": 0.05}


def sessions(name):
    """Return training and test events, and of the training events those to fit and to validate on."""
    table = read(name)
    if "timestamp" not in table.columns:
        table = table.with_columns(timestamp=(pl.int_range(pl.len()) * 1_000_000).cast(pl.Datetime("us")))
    table = table.with_columns(user_id="session_id").sort("timestamp", maintain_order=True)
    parts = {part: table.filter(pl.col("split") == part).drop("split") for part in ("train", "valid", "test")}
    if name in HELD_OUT:
        last = parts["train"].group_by("session_id").agg(pl.col("timestamp").max()).sort("timestamp")["session_id"]
        late = pl.col("session_id").is_in(last.tail(int(len(last) * HELD_OUT[name])).implode())
        return parts["train"], parts["test"], parts["train"].filter(~late), parts["train"].filter(late)
    return parts["train"], parts["test"], parts["train"], parts["valid"]


def measure(model, data, test):
    start = time.perf_counter()
    model.fit(data)
    fitted = time.perf_counter() - start
    found = ec.evaluate_sessions(model, test, k=20)
    value = dict(found.table.select("metric", "value").rows())
    return value["hit_rate"], value["mrr"], value["ndcg"], fitted, found


def accuracy(name):
    train, test, _, _ = sessions(name)
    data = ec.Interactions.from_events(ec.Events(train), log=True)
    rows = []
    contestants = {
        "Popular": ec.Popular(),
        "Markov": ec.Markov(),
        "SequentialRules": ec.SequentialRules(),
        "VMISKNN": ec.VMISKNN(),
        "SessionKNN": ec.SessionKNN(),
        "SessionKNN, tuned": ec.SessionKNN(**TUNED[name]),
        "Blend of it with VMISKNN": ec.Blend(models=[ec.SessionKNN(**TUNED[name]), ec.VMISKNN()], weights=[1, 0.3]),
    }
    for label, model in contestants.items():
        hit, mrr, ndcg, fitted, found = measure(model, data, test)
        times = (fitted, 1e6 * found.seconds / found.n_predictions)
        rows.append([label, f"{hit:.4f}", f"{mrr:.4f}", f"{ndcg:.4f}", f"{found.coverage:.2f}", *times])
    print(f"{name}: {data}, {found.n_predictions:,} predictions, {found.cold_targets:,} of unknown items\n")
    print_table(["model", "HR@20", "MRR@20", "NDCG@20", "coverage", "fit s", "us each"], rows)
    print()


def search(name):
    _, _, fit, valid = sessions(name)
    data = ec.Interactions.from_events(ec.Events(fit), log=True)

    def value(chosen):
        hit, mrr, *_ = measure(ec.SessionKNN(**chosen), data, valid)
        print(f"{hit:.4f} {mrr:.4f} {chosen}", flush=True)
        return hit + mrr

    chosen = {}
    best = value(chosen)
    for parameter, values in GRID.items():
        for one in values:
            if (
                one != getattr(ec.SessionKNN(**chosen), parameter)
                and (found := value({**chosen, parameter: one})) > best
            ):
                best, chosen = found, {**chosen, parameter: one}
    print(name, chosen)


def synthetic(clicks=10_000_000, items=200_000, seed=0):
    """Return sessions of 2 to 12 clicks, items drawn by a power law."""
    rng = np.random.default_rng(seed)
    lengths = np.minimum(1 + rng.geometric(0.25, clicks // 3), 12)
    users = np.repeat(np.arange(len(lengths)), lengths)[:clicks]
    share = (1 + np.arange(items)) ** -0.9
    taken = np.searchsorted(np.cumsum(share / share.sum()), rng.random(len(users))).astype(np.int64)
    return pl.DataFrame({"user_id": users, "item_id": np.minimum(taken, items - 1)})


def latency():
    days = read("yoochoose_days").select(user_id="session_id", item_id="item_id")
    rows = []
    for name, table in {"synthetic": synthetic(), "yoochoose_days": days}.items():
        events = table.with_columns(timestamp=(pl.int_range(pl.len()) * 1_000_000).cast(pl.Datetime("us")))
        start = time.perf_counter()
        model = ec.SessionKNN(threads=1).fit(ec.Interactions.from_events(ec.Events(events), log=True))
        fitted = time.perf_counter() - start
        arrays = [getattr(model, name) for name in model._learned]
        asked = events.tail(40_000).group_by("user_id", maintain_order=True).agg("item_id")["item_id"].to_list()[1:3001]
        for label, call in {"recommend": recommend(model), "kernel": kernel(model)}.items():
            call(asked[0])
            spent = 1e3 * np.array([call(history) for history in asked])
            quantiles = [float(q) for q in np.quantile(spent[:, 0], [0.5, 0.9, 0.99])]
            cpu = float(np.quantile(spent[:, 1], 0.9))
            megabytes = sum(a.nbytes for a in arrays) / 1e6
            rows.append([f"{name}, {len(events):,}", label, *quantiles, cpu, fitted, megabytes])
    print_table(["clicks", "", "p50 ms", "p90 ms", "p99 ms", "CPU p90 ms", "fit s", "index MB"], rows)


def recommend(model):
    def call(history):
        start, cpu = time.perf_counter(), time.process_time()
        model.recommend(history=history, k=20)
        return time.perf_counter() - start, time.process_time() - cpu

    return call


def kernel(model):
    index, items, scores = model._index(), np.empty((1, 20), np.int32), np.empty((1, 20), np.float32)

    def call(history):
        queries = Queries.of_histories(model.interactions_, [history])
        asked = model._asked(queries, model._current(queries))
        none = IndexLists.empty(1)
        start, cpu = time.perf_counter(), time.process_time()
        native.top_k_sessions(index, asked, model.recent, model.neighbours, *none, None, items, scores, 1)
        return time.perf_counter() - start, time.process_time() - cpu

    return call


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=TUNED, help="this data set alone")
    parser.add_argument("--search", action="store_true", help="search parameters on validation sessions")
    parser.add_argument("--latency", action="store_true", help="time single answers")
    chosen = parser.parse_args()
    if chosen.latency:
        return latency()
    for name in [chosen.data] if chosen.data else TUNED:
        search(name) if chosen.search else accuracy(name)


if __name__ == "__main__":
    main()
