"""What `endcap train` finds by itself in five minutes, beside the best that any model reaches on the same weeks.

    python benchmarks/automatic_choice.py [--sets ms_store taobao] [--minutes 5] [--reference-trials 40]

For each set of real events:

- *choice*: a shop is made of the events, and trained as `endcap train --minutes 5` does without any other option. The
  figure is NDCG@10 on the newest weeks (a fifth of all time, four weeks at most), which the choice never sees.
- *best of all*: every ranking model of the library with its defaults, and a search over the parameters of those that
  come near, **scored on those very newest weeks**; and blends of the best. No honest search can do that: it is an upper
  bound, the luck of many trials on few shoppers included.
- best-sellers and buy-again on the same weeks.

Everything found is kept under `build/automatic_choice/`, trial by trial: a run that was killed goes on where it was.
Remove the folder to begin anew. `--only choice`, `--only reference` and `--only table` do one part.
"""

import argparse
import importlib
import json
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from common import DATA, print_table

import endcap as ec
from endcap.config import Config
from endcap.data.demo import load_demo
from endcap.data.events import Events
from endcap.data.splits.in_order import have_order, split_in_order
from endcap.errors import ReducedModelWarning
from endcap.evaluation.protocol import Protocol
from endcap.models import MODELS
from endcap.models.parameters import parameters_of
from endcap.models.search_space import search_space
from endcap.shop import Shop, test_window
from endcap.tuning.aim import Ndcg
from endcap.tuning.attempt import TimeIsUpError, attempt
from endcap.tuning.folds import BY_CHANCE, Fold
from endcap.tuning.journal import Journal
from endcap.tuning.search import Search, search

KINDS = {
    "ms_store": "software shop",
    "retailrocket": "general merchandise",
    "ml100k": "films",
    "online_retail": "gifts",
    "taobao": "marketplace",
    "tafeng": "supermarket",
    "groceries": "groceries",
    "ml1m": "films, no times",
    "gowalla": "places, no times",
    "amazon_beauty": "cosmetics, no times",
    "amazon_book": "books, no times",
    "bol_example": "sessions",
}
NO_COLUMNS_OF_EVENTS = ("row_in_original", "fold", "split", "pos")
KEPT = Path(__file__).parents[1] / "build" / "automatic_choice"
K = 10
FIXED = Config().models
"""What a shop's settings say without being asked, such as EASE's share of the catalogue."""
SLOW = ("EASE", "SparseEASE", "SLIM", "ALS", "BPR", "WARP", "LogisticMF", "GraphFilter")
"""On large catalogues: they come last, so that a run that is cut short has the others."""
NEAR = 0.6
"""Models with at least this share of the best by defaults are searched at all, with a quarter of the trials;"""
LEADS = 0.85
"""those with at least this share of the best so far get all trials."""


