"""How long a search has to be on a million events: the best found after so many minutes, with and without halving.

    python benchmarks/tuning_budget.py [--minutes 15] [--model ALS] [--set tafeng]

One search runs for `--minutes`, as `endcap.tune` runs it, and a second one without the rungs: all of its trials are on
all shoppers from the start. Printed is the best NDCG@10 on the past after 1, 2, 5 and all minutes, what came of it on
the test, which no search sees, and how many trials there were. `tafeng` is the supermarket (817,741 events), `ml1m`
films (1,000,209 ratings as events, without times: random parts).
"""

import argparse
import warnings

import polars as pl
from common import DATA, print_table, read

import endcap as ec
from endcap.data.events import Events
from endcap.errors import ReducedModelWarning
from endcap.tuning import folds as folds_module

AT = (1, 2, 5)


def events_of(name: str) -> Events:
    """Return a set as events."""
    if name == "ml1m":
        return ec.read_events(read(name).select("user_id", "item_id"))
    return ec.read_events(DATA / name / "interactions.parquet")


def main() -> None:
    """Print a row for each search."""
    options = argparse.ArgumentParser()
    options.add_argument("--minutes", type=float, default=15)
    options.add_argument("--model", default="ALS")
    options.add_argument("--set", default="tafeng")
    asked = options.parse_args()
    warnings.simplefilter("ignore", ReducedModelWarning)
    events = events_of(asked.set)
    rungs, rows = folds_module.RUNGS, []
    for halving in (True, False):
        folds_module.RUNGS = rungs if halving else ()
        test = "4w" if events.has_time else 0.2
        if asked.set == "tafeng":
            test = "3w"
        done = ec.tune(getattr(ec, asked.model), events, test=test, minutes=asked.minutes)
        upto = done.curve.with_columns(pl.col("seconds").cum_sum() / 60)
        best = [upto.filter(pl.col("seconds") <= minute)["best"].max() for minute in AT] + [upto["best"].max()]
        rows.append(
            [
                f"{asked.model} on {asked.set}, {'with' if halving else 'without'} halving",
                str(len(upto)),
                *(f"{one:.4f}" if one is not None else "-" for one in best),
                f"{done.final.figures['defaults'].value:.4f}",
                f"{done.final.figures['tuned'].value:.4f}",
            ]
        )
        print_table(
            [
                "search",
                "trials",
                *(f"after {one} min" for one in AT),
                f"after {asked.minutes:g} min",
                "test: defaults",
                "tuned",
            ],
            rows,
        )


if __name__ == "__main__":
    main()
