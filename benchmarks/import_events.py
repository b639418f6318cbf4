"""Import: CSV into SQLite against polars.read_csv and a bare insert; Parquet to Interactions against a bare scan.

    python benchmarks/import_events.py [--rows 10000000] [--cases csv,parquet] [--runs 1]

Events of 1,000,000 shoppers on 100,000 products, both with power-law popularity. Every case runs in turn in a process
of its own, so that each one's peak memory is its own; the start of Python counts for CSV alone. The large case is
`--rows 100000000 --cases parquet`.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "2")

USERS, ITEMS = 1_000_000, 100_000
BARE_IMPORT = """
import sqlite3, sys
import polars as pl
frame = pl.read_csv(sys.argv[1], try_parse_dates=True)
frame = frame.with_columns(pl.col("timestamp").cast(pl.Datetime("us")).cast(int))
store = sqlite3.connect(sys.argv[2] + "/bare.sqlite", isolation_level=None)
store.execute("PRAGMA journal_mode = WAL")
store.execute("CREATE TABLE events (user_id, item_id, event TEXT, timestamp INTEGER, quantity REAL, price REAL)")
store.execute("BEGIN")
store.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", frame.iter_rows())
store.execute("COMMIT")
"""
IMPORT = """
import sys
from pathlib import Path
from endcap.config import Config
from endcap.shop import Shop
Shop.create(Path(sys.argv[2]) / "shop", Config(name="shop"))
from endcap.cli import main
sys.argv = ["endcap", "import", sys.argv[1], "--shop", sys.argv[2] + "/shop"]
main()
"""
BARE_SCAN = """
import sys, time
import polars as pl
start = time.perf_counter()
scan = pl.scan_parquet(sys.argv[1]).group_by("user_id", "item_id").agg(pl.len(), pl.col("timestamp").max())
scan.collect(engine="streaming")
print("seconds", time.perf_counter() - start)
"""
INTERACTIONS = """
import sys, time
import endcap as ec
from endcap.data import interactions, reading
start = time.perf_counter()
ec.Interactions.from_events(ec.read_events(sys.argv[1]))
print("seconds", time.perf_counter() - start)
"""
CASES = {
    "csv": {"polars.read_csv + sqlite3 executemany": BARE_IMPORT, "endcap import": IMPORT},
    "parquet": {"polars scan + group_by": BARE_SCAN, "Interactions": INTERACTIONS},
}


def generate(file: Path, rows: int) -> None:
    """Write events a chunk at a time; the r-th shopper's share falls as r**-0.5, the r-th product's as r**-0.67."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(0)
    kinds = np.array(["view_item", "add_to_cart", "purchase"])
    prices = np.round(rng.lognormal(2.5, 1, ITEMS), 2)
    pieces = []
    for at in range(0, rows, 5_000_000):
        n = min(5_000_000, rows - at)
        items = (ITEMS * rng.random(n) ** 3).astype(np.int64)
        seconds = np.sort(rng.integers(0, 10**8 // 20, n)) + 1_600_000_000 + at
        pieces.append(file.with_suffix(f".{at}.parquet"))
        pl.DataFrame(
            {
                "user_id": (USERS * rng.random(n) ** 2).astype(np.int64),
                "item_id": items,
                "event": kinds[rng.choice(3, n, p=[0.85, 0.1, 0.05])],
                "timestamp": pl.Series(seconds * 1_000_000).cast(pl.Datetime("us")),
                "quantity": rng.geometric(0.8, n),
                "price": prices[items],
            }
        ).write_parquet(pieces[-1])
    whole = pl.scan_parquet(pieces)
    if file.suffix == ".csv":
        whole.sink_csv(file, datetime_format="%Y-%m-%d %H:%M:%S")
    else:
        whole.sink_parquet(file)
    for piece in pieces:
        piece.unlink()


def measure(code: str, file: Path) -> tuple[float, float, float]:
    """Return wall seconds (those it prints, else all), CPU seconds and peak GiB of a process of its own."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        start = time.perf_counter()
        child = subprocess.Popen([sys.executable, "-c", code, str(file), folder], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        said = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
    if status:
        sys.exit(f"failed: {code}")
    wall = float(said.split()[1]) if said.startswith("seconds") else wall
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20


def main() -> None:
    from common import print_table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--cases", default="csv,parquet")
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    for kind in options.cases.split(","):
        folder = Path(tempfile.mkdtemp(prefix="endcap-import-"))
        try:
            file = folder / f"events.{kind}"
            generate(file, options.rows)
            runs: dict[str, list[tuple[float, float, float]]] = {case: [] for case in CASES[kind]}
            for _ in range(options.runs):
                for case, code in CASES[kind].items():
                    runs[case].append(measure(code, file))
            print(f"\n{options.rows:,} rows, {file.stat().st_size / 2**20:,.0f} MiB of {kind}, {options.runs} runs")
            middle = {c: [statistics.median(column) for column in zip(*r, strict=True)] for c, r in runs.items()}
            bare = next(iter(middle.values()))[0]
            rows = [[case, *figures, figures[0] / bare] for case, figures in middle.items()]
            print_table(["case", "seconds", "CPU seconds", "peak GiB", "ratio"], rows)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