def main() -> None:
    """Measure what isn't there yet, and print the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--sets", nargs="*", default=list(KINDS), choices=list(KINDS))
    options.add_argument("--minutes", type=float, default=5)
    options.add_argument("--reference-trials", type=int, default=40)
    options.add_argument("--reference-seconds", type=float, default=120, help="of processor time a model, at most")
    options.add_argument("--only", choices=["choice", "reference", "table"])
    asked = options.parse_args()
    warnings.simplefilter("ignore", ReducedModelWarning)
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in asked.sets:
        if name != "groceries" and not (DATA / name / "interactions.parquet").is_file():
            print(f"skipped: {name} is not in {DATA} (set ENDCAP_DATA)")
        elif asked.only != "table":
            if asked.only != "choice":
                Reference(name, asked.reference_trials, asked.reference_seconds).run()
            if asked.only != "reference":
                choice(name, asked.minutes)
    table(asked.sets, asked.minutes)


def events_of(name: str) -> Events:
    """Return a set as a shop would import it; ratings are taken as events of interest."""
    if name == "groceries":
        return load_demo()[0]
    table = pl.read_parquet(DATA / name / "interactions.parquet")
    return ec.read_events(table.drop("rating", *NO_COLUMNS_OF_EVENTS, strict=False))


def choice(name: str, minutes: float) -> None:
    """Train a shop of the set without options, and keep what came of it."""
    file = KEPT / "choices.jsonl"
    if any(one["set"] == name and one["minutes"] == minutes for one in lines(file)):
        return
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop.create(Path(folder) / "shop", Config(name=name))
        shop.__dict__["events"] = events_of(name)  # as an import would leave them, without a database in between
        told: list[tuple[float, str]] = []
        start = time.perf_counter()
        done = shop.train(minutes=minutes, progress=lambda what, _share: told.append((time.perf_counter(), what)))
        seconds = time.perf_counter() - start
        contest = [moment for moment, what in told if what.startswith(("first look", "measuring the choice"))]
    figures = {row["model"]: row for row in done.comparison.table.iter_rows(named=True)}
    chosen = done.choice.chosen
    keep(
        file,
        set=name,
        minutes=minutes,
        model=chosen.name,
        parameters=chosen.parameters,
        past=chosen.ndcg,
        ndcg=figures[chosen.name]["ndcg"],
        low=figures[chosen.name]["ndcg_low"],
        high=figures[chosen.name]["ndcg_high"],
        popular=figures["Popular"]["ndcg"],
        buy_again=figures["BuyAgain"]["ndcg"],
        shoppers=done.comparison.details.users,
        remarks=done.remarks,
        contest=done.choice.table().to_dicts(),
        contest_seconds=contest[-1] - contest[0],
        seconds=seconds,
    )


@dataclass
class Reference:
    """The search for the best on the newest weeks themselves."""

    name: str
    trials: int
    seconds: float

    def run(self) -> None:
        """Try every model by its defaults, search those that come near, blend the best; keep each figure."""
        self.file = KEPT / f"{self.name}.reference.jsonl"
        events = events_of(self.name)
        window = test_window(events) if have_order(events) else BY_CHANCE
        prepare = Config().prepare.arguments()
        past, newest = split_in_order(events, window)
        protocol = Protocol.of(past, window, event_weights=prepare["event_weights"])
        self.fold = Fold.of(past, newest, protocol, **prepare)
        for model in sorted(MODELS, key=SLOW.__contains__):
            if model != "Blend":
                self._measure(model, FIXED.get(model, {}), "defaults")
        best = max(one["ndcg"] or 0 for one in lines(self.file))
        for model in self._near(NEAR * best):
            self._search(model, self.trials // 4)
        best = max(one["ndcg"] or 0 for one in lines(self.file))
        for model in self._near(LEADS * best):
            self._search(model, self.trials)
        leaders = [self._best_of(model) for model in self._near(0)]
        leaders.sort(key=lambda one: -one["ndcg"])
        for size in (2, 3):
            for method in ("scores", "ranks"):
                parts = [(one["model"], one["parameters"]) for one in leaders[:size]]
                together: dict[str, object] = {"models": parts, "method": method}
                self._measure("Blend", together, f"blend of {size} by {method}")
                self._measure("Blend", {**together, "weights": [1.0] * size}, f"blend of {size} alike by {method}")

    def _measure(self, model: str, parameters: dict[str, object], stage: str) -> None:
        if any(one["model"] == model and one["stage"] == stage for one in lines(self.file)):
            return
        until = time.process_time() + 2 * self.seconds

        def check(_what: str, _share: float) -> None:
            if time.process_time() > until:
                raise TimeIsUpError(f"it takes more than {2 * self.seconds:.0f} seconds of processor time")

        done = attempt(lambda: made(model, parameters), [self.fold], Ndcg(K), check=check)
        ndcg = None if done.values is None else done.figure
        self._keep(model=model, stage=stage, ndcg=ndcg, parameters=parameters, seconds=done.seconds, note=done.note)

    def _near(self, least: float) -> list[str]:
        models = {one["model"]: 0 for one in lines(self.file) if one["model"] != "Blend" and one["ndcg"] is not None}
        return [model for model in models if self._best_of(model)["ndcg"] >= least]

    def _best_of(self, model: str) -> dict[str, object]:
        return max(
            (one for one in lines(self.file) if one["model"] == model and one["ndcg"] is not None),
            key=lambda one: one["ndcg"],
        )

    def _search(self, model: str, trials: int) -> None:
        stage = f"{trials} trials"
        if any(one["model"] == model and one["stage"] == stage for one in lines(self.file)):
            return
        cls, fixed = type(made(model, {})), FIXED.get(model, {})
        if not search_space(cls):
            return
        until = time.process_time() + self.seconds
        found = self._trials(cls, fixed, 1, None)
        while len(found.tried) < trials and (left := until - time.process_time()) > 1:
            # Wall-clock time is up sooner where the machine is shared, or the run was stopped: then it goes on.
            found = self._trials(cls, fixed, len(found.tried) + 1, left)
        best = found.best
        if best is None:
            return
        usual = parameters_of(cls())
        chosen = {key: value for key, value in {**fixed, **best.parameters}.items() if value != usual[key]}
        self._keep(model=model, stage=stage, ndcg=best.value, parameters=chosen, trials=len(found.tried))

    def _trials(self, cls: type, fixed: dict[str, object], trials: int, seconds: float | None) -> Search:
        """Go on with the search of a model, whose trials are kept, until there are so many of them."""
        journal = Journal(KEPT / f"{self.name}.{cls.__name__}.jsonl", self.name)
        return search(
            cls,
            [self.fold],
            aim=Ndcg(K),
            fixed=fixed,
            trials=trials,
            seconds=seconds,
            patience=None,
            journal=journal,
        )

    def _keep(self, **found: object) -> None:
        keep(self.file, **found)
        print(self.name, *found.values(), flush=True, file=sys.stderr)


def made(name: str, parameters: dict[str, object]) -> ec.Recommender:
    """Return an unfitted model."""
    model: ec.Recommender = getattr(importlib.import_module(MODELS[name]), name)(**parameters)
    return model


def lines(file: Path) -> list[dict[str, object]]:
    """Return what was kept; a line that a kill tore is passed over."""
    text = file.read_text() if file.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("}\n")]


def keep(file: Path, **found: object) -> None:
    """Write a line."""
    torn = file.exists() and not file.read_bytes().endswith(b"\n")
    with file.open("a") as out:
        out.write(("\n" if torn else "") + json.dumps(found, default=str) + "\n")


def table(sets: list[str], minutes: float) -> None:
    """Print what is known of each set."""
    rows = []
    for name in sets:
        mine = [one for one in lines(KEPT / "choices.jsonl") if one["set"] == name and one["minutes"] == minutes]
        others = [one for one in lines(KEPT / f"{name}.reference.jsonl") if one["ndcg"] is not None]
        if not mine or not others:
            continue
        one, best = mine[-1], max(others, key=lambda other: other["ndcg"])
        tried = sum(other.get("trials", 1) for other in others)
        rows.append(
            [
                f"{name} ({KINDS[name]})",
                str(one["shoppers"]),
                one["model"],
                f"{one['ndcg']:.4f} ({one['low']:.4f} to {one['high']:.4f})",
                f"{best['model']} {best['ndcg']:.4f}",
                str(tried),
                f"{one['ndcg'] / max(best['ndcg'], one['ndcg']):.1%}",
                f"{one['popular']:.4f}",
                f"{one['buy_again']:.4f}",
                f"{one['contest_seconds']:.0f} s",
            ]
        )
    head = [
        "set",
        "shoppers",
        "choice",
        "NDCG@10 (95 %)",
        "best of all",
        "tried",
        "share",
        "Popular",
        "BuyAgain",
        "contest",
    ]
    print_table(head, rows)


if __name__ == "__main__":
    main()
