"""Two equal variants, looked at every day: how often is a difference alarmed that isn't there? And a real one found?

    python benchmarks/experiments.py [RUNS] [SEED]

Shoppers arrive over the days, buy at habits that differ widely (gamma), and come back; what they spend is
log-normal. Every line is judged by the code that the shop uses, once a day, beside a t-test looked at as often.
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
from endcap.monitor.power import days_needed
from endcap.monitor.sample_ratio import ALARM, sample_ratio

START = datetime(2026, 1, 1)
NAMES = ["control", "variant"]


def times(days):
    return pl.Series((days * 86_400e6).astype(np.int64)).cast(pl.Duration("us")) + START


def play(seed, *, a_day, days, rate, spread=1.0, lift=0.0, habit=0.3):
    """Return sums by day of both variants, shape (days, 4), for revenue and for conversion."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(a_day * days)
    came, variant = rng.uniform(0, days, n), rng.integers(0, 2, n)
    own = rate * rng.gamma(habit, 1 / habit, n) * (1 + lift * variant)
    who = np.repeat(np.arange(n), rng.poisson(own * (days - came)))
    when = came[who] + rng.random(len(who)) * (days - came[who])
    shoppers = pl.DataFrame({"user_id": np.arange(n), "variant": np.array(NAMES)[variant], "at": times(came)})
    done = pl.DataFrame({"user_id": who, "at": times(when), "amount": np.exp(rng.normal(3, spread, len(who)))})
    found = {}
    for metric in ("revenue", "conversion"):
        table = moments(shoppers, done, NAMES, START, days, once=metric == "conversion")
        sums = table.select("shoppers", "total", "squares", "active").to_numpy()
        found[metric] = sums[:days], sums[days:]
    return found


def looks(control, variant):
    """Return, for every day, whether the shop says better or worse, and whether a t-test would."""
    _, low, high = difference(variant[:, :3], control[:, :3])
    fewest = np.minimum(control, variant)
    ready = (fewest[:, 0] >= FEWEST) & (fewest[:, 3] >= FEWEST_ACTIVE)
    with np.errstate(all="ignore"):
        z = (low + high) / (high - low) * multiplier(control[:, 0] + variant[:, 0])
    return ready & (low > 0), ready & (high < 0), ready & (np.abs(z) > 1.96), z


def main():
    runs, seed = (int(one) for one in (*sys.argv[1:3], *("1000", "0")[len(sys.argv) - 1 :]))
    worlds = {
        "100 shoppers a day": {"a_day": 100, "days": 60, "rate": 0.02},
        "400 a day who seldom buy": {"a_day": 400, "days": 45, "rate": 0.004},
        "100 a day, few spend most": {"a_day": 100, "days": 60, "rate": 0.03, "spread": 1.5, "habit": 0.15},
    }
    rows = []
    for name, world in worlds.items():
        alarms = {metric: np.zeros(3) for metric in ("revenue", "conversion")}
        ratio = 0
        for run in range(runs):
            for metric, (control, variant) in play([seed, run], **world).items():
                better, worse, tested, z = looks(control, variant)
                alarms[metric] += [(better | worse).any(), tested.any(), abs(z[-1]) > 1.96]
            counts = zip(control[:, 0].astype(int), variant[:, 0].astype(int), strict=True)
            shares = dict.fromkeys(NAMES, 0.5)
            ratio += any(sample_ratio(dict(zip(NAMES, pair, strict=True)), shares) < ALARM for pair in counts)
        for metric, (ours, peeked, once) in alarms.items():
            shown = [f"{count / runs:.1%}" for count in (ours, peeked, once)]
            rows.append([f"{name}, {metric}", *shown, f"{ratio / runs:.1%}"])
    print(f"No difference, looked at every day, {runs:,} experiments each: share with an alarm at any day\n")
    print_table(["world", "endcap", "t-test daily", "t-test once, at the end", "sample ratio"], rows)

    world, lift = {"a_day": 400, "rate": 0.05}, 0.25
    past = play([seed, 10**6], days=28, **world)["revenue"]
    days = days_needed(traffic_of(past[0] + past[1]), lift, (0.5, 0.5))
    runs = max(40, runs // 4)
    first = [np.flatnonzero(looks(*play([seed, 10**7 + run], days=days, lift=lift, **world)["revenue"])[0])
             for run in range(runs)]  # fmt: skip
    found = np.array([own[0] + 1 for own in first if len(own)])
    print(
        f"\nA lift of {lift:.0%}: {days} days by the power helper, from 28 days of the past. Found by then in "
        f"{len(found) / runs:.0%} of {runs:,} experiments, in the middle after {np.median(found):.0f} days"
    )


if __name__ == "__main__":
    main()
