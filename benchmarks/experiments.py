"""Two equal variants, looked at every day: how often is a difference alarmed that isn't there? And a real one found?

    python benchmarks/experiments.py [RUNS] [SEED]

Shoppers arrive over the days, buy at habits that differ widely (gamma), and come back; what they spend is
log-normal. Many experiments are judged at once by the code that the shop uses, at the end of every day, beside a t-test
looked at as often.
"""

from __future__ import annotations

import sys
from datetime import datetime

import numpy as np
import polars as pl
from common import print_table

from endcap.monitor.confidence_sequence import difference, multiplier
from endcap.monitor.experiment import FEWEST, FEWEST_ACTIVE, traffic_of
from endcap.monitor.moments import moments
from endcap.monitor.performance import wilson
from endcap.monitor.power import days_needed
from endcap.monitor.sample_ratio import ALARM, sample_ratio

START = datetime(2026, 1, 1)
AT_ONCE = 50
"""Experiments."""
LONGEST = 150
"""Days that an experiment is played for at most; one that should take longer counts as far as that."""
WORLDS = {
    "100 a day": {"a_day": 100, "rate": 0.02},
    "400 a day, seldom": {"a_day": 400, "rate": 0.004},
    "100 a day, few spend most": {"a_day": 100, "rate": 0.03, "spread": 1.5, "habit": 0.15},
}
LIFTS = {
    "400 a day, 25 % more orders": ({"a_day": 400, "rate": 0.05}, {"more": 0.25}),
    "400 a day, orders 25 % larger": ({"a_day": 400, "rate": 0.05}, {"larger": 0.25}),
    "400 a day, orders 12 % larger": ({"a_day": 400, "rate": 0.05}, {"larger": 0.12}),
    "400 a day, seldom, orders 40 % larger": ({"a_day": 400, "rate": 0.01}, {"larger": 0.4}),
    "200 a day, few spend most, orders 50 % larger": (
        {"a_day": 200, "rate": 0.03, "spread": 1.5, "habit": 0.15},
        {"larger": 0.5},
    ),
    "50 a day, few spend most, orders 80 % larger": (
        {"a_day": 50, "rate": 0.05, "spread": 1.5, "habit": 0.3},
        {"larger": 0.8},
    ),
}


def times(days):
    return pl.Series((days * 86_400e6).astype(np.int64)).cast(pl.Duration("us")) + START


def play(rng, runs, days, metrics, *, a_day, rate, spread=1.0, habit=0.3, more=0.0, larger=0.0):
    """Return by metric the sums by day of both variants of so many experiments, shape (runs, 2, days, 4)."""
    n = rng.poisson(a_day * days, runs)
    shopper = np.arange(n.sum())
    came, treated = rng.uniform(0, days, len(shopper)), rng.integers(0, 2, len(shopper))
    own = rate * rng.gamma(habit, 1 / habit, len(shopper)) * (1 + more * treated)
    who = np.repeat(shopper, rng.poisson(own * (days - came)))
    when = came[who] + rng.random(len(who)) * (days - came[who])
    amount = np.exp(rng.normal(3, spread, len(who))) * (1 + larger * treated[who])
    arm = pl.Series(2 * np.repeat(np.arange(runs), n) + treated).cast(pl.String)
    shoppers = pl.DataFrame({"user_id": shopper, "variant": arm, "at": times(came)})
    done = pl.DataFrame({"user_id": who, "at": times(when), "amount": amount})
    names = [str(one) for one in range(2 * runs)]
    sums = ["shoppers", "total", "squares", "active"]
    return {
        metric: moments(shoppers, done, names, START, days, once=metric == "conversion")
        .select(sums)
        .to_numpy()
        .reshape(runs, 2, days, 4)
        for metric in metrics
    }


