"""Reading: Parquet to Interactions against the bare scan and group-by, CSV against polars.read_csv; time and memory.

    python benchmarks/reading.py [--rows 5000000] [--csv-rows 1000000]

Every case runs in turn in processes of its own, so that each one's peak memory is its own.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "2")

MEASURE = """
import resource, sys, time
import numpy as np, polars as pl
import endcap as ec
from endcap.data import interactions, reading  # what a program imports once is no part of the reading
path = sys.argv[1]
start, cpu = time.perf_counter(), time.process_time()
{code}
wall, cpu = time.perf_counter() - start, time.process_time() - cpu
print(wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""
CASES = {
    "Parquet: scan + group_by": 'pl.scan_parquet(path).group_by("user_id", "item_id")'
    '.agg(pl.len(), pl.col("timestamp").max()).collect(engine="streaming")',
    "Parquet: Interactions": "ec.Interactions.from_events(ec.read_events(path))",
    "CSV: polars.read_csv": "pl.read_csv(path, try_parse_dates=True)",
    "CSV: read_events": "ec.read_events(path)",
}


def generate(path: Path, rows: int, text: bool) -> None:
    """Write events with power-law users and items, a chunk at a time."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(0)
    users, items = max(rows // 20, 10), max(rows // 200, 10)
    parts = []
    for at in range(0, rows, 5_000_000):
        n = min(5_000_000, rows - at)
        seconds = rng.integers(1_600_000_000, 1_700_000_000, n)
        part = pl.DataFrame(
            {
                "user_id": (users * rng.random(n) ** 2).astype(np.int64),
                "item_id": (items * rng.random(n) ** 3).astype(np.int64),
                "timestamp": pl.Series(seconds * 1_000_000).cast(pl.Datetime("us")),
            }
        )
        piece = path.with_suffix(f".{at}.parquet")
        part.write_parquet(piece)
        parts.append(piece)
    whole = pl.scan_parquet(parts)
    if text:
        whole.sink_csv(path, datetime_format="%Y-%m-%d %H:%M:%S")
    else:
        whole.sink_parquet(path)
    for piece in parts:
        piece.unlink()


def measure(case: str, path: Path) -> tuple[float, ...]:
    code = MEASURE.format(code=CASES[case])
    made = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return tuple(float(number) for number in made.stdout.split())


def main() -> None:
    from common import print_table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--csv-rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = {"Parquet": Path(folder) / "events.parquet", "CSV": Path(folder) / "events.csv"}
        generate(files["Parquet"], options.rows, text=False)
        generate(files["CSV"], options.csv_rows, text=True)
        figures: dict[str, list[tuple[float, ...]]] = {case: [] for case in CASES}
        for _ in range(options.runs):
            for case in CASES:
                figures[case].append(measure(case, files[case.partition(":")[0]]))
    middle = {case: [statistics.median(column) for column in zip(*runs, strict=True)] for case, runs in figures.items()}
    print(f"Parquet {options.rows:,} rows, CSV {options.csv_rows:,} rows, 2 threads, medians of {options.runs}")
    rows = []
    for case, (wall, cpu, memory) in middle.items():
        peer = next(other for other in CASES if other.partition(":")[0] == case.partition(":")[0])
        rows.append([case, wall, cpu, memory, wall / middle[peer][0]])
    print_table(["case", "seconds", "CPU seconds", "peak GiB", "ratio"], rows)


if __name__ == "__main__":
    main()
