"""The doctor on six public data sets: does it find what was planted, and does it cry wolf?

    python benchmarks/doctor.py [--seeds 2] [--details]

Up to 80,000 events of each set (whole shoppers, drawn by chance) are the clean data. Each fault of `faults.py` is
planted at three strengths (the one id for everybody into whole sets); all checks then look at the result. What a check
says of the clean data already is told first, and is no alarm, true or false, afterwards: only what a fault adds counts.
"""

import argparse
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
from common import DATA, print_table
from faults import ITEM, PLANTERS, USER

import endcap as ec
from endcap.data.demo import load_demo
from endcap.doctor.diagnose import CHECKS
from endcap.doctor.shoppers import shared_accounts
from endcap.errors import DataError

SETS = ("online_retail", "retailrocket", "tafeng", "ml100k", "taobao", "completejourney")
EVENTS = 80_000
AT_FULL_SIZE = {"one id for everybody": (shared_accounts,)}
BY_ROW = ("repeated rows", "future", "stray times")  # what these rules set aside is compared row by row


def clean_sets(events: int = EVENTS):
    """Return each set as `name, all events, at most so many of them, catalogue`."""
    for name in SETS:
        try:
            if name == "completejourney":
                full, items = load_demo()
            else:
                file = DATA / name / "interactions.parquet"
                if not file.is_file():
                    continue
                full, items = ec.read_events(file), None
                if name == "ml100k":
                    items = ec.read_items(file.with_name("items.parquet"))
        except DataError as error:
            print(f"{name} is left out: {error}")
            continue
        frame = full.frame
        users = frame[USER].value_counts().sort(USER).sample(fraction=1.0, shuffle=True, seed=1)
        chosen = users.filter(pl.col("count").cum_sum() <= events)[USER]
        part = frame.filter(pl.col(USER).is_in(chosen.implode()))
        if items is not None:  # the sample's products, so that the catalogue fits
            items = items.filter(pl.col(ITEM).is_in(part[ITEM].unique().implode()))
        yield name, frame, part, items


def findings(frame, items, checks=CHECKS):
    """Return what checks say, the findings of one name together."""
    found = defaultdict(list)
    for check in checks:
        for finding in check(frame, items):
            found[finding.check].append(finding)
    return found


def named(found) -> set:
    return {one for finding in found for one in finding.concerned.to_list()}


def rows_named(frame, found) -> set:
    """Return the positions of the rows that the findings' rules set aside."""
    return {row for finding in found for row in finding.rule.sets_aside(frame).arg_true().to_list()}


def hits(planted, names) -> tuple[int, int, int]:
    """Return how many of the names are true, how many names there are, and how many there should be."""
    if not planted.days_off:
        return len(names & planted.truth), len(names), len(planted.truth)
    near = timedelta(days=planted.days_off)
    day = next(iter(planted.truth))
    days = sorted(one.date() if isinstance(one, datetime) else one for one in names if isinstance(one, date))
    # Of weeks that differ, the change is where they begin, or where they end: which side is right nobody can tell.
    return int(bool(days) and min(abs(days[0] - day), abs(days[-1] - day)) <= near), int(bool(days)), 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--details", action="store_true", help="print what was missed, and every false alarm")
    options = parser.parse_args()
    tried, right, said, meant, alarms = (Counter() for _ in range(5))
    at_strength: Counter = Counter()
    sets = list(clean_sets())
    if not sets:
        sys.exit("skipped: none of the data sets is there")
    print("What it says of the clean data:")
    for name, full, frame, items in sets:
        clean = findings(frame, items)
        told = [f"{one.check}: {one.what}" for found in clean.values() for one in found]
        print(f"- {name} ({len(frame):,} events):", "; ".join(told) or "nothing")
        full_usual = named(shared_accounts(full))
        usual = {check: named(found) for check, found in clean.items()}
        for fault, (planter, expected) in PLANTERS.items():
            for strength in range(3):
                for seed in range(options.seeds):
                    rng = np.random.default_rng([seed, strength, len(fault)])
                    # Whether an account stands out depends on how many shoppers there are: all are needed.
                    planted = planter(full if fault in AT_FULL_SIZE else frame, items, strength, rng)
                    if planted is None:
                        continue
                    found = findings(planted.frame, planted.items, AT_FULL_SIZE.get(fault, CHECKS))
                    tried[fault, strength] += 1
                    for check in found:
                        if check != expected and check not in clean:
                            alarms[check] += 1
                            if options.details:
                                print(
                                    "   ", name, fault, strength, "ALARM", found[check][0].check, found[check][0].what
                                )
                    by_row = expected in BY_ROW
                    names = rows_named(planted.frame, found[expected]) if by_row else named(found[expected])
                    had = full_usual if fault in AT_FULL_SIZE else usual.get(expected, set())
                    names -= had - planted.truth
                    good, all_named, all_meant = hits(planted, names)
                    at_strength[fault, strength] += good > 0
                    right[fault] += good
                    said[fault] += all_named
                    meant[fault] += all_meant
                    if options.details and good < all_meant:
                        print("   ", name, fault, strength, seed, f"{good} of {all_meant}")
    table = []
    for fault, (_, expected) in PLANTERS.items():
        reported = sum(at_strength[fault, s] for s in range(3))
        table.append([
            fault, expected,
            *(f"{at_strength[fault, s]}/{tried[fault, s]}" for s in range(3)),
            f"{reported / max(reported + alarms[expected], 1):.2f}",
            f"{right[fault] / max(said[fault], 1):.3f}", f"{right[fault] / max(meant[fault], 1):.3f}", alarms[expected],
        ])  # fmt: skip
    print_table(
        ["fault", "finding", "weak", "middle", "strong", "precision", "names: precision", "recall", "false alarms"],
        table,
    )


if __name__ == "__main__":
    main()
