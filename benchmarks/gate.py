"""What the gate lets pass on real data: a normal week of new events should, and the same week spoilt should not.

A model is trained on all events up to a day, a week's events are added, whole or spoilt, and the shop trains again; at
three days for each set, with `--minutes 0` and three candidates.

    python benchmarks/gate.py [groceries tafeng online_retail retailrocket ms_store]
"""

import os
import shutil
import sys
import tempfile
import time
import warnings
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

import endcap as ec
from endcap.config import Config, Train
from endcap.data.demo import load_demo
from endcap.data.events import Events
from endcap.errors import ReducedModelWarning
from endcap.shop import Shop

DATA = Path(os.environ.get("ENDCAP_DATA", Path(__file__).parents[2] / "shared" / "data"))
SETS = ("groceries", "tafeng", "online_retail", "retailrocket", "ms_store")
WEEKS_BEFORE_THE_END = (6, 4, 2)


def one_item_for_everyone(frame, draws):
    """Every shopper takes the same product, at some time of the newest eight weeks."""
    users = frame["user_id"].unique(maintain_order=True)
    item = frame["item_id"].mode().sort()[0]
    return added(frame, users, pl.Series([item]).sample(len(users), with_replacement=True), draws, newest=8)


def as_much_junk(frame, draws):
    """As many events again, of anybody with anything at any time."""
    return added(frame, some(frame["user_id"], len(frame), draws), some(frame["item_id"], len(frame), draws), draws)


def half_as_much_junk(frame, draws):
    n = len(frame) // 2
    return added(frame, some(frame["user_id"], n, draws), some(frame["item_id"], n, draws), draws)


def a_bot(frame, draws):
    """One shopper with a fifth of all events."""
    n = len(frame) // 4
    user = pl.Series([frame["user_id"][0]]).sample(n, with_replacement=True)
    return added(frame, user, some(frame["item_id"], n, draws), draws)


def first_tenth(frame, draws):
    return frame.sort("timestamp").head(len(frame) // 10)


def three_of_four_events(frame, draws):
    return frame.filter(pl.Series(draws.random(len(frame)) < 0.75))


def without_the_newest_weeks(frame, draws):
    return frame.filter(pl.col("timestamp") < frame["timestamp"].max() - timedelta(weeks=2))


def shuffled_items(frame, draws):
    return frame.with_columns(frame["item_id"].gather(draws.permutation(len(frame))))


def shuffled_within_the_newest_weeks(frame, draws):
    new = pl.col("timestamp") >= frame["timestamp"].max() - timedelta(weeks=8)
    parts = frame.filter(~new), frame.filter(new)
    return pl.concat([parts[0], shuffled_items(parts[1], draws)])


def other_ids(frame, draws):
    """The shoppers' ids have another form, as after a change of the shop's system."""
    return frame.with_columns((pl.lit("new-") + pl.col("user_id").cast(pl.String)).alias("user_id"))


SPOILT = (
    one_item_for_everyone,
    as_much_junk,
    half_as_much_junk,
    a_bot,
    first_tenth,
    three_of_four_events,
    without_the_newest_weeks,
    shuffled_items,
    shuffled_within_the_newest_weeks,
    other_ids,
)


def some(ids, n, draws):
    there = ids.unique(maintain_order=True)
    return there.gather(draws.integers(0, len(there), n))


def added(frame, users, items, draws, *, newest=None):
    last = frame["timestamp"].max()
    first = frame["timestamp"].min() if newest is None else last - timedelta(weeks=newest)
    seconds = draws.random(len(users)) * (last - first).total_seconds()
    when = pl.Series([first + timedelta(seconds=float(s)) for s in seconds], dtype=frame["timestamp"].dtype)
    new = pl.DataFrame({"user_id": users, "item_id": items, "timestamp": when})
    return pl.concat([frame, new.cast(dict(frame.schema))])


def events_of(name):
    frame = load_demo()[0].frame if name == "groceries" else ec.read_events(DATA / name / "interactions.parquet").frame
    return frame.select("user_id", "item_id", "timestamp").drop_nulls().sort("timestamp", maintain_order=True)


def train(shop, frame):
    shop.__dict__["events"] = Events(frame)
    return shop.train(minutes=0)


def main(names, place):
    warnings.simplefilter("ignore", ReducedModelWarning)
    start = time.perf_counter()
    for name in names:
        frame = events_of(name)
        end = frame["timestamp"].max()
        counts = {"a normal week": 0} | {one.__name__.replace("_", " "): 0 for one in SPOILT}
        for weeks in WEEKS_BEFORE_THE_END:
            cut = end - timedelta(weeks=weeks)
            known = frame.filter(pl.col("timestamp") <= cut)
            grown = frame.filter(pl.col("timestamp") <= cut + timedelta(weeks=1))
            config = Config(train=Train(minutes=0, candidates=["Popular", "ItemKNN", "ALS"]))
            base = Path(place) / f"{name}-{weeks}"
            train(Shop.create(base, config), known)
            for case, spoil in (("a normal week", None), *((one.__name__.replace("_", " "), one) for one in SPOILT)):
                with tempfile.TemporaryDirectory() as folder:
                    shop = Shop(shutil.copytree(base, Path(folder) / "shop"))
                    data = grown if spoil is None else spoil(grown, np.random.default_rng(weeks))
                    done = train(shop, data)
                    counts[case] += done.promoted
                    if done.promoted != (spoil is None):
                        told = "; ".join(f"{one.name}: {one.told}" for one in done.checks if not one.passed)
                        print(f"  {name}, {case}, {weeks} weeks: {done.reason} {told}", file=sys.stderr, flush=True)
        shown = ", ".join(f"{case} {count}/{len(WEEKS_BEFORE_THE_END)}" for case, count in counts.items())
        print(f"{name} ({len(frame):,} events): promoted: {shown}", flush=True)
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(sys.argv[1:] or SETS, place)