def looks(sums):
    """Return, shape (runs, days), whether the shop says better or worse, and how many standard errors the gain is."""
    control, treated = (sums[:, which].reshape(-1, 4) for which in (0, 1))
    _, low, high = difference(treated[:, :3], control[:, :3])
    fewest = np.minimum(control, treated)
    ready = (fewest[:, 0] >= FEWEST) & (fewest[:, 3] >= FEWEST_ACTIVE)
    with np.errstate(all="ignore"):
        z = (low + high) / (high - low) * multiplier(control[:, 0] + treated[:, 0])
    shape = len(sums), -1
    return tuple(one.reshape(shape) for one in (ready & (low > 0), ready & (high < 0), np.where(ready, z, 0.0)))


def batches(runs):
    return [min(AT_ONCE, runs - done) for done in range(0, runs, AT_ONCE)]


def share(hits):
    """Return the share of what is true, with Wilson's 95 % interval."""
    low, high = wilson(np.array([float(np.sum(hits))]), np.array([float(len(hits))]))
    return f"{np.mean(hits):.1%} ({low[0]:.1%} to {high[0]:.1%})"


def mismatched(sums):
    """Return for each experiment whether its numbers of shoppers were called invalid on any day."""
    planned = {"control": 0.5, "variant": 0.5}
    counts = sums[:, :, :, 0].transpose(0, 2, 1).tolist()
    return [any(sample_ratio(dict(zip(planned, day, strict=True)), planned) < ALARM for day in run) for run in counts]


def false_alarms(runs, seed):
    rows = []
    for name, world in WORLDS.items():
        rng = np.random.default_rng(seed)
        seen = {metric: ([], [], []) for metric in ("revenue", "conversion")}
        ratio = []
        for some in batches(runs):
            for metric, sums in play(rng, some, 45, seen, **world).items():
                better, worse, z = looks(sums)
                ours, peeked, once = seen[metric]
                ours += (better | worse).any(axis=1).tolist()
                peeked += (np.abs(z) > 1.96).any(axis=1).tolist()
                once += (np.abs(z[:, -1]) > 1.96).tolist()
            ratio += mismatched(sums)
        rows += [[f"{name}, {metric}", *map(share, hits), share(ratio)] for metric, hits in seen.items()]
    print(f"No difference, looked at every day for 45 days, {runs:,} experiments each: share with an alarm\n")
    print_table(["world", "endcap", "t-test daily", "t-test once, at the end", "sample ratio"], rows)


def power(runs, seed):
    """Let each experiment have its own past of 28 days, from which the days are named that it takes."""
    rows = []
    for name, (world, gain) in LIFTS.items():
        rng = np.random.default_rng(seed)
        lift = next(iter(gain.values()))
        named, found, on_the_day, took = [], [], [], []
        for some in batches(runs):
            past = play(rng, some, 28, ["revenue"], **world)["revenue"].sum(axis=1)
            own = [days_needed(traffic_of(one), lift, (0.5, 0.5)) or LONGEST for one in past]
            last = min(max(own), LONGEST)
            better, _, _ = looks(play(rng, some, last, ["revenue"], **world, **gain)["revenue"])
            for days, said in zip(own, better, strict=True):
                named.append(days)
                found.append(said[:days].any())
                on_the_day.append(said[:days][-1])
                took.append(np.argmax(said) + 1 if found[-1] else np.inf)
        low, middle, high = np.percentile(named, [5, 50, 95])
        rows.append(
            [name, f"{middle:.0f} ({low:.0f} to {high:.0f})", share(found), share(on_the_day), f"{np.median(took):.0f}"]
        )
    print(f"\nA real lift of revenue, {runs:,} experiments each, each with 28 days of its own past\n")
    print_table(["world", "days named (90 % of pasts)", "found by then", "sure on that day", "median days"], rows)


def main():
    runs, seed = (int(one) for one in (*sys.argv[1:3], *("1000", "0")[len(sys.argv) - 1 :]))
    false_alarms(runs, seed)
    power(max(40, runs // 5), seed)


if __name__ == "__main__":
    main()
