"""What the benchmarks share: public data sets, alternating timing, tables."""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

DATA = Path(os.environ.get("ENDCAP_DATA", Path(__file__).parents[2] / "shared" / "data"))


def read(name: str, table: str = "interactions") -> pl.DataFrame:
    """Read a public data set, or end the benchmark and say that it isn't there."""
    file = DATA / name / f"{table}.parquet"
    if not file.is_file():
        skip(f"needs the public data set {name}: {file} is not there (set ENDCAP_DATA)")
    return pl.read_parquet(file)


def skip(why: str) -> None:
    print(f"skipped: {why}")
    sys.exit(0)


def train_and_test(name: str) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Read a data set that comes split as two matrices of users x items."""
    table = read(name)
    shape = tuple(int(table[c].max()) + 1 for c in ("user_id", "item_id"))

    def matrix(part: pl.DataFrame) -> sparse.csr_array:
        users, items = part["user_id"].to_numpy(), part["item_id"].to_numpy()
        made = sparse.csr_array((np.ones(len(part), np.float32), (users, items)), shape=shape)
        made.sum_duplicates()
        made.data[:] = 1
        return made

    train = table["split"] == "train"
    return matrix(table.filter(train)), matrix(table.filter(~train))


def alternate(cases: dict[str, Callable[[], Any]], runs: int = 5) -> dict[str, tuple[float, float]]:
    """Run the cases in turn, once to warm up and then `runs` times; return the median wall and CPU seconds of each."""
    wall: dict[str, list[float]] = {name: [] for name in cases}
    cpu: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(runs + 1):
        for name, case in cases.items():
            start, start_cpu = time.perf_counter(), time.process_time()
            case()
            if turn:
                wall[name].append(time.perf_counter() - start)
                cpu[name].append(time.process_time() - start_cpu)
    return {name: (statistics.median(wall[name]), statistics.median(cpu[name])) for name in cases}


def print_table(header: list[str], rows: list[list[Any]]) -> None:
    """Print rows under a header, the first column to the left, numbers with three digits that matter."""
    text = [header, *([f"{v:.3g}" if isinstance(v, float) else str(v) for v in row] for row in rows)]
    widths = [max(len(row[c]) for row in text) for c in range(len(header))]
    for row in text:
        cells = [row[0].ljust(widths[0]), *(v.rjust(w) for v, w in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells))


def recall_and_ndcg(items: np.ndarray, test: sparse.csr_array) -> tuple[float, float]:
    """Return recall and NDCG of what is recommended to every user, shape (users, k), over users with a test item."""
    n, k = items.shape
    relevant = np.diff(test.indptr)
    truth = np.repeat(np.arange(n), relevant) * test.shape[1] + test.indices
    hits = np.isin(np.arange(n)[:, None] * test.shape[1] + items, truth) & (items >= 0)
    discount = 1 / np.log2(np.arange(k) + 2)
    best = np.cumsum(discount)[np.minimum(np.maximum(relevant, 1), k) - 1]
    asked = relevant > 0
    recall = hits[asked].sum(axis=1) / relevant[asked]
    ndcg = (hits[asked] * discount).sum(axis=1) / best[asked]
    return float(recall.mean()), float(ndcg.mean())
